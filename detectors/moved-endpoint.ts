import { getDomain } from 'tldts';
import type { Baseline } from '../baselines/baseline.ts';
import { acquaintance, namesKnown } from '../baselines/familiarity.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import type { WaitingAct, WaitingEvents } from '../baselines/waiting-events.ts';
import { AS_A_HOST } from './lookalike.ts';

/**
 * Where an endpoint may have moved from: the address at which the agent knows the same tool, if the new one is its kin.
 *
 * Model: services move as a whole, a night for all, and keep what they are called: the tool, the path, and the name of the host or server but
 * for a part that says which of several it is. So an endpoint is a *moved* one when
 * - the agent has learned the tool;
 * - it has learned an endpoint with the same path (`host/path`) or the same tool (`server.tool`) at a place that is kin;
 * - and its session has not gone back to that one since it first used the new one: what stays in use has not moved.
 *
 * Hosts are kin when they share the domain they are registered under (publicsuffix.org, by `tldts`), and below it a word, or one lies below the
 * other: whoever names the one has a say in the other. Names without dots are kin when the words of one are all words of the other. Numbers and versions do not count.
 *
 * Fails where strangers share a domain (hosting that is on no list) and an attacker takes a name with the same words in it, and for a server that is installed under
 * such a name: it then passes for the old one until both are used in one session. Fails, the other way, for moves to another domain. O(endpoints
 * the agent knows), only for endpoints it does not.
 */
export function movedFrom(
  { endpoint, tool }: WaitingAct,
  baseline: Readonly<Baseline>,
  pending?: WaitingEvents,
): string | undefined {
  const { familiar } = baseline;
  if (acquaintance(familiar.tools, tool) !== 'known') return undefined;
  const address = addressOf(endpoint, tool);
  if (address === undefined) return undefined;
  const { what } = address;
  const sought = nameOf(address.place);
  for (const known of namesKnown(familiar.endpoints)) {
    if (!known.endsWith(what)) continue;
    const place = known.slice(0, known.length - what.length);
    if (isKin(sought, place) && !wentBack(pending, endpoint, known)) return known;
  }
  return undefined;
}

/**
 * The place of a new endpoint, if the agent has learned none there: a service that is new as a whole is one thing to look at, however many of its
 * endpoints are used. Undefined for one without a place. O(endpoints the agent knows), only for endpoints it does not.
 */
export function newPlaceOf(
  { endpoint, tool }: WaitingAct,
  { familiar: { endpoints } }: Readonly<Baseline>,
): string | undefined {
  if (acquaintance(endpoints, endpoint) !== 'new') return undefined;
  const place = addressOf(endpoint, tool)?.place;
  if (place === undefined) return undefined;
  for (const known of namesKnown(endpoints)) {
    const next = known.startsWith(place) ? known[place.length] : undefined;
    if (next === '/' || next === '.') return undefined;
  }
  return place;
}

interface Address {
  readonly place: string;
  /** `/path`, or `.tool`. */
  readonly what: string;
}

/** Undefined for an endpoint that is the tool's name alone: it has no place. */
function addressOf(endpoint: string, tool: string): Address | undefined {
  const slash = endpoint.indexOf('/');
  if (slash > 0) return { place: endpoint.slice(0, slash), what: endpoint.slice(slash) };
  const what = `.${tool}`;
  return endpoint.endsWith(what) && endpoint.length > what.length
    ? { place: endpoint.slice(0, -what.length), what }
    : undefined;
}

/** The session used `from` again after `to`. */
function wentBack(pending: WaitingEvents | undefined, to: string, from: string): boolean {
  const key = boundedKey(to);
  let hasGone = false;
  let isBack = false;
  pending?.eachAct(0, ({ endpoint }) => {
    hasGone ||= endpoint === key;
    isBack = hasGone && endpoint === from;
    return !isBack;
  });
  return isBack;
}

/** The name of a place, taken apart once: it is compared with all that the agent knows. */
interface Name {
  readonly text: string;
  /** Of a host: the part it is registered under. Undefined for a name without dots. */
  readonly domain: string | undefined;
  /** Of the whole name; of a host: of what stands before the domain. */
  readonly words: readonly string[];
}

function nameOf(text: string): Name {
  if (!text.includes('.')) return { text, domain: undefined, words: wordsOf(text) };
  const host = text.replace(PORT, '');
  const domain = getDomain(host, AS_A_HOST);
  // An address of numbers, and a registry's own name, are registered under nothing.
  const cut = domain !== null && host.toLowerCase().endsWith(domain) ? host.length - domain.length : 0;
  return { text, domain: text.slice(cut), words: wordsOf(text.slice(0, cut)) };
}

/** Stays with the domain: another one is another service. */
const PORT = /:\d+$/;

/** One with dots and one without are none: "llm.collector.test" may be anybody's, whoever "llm" is. */
function isKin(name: Name, place: string): boolean {
  if (name.domain !== undefined) return isKinHost(name.text, name.domain, name.words, place);
  return !place.includes('.') && areKinServers(name.words, wordsOf(place));
}

function isKinHost(text: string, domain: string, words: readonly string[], place: string): boolean {
  const below = place.length - domain.length;
  if (!place.endsWith(domain) || (below > 0 && place[below - 1] !== '.')) return false;
  if (text.endsWith(`.${place}`) || place.endsWith(`.${text}`)) return true;
  const before = place.slice(0, below).toLowerCase();
  return words.some((word) => before.includes(word) && wordsOf(before).includes(word));
}

function areKinServers(one: readonly string[], other: readonly string[]): boolean {
  const [few, many] = one.length <= other.length ? [one, other] : [other, one];
  return few.length > 0 && few.every((word) => many.includes(word));
}

/** Lower case; versions and numbers of instances left out. */
const wordsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(SEPARATORS)
    .filter((word) => word !== '' && !NUMBER.test(word));

const SEPARATORS = /[\s._:@+-]+/;
const NUMBER = /^v?\d+$/;
