import { argumentStrings } from '../ingest/argument-strings.ts';
import type { AuditEvent, Destination } from '../ingest/event.ts';
import { readTokens, SCHEMES, stemsOf, tokensOf, ungrouped } from './tokens.ts';

/** One value that an act was given, or a destination of it. */
export interface ActValue {
  readonly text: string;
  /** Hashes of its tokens, without the scheme of a URL. */
  readonly tokens: readonly number[];
  /** Of a number that is written in groups, the token that it is without the blanks. */
  readonly ungrouped: number | undefined;
  /** Those among them that look like a place or a person in a network. */
  readonly addresses: readonly number[];
  /** Stems of the words that tell it from others: not the endings of host names, not the names of mail providers. */
  readonly words: readonly number[];
}

/** What an act was told to do it to: its destinations, its short arguments (names, ids, amounts), and its texts. */
export interface ActValues {
  readonly destinations: readonly ActValue[];
  readonly targets: readonly ActValue[];
  readonly texts: readonly ActValue[];
}

/** A longer argument is a text: what is said, not to whom or about what. */
const TARGET_TOKENS_MAX = 6;
/** Of one value. */
const TOKENS_MAX = 4096;

/**
 * Kept as long as the event is: it is asked for twice, to score the act and to learn from it, and an event never changes once it has been
 * normalised.
 */
export function valuesOf(event: AuditEvent): ActValues {
  if (event.destinations === undefined && event.content?.arguments === undefined) return NO_VALUES;
  const known = VALUES.get(event);
  if (known !== undefined) return known;
  const values = readValues(event);
  VALUES.set(event, values);
  return values;
}

const VALUES = new WeakMap<AuditEvent, ActValues>();
const NO_VALUES: ActValues = { destinations: [], targets: [], texts: [] };

function readValues(event: AuditEvent): ActValues {
  const destinations = (event.destinations ?? []).map((destination) =>
    readValue(destination.value, placeOf(destination)),
  );
  const places = new Set(destinations.map(({ text }) => text));
  const given = argumentStrings(event.content?.arguments ?? '').filter((text) => !places.has(text));
  const values = [...new Set(given)].map((text) => readValue(text)).filter(({ tokens }) => tokens.length > 0);
  return {
    destinations,
    targets: values.filter(({ tokens }) => tokens.length <= TARGET_TOKENS_MAX),
    texts: values.filter(({ tokens }) => tokens.length > TARGET_TOKENS_MAX),
  };
}

/** That a host is one need not be seen by its ending. */
const placeOf = ({ kind, value }: Destination): string => (kind === 'host' ? `://${value}` : value);

/** @param reading as what it is read, where that is more than the text says */
function readValue(text: string, reading = text): ActValue {
  const read = readTokens(reading, true);
  const tokens: number[] = [];
  const addresses: number[] = [];
  const words: number[] = [];
  for (let i = 0; i < read.tokenCount && tokens.length < TOKENS_MAX; i++) {
    const hash = (read.tokens[i] ?? 0) >>> 0;
    if (SCHEMES.has(hash)) continue;
    tokens.push(hash);
    if (read.addresses[i] === 1) addresses.push(hash);
  }
  for (let i = 0; i < read.wordCount && words.length < TOKENS_MAX; i++) {
    const stem = (read.stems[i] ?? 0) >>> 0;
    if ((read.wordLengths[i] ?? 0) >= WORD_CHARS_MIN && !COMMON.has(stem)) words.push(stem);
  }
  return { text, tokens, ungrouped: ungrouped(text), addresses, words };
}

/**
 * Who names one of these means the place too, as tokens: of a mailbox its host, unless it is a mail provider's, where anybody may have one; of a host
 * or a page the domains above it, because the pages of one host may be many people's.
 */
export function domainsOf(text: string): readonly number[] {
  const { mail, web } = PLACE.exec(text)?.groups ?? {};
  const labels = web?.split('.') ?? [];
  const domains = mail === undefined ? labels.slice(1, -1).map((_, i) => labels.slice(i + 1).join('.')) : [mail];
  return domains.filter((domain) => !isProviders(domain)).flatMap(tokensOf);
}

const PLACE =
  /^(?:[^@\s]{1,64}@(?<mail>[^@\s/:]{1,255})$|(?:[a-z]+:\/\/)?(?<web>(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63})(?:[:/?#]|$))/i;

const isProviders = (domain: string): boolean => [...stemsOf(domain)].every((stem) => COMMON.has(stem));

const WORD_CHARS_MIN = 2;
const COMMON_WORDS = 'com org net io co edu gov www http https ftp mailto mail email gmail outlook yahoo html htm php';
const COMMON = stemsOf(COMMON_WORDS);

/** Tokens of an act's destinations and targets that the baseline remembers, so that they are not new a second time. */
export function rememberedTokens({ destinations, targets }: ActValues): readonly number[] {
  if (destinations.length + targets.length === 0) return NO_TOKENS;
  const tokens = new Set<number>();
  for (const { tokens: own } of [...destinations, ...targets]) for (const token of own) tokens.add(token);
  // By way of numbers, since a list of what was in a set has an object for each; and cut to length, since one that grew has room behind.
  return Array.from(Uint32Array.from(tokens)).slice(0, REMEMBERED_MAX);
}

const NO_TOKENS: readonly number[] = [];
/** Of one event. */
const REMEMBERED_MAX = 48;
