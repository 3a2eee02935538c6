import { isToldMoreThanItAnswers, UNSAID } from './acting-call.ts';
import { argumentStrings } from './argument-strings.ts';
import type { AuditEvent, Destination } from './event.ts';

/**
 * Where a call says that data goes, for forwarders that tell no destinations (docs/adr/0032): mailboxes and URLs that make up an argument, and
 * whatever address stands in what is executed. Of a read only URLs with a query: who is asked for a page hears nothing but that, and a person who
 * is looked up hears nothing at all. Each place once, in the order in which they stand there; spelled as they stand there.
 */
export function placesInArguments(call: Call): Destination[] {
  const { action, content } = call;
  const text = content?.arguments?.slice(0, CHARS_MAX);
  if (text === undefined || action.type === 'model_call') return [];
  const isCommand = action.type === 'execute';
  if (!isCommand && !text.includes('@') && !text.includes('://')) return [];
  const find = isCommand ? placesInCommand : placesThatAre;
  const isHeard = isCommand || !isRead(call) ? () => true : isAsked;
  const found = new Map<string, Destination>();
  for (const place of argumentStrings(text).flatMap(find)) {
    if (found.size >= PLACES_MAX) break;
    if (isHeard(place)) found.set(`${place.kind}:${place.value}`, place);
  }
  return [...found.values()];
}

type Call = Pick<AuditEvent, 'action' | 'content' | 'data' | 'outcome'>;

/** Of the arguments; what stands behind is not looked at. */
const CHARS_MAX = 8192;
/** Further places of one call are not named. */
const PLACES_MAX = 16;

const isAsked = ({ kind, value }: Destination): boolean => kind === 'url' && value.includes('?');

const isRead = (call: Call): boolean =>
  call.action.type === 'data_read' || (UNSAID.has(call.action.type) && !isToldMoreThanItAnswers(call));

/** A list of mailboxes is what mail programs take for several recipients; a URL may hold what parts them. */
function placesThatAre(text: string): Destination[] {
  const alone = placeThatIs(text.trim());
  if (alone !== undefined) return [alone];
  const places = text.split(/[,;]/).map((part) => placeThatIs(part.trim()));
  return places.every((place) => place !== undefined) ? places : [];
}

function placeThatIs(text: string): Destination | undefined {
  if (URL_ALONE.test(text)) return isHere(text) ? undefined : { kind: 'url', value: text };
  return MAILBOX_ALONE.test(text) ? { kind: 'email', value: text } : undefined;
}

const NAME = String.raw`(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.){1,8}[a-z][a-z0-9-]{1,62}`;
const MAILBOX = String.raw`[\w.+%-]{1,64}@${NAME}`;
const URL_ALONE = /^[a-z][a-z0-9+.-]{1,15}:\/\/\S+$/i;
const MAILBOX_ALONE = new RegExp(`^(?:[^<>"@]{0,64}<${MAILBOX}>|(?:mailto:)?${MAILBOX})$`, 'i');

/**
 * A command line: URLs, `user@host`, and hosts that programs of the network are told by name alone. A bare name with a dot says nothing by itself:
 * most of them are files.
 */
function placesInCommand(line: string): Destination[] {
  const places: Destination[] = [];
  for (const { groups } of line.matchAll(ADDRESS)) {
    const { url, mailbox, host, remote } = groups ?? {};
    const place: Destination =
      url !== undefined
        ? { kind: 'url', value: url.replace(/[.,:]+$/, '') }
        : remote === undefined
          ? { kind: 'email', value: mailbox ?? '' }
          : { kind: 'host', value: host ?? '' };
    if (!isHere(place.value)) places.push(place);
  }
  for (const command of line.split(/[|;&()`\n]+/)) places.push(...hostsTold(command.match(/[^\s'"<>]+/g) ?? []));
  return places;
}

/** What a shell, a quote or a template would end is no part of a URL. */
const ADDRESS = new RegExp(
  String.raw`(?<url>\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s'"\\\x60|;<>(){}$]+)|\b(?<mailbox>[\w.+%-]{1,64}@(?<host>${NAME}))(?<remote>:)?`,
  'gi',
);

function hostsTold(words: readonly string[]): Destination[] {
  const program = words.find((word) => CONNECTING.has(word) || FETCHING.has(word));
  if (program === undefined) return [];
  const isHost = CONNECTING.has(program) ? HOST : PAGE;
  return words.filter((word) => isHost.test(word)).map((word) => ({ kind: 'host', value: word.replace(/\/.*$/, '') }));
}

const CONNECTING: ReadonlySet<string> = new Set(
  'dig nslookup host ping traceroute whois ssh sftp telnet ftp nc ncat netcat'.split(' '),
);
/** These also name the file that they write. */
const FETCHING: ReadonlySet<string> = new Set(['curl', 'wget']);
const HOST = new RegExp(`^${NAME}\\.?$`, 'i');
const PAGE = new RegExp(`^${NAME}/`, 'i');

/** The machine itself is nowhere that data goes, and a local file neither. */
const isHere = (place: string): boolean => HERE.test(place);
const HERE =
  /^file:|^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?(?:localhost|127(?:\.\d+){1,3}|0\.0\.0\.0|\[::1\])(?:[:/?#]|$)/i;
