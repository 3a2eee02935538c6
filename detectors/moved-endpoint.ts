import type { Baseline } from '../baselines/baseline.ts';
import { acquaintance, namesKnown } from '../baselines/familiarity.ts';
import type { LearnedEvent } from '../baselines/learned-event.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';

/**
 * Where an endpoint may have moved from: the address at which the agent knows the same tool, if the new one is its kin.
 *
 * Model: services move as a whole, a night for all, and keep what they are called: the tool, the path, and the name of the host or server but
 * for a part that says which of several it is. So an endpoint is a *moved* one when
 * - the agent has learned the tool;
 * - it has learned an endpoint with the same path (`host/path`) or the same tool (`server.tool`) at a place that is kin;
 * - and its session has not gone back to that one since it first used the new one: what stays in use has not moved.
 *
 * Hosts are kin when they share the domain they are registered under, and below it a word, or one lies below the other: whoever names the one
 * has a say in the other. Servers are kin when the words of one are all words of the other; numbers do not count.
 *
 * Fails where strangers share a domain (hosting) and an attacker takes a name with the same words in it, and for a server that is installed under
 * such a name: it then passes for the old one until both are used in one session. Fails, the other way, for moves to another domain. O(endpoints
 * the agent knows), only for endpoints it does not.
 */
export function movedFrom(
  { endpoint, tool }: Pick<LearnedEvent, 'endpoint' | 'tool'>,
  baseline: Readonly<Baseline>,
  pending: readonly LearnedEvent[],
): string | undefined {
  const { familiar } = baseline;
  if (acquaintance(familiar.tools, tool) !== 'known') return undefined;
  const address = addressOf(endpoint, tool);
  if (address === undefined) return undefined;
  for (const known of namesKnown(familiar.endpoints)) {
    if (!known.endsWith(address.what)) continue;
    const place = known.slice(0, known.length - address.what.length);
    if (isKin(address.place, place) && !wentBack(pending, endpoint, known)) return known;
  }
  return undefined;
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
function wentBack(pending: readonly LearnedEvent[], to: string, from: string): boolean {
  const key = boundedKey(to);
  const first = pending.findIndex(({ endpoint }) => endpoint === key);
  return first >= 0 && pending.slice(first).some(({ endpoint }) => endpoint === from);
}

const isKin = (one: string, other: string): boolean =>
  one.includes('.') && other.includes('.') ? areKinHosts(one, other) : areKinServers(one, other);

function areKinHosts(one: string, other: string): boolean {
  if (one.endsWith(`.${other}`) || other.endsWith(`.${one}`)) return true;
  const [a, b] = [splitHost(one), splitHost(other)];
  if (a.domain !== b.domain) return false;
  const words = wordsOf(a.below);
  return wordsOf(b.below).some((word) => words.includes(word));
}

/** Two labels, or three where the second is as short as that of a country's own registry ("co.uk"). */
function splitHost(host: string): { readonly domain: string; readonly below: string } {
  const labels = host.split('.');
  const kept = (labels.at(-2)?.length ?? 0) <= SHORT_LABEL ? 3 : 2;
  return { domain: labels.slice(-kept).join('.'), below: labels.slice(0, -kept).join('.') };
}

const SHORT_LABEL = 3;

function areKinServers(one: string, other: string): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)];
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  return few.length > 0 && few.every((word) => many.includes(word));
}

/** Lower case; versions and numbers of instances left out. */
const wordsOf = (name: string): string[] =>
  name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !/^v?\d+$/.test(word));
