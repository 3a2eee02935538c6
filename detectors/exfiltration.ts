import type { BaselineSettings } from '../baselines/baseline.ts';
import { acquaintance, chanceOfNew, firstUse, thingsKnown } from '../baselines/familiarity.ts';
import { type Flow, flowTo } from '../baselines/flow.ts';
import { destinationKey, movesDataOut } from '../baselines/learned-event.ts';
import { DAY_MS } from '../baselines/periods.ts';
import type { Origin } from '../baselines/provenance.ts';
import { addDecayed, type Decayed, valueAt } from '../baselines/statistics/decay.ts';
import type { ChainLink, Severity } from '../baselines/verdict.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Classification, Destination } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, type View, voiced } from './detector.ts';

/**
 * Prior for the share of sessions that send to a new place, by where the place was named; worth 20 sessions. Experience, not
 * measurement: see the docs.
 */
const NEW_PLACE_P = {
  user: 0.15,
  context: 0.05,
  unknown: 0.01,
  unexplained: 0.004,
  result: 0.002,
  external: 0.0005,
} as const;
const PRIOR_SESSIONS = 20;
/** The same, as a factor, for a place that is not new. A place stays on probation for a week. */
const KNOWN_FACTOR = 150;
const YOUNG_FACTOR = 3;
const FORGOTTEN_FACTOR = 5;
const PROBATION_MS = 7 * DAY_MS;
/** Another address at a host the agent knows. */
const KNOWN_HOST_FACTOR = 3;
/** How much rarer it is that sensitive data was read before an unasked-for send. */
const SENSITIVE_FACTOR: Partial<Record<Classification, number>> = { confidential: 0.3, restricted: 0.1 };

/** Learned uses of each habit of sending to places the user did not name, decayed. */
type Habits = Map<string, Decayed>;
/** At the limit the habit longest in the map goes: it is odd again until it comes back. */
const HABITS_MAX = 128;

type Acquaintance = 'known' | 'young' | 'forgotten' | 'new';

interface Sending extends Flow {
  readonly destination: Destination;
  readonly acquaintance: Acquaintance;
  readonly p: number;
}

/**
 * Fires on data that leaves for a place the user did not name: a new destination, one that came out of a tool result, a send after
 * sensitive data was read.
 *
 * Model: beta-binomial. A prior by where the destination was first named (the user's words, history, a tool result, nowhere), lower
 * when sensitive data was read; corrected by how often this agent's sessions send that way (by the same tool, from the same source,
 * after the same data), because answering whoever wrote in is some agents' job. Milder for places the agent knows. Without content
 * it works on destinations and resources alone.
 *
 * Blind to an injected destination that takes exactly the way of the agent's daily work.
 */
export const exfiltration: Detector<Habits> = {
  name: 'exfiltration',
  tags: ['AML.T0086', 'T1567', 'T1048', 'ASI01', 'ASI02', 'LLM02'],
  init: () => new Map(),
  score(event, view, own) {
    if (!movesDataOut(event) || event.action.type === 'model_call') return undefined;
    const sendings = (event.destinations ?? []).map((place) => judge(event, view, own, place));
    const oddest = sendings.sort((a, b) => a.p - b.p)[0];
    return oddest === undefined || oddest.p >= 1 ? undefined : findingOf(event, view, oddest);
  },
  learn: learnHabits,
  encode: (own) => [...own],
  decode: (json) => new Map(json as [string, Decayed][]),
  // 128 habits of up to 175 characters, each six bytes at worst (`\u0001`), and two numbers.
  maxBytes: 144 * 1024,
  canary: { history: serviceDesk.history, probe: serviceDesk.injected('probe', 'drop@collector.example') },
};

function learnHabits(
  event: { flows: readonly string[]; timeMs: number },
  own: Habits,
  { halfLifeMs }: BaselineSettings,
): void {
  for (const habit of event.flows) {
    const known = own.get(habit);
    if (known !== undefined) addDecayed(known, 1, event.timeMs, halfLifeMs);
    else {
      if (own.size >= HABITS_MAX) own.delete(own.keys().next().value ?? '');
      own.set(habit, { value: 1, atMs: event.timeMs });
    }
  }
}

function judge(event: AuditEvent, view: View, own: Habits, destination: Destination): Sending {
  const flow = flowTo(destination, event, view.session);
  const acquaintance = acquaintanceWith(view, destination);
  const familiar = { new: 1, forgotten: FORGOTTEN_FACTOR, young: YOUNG_FACTOR, known: KNOWN_FACTOR }[acquaintance];
  const host = acquaintance === 'new' && hostIsKnown(view, destination) ? KNOWN_HOST_FACTOR : 1;
  const rate = Math.min(
    rateOf(flow, view, own),
    acquaintance === 'new' ? newcomerRate(view, NEW_PLACE_P[placeName(flow.origin)]) : 1,
  );
  return { ...flow, destination, acquaintance, p: voiced(rate * familiar * host, view) };
}

/**
 * Share of sessions that are expected to send to a new place in this way. Two levels: how often the agent sends that way at all, and,
 * starting from there, how often after data this sensitive.
 */
function rateOf({ origin, sensitivity, way, habit }: Flow, view: View, own: Habits): number {
  if (origin.kind === 'user') return NEW_PLACE_P.user;
  const used = (key: string) => valueAt(own.get(key) ?? NEVER, view.timeMs, view.settings.halfLifeMs);
  const share = (prior: number, uses: number) =>
    (PRIOR_SESSIONS * prior + uses) / (PRIOR_SESSIONS + Math.max(view.sessions, uses));
  const wayRate = share(NEW_PLACE_P[placeName(origin)], used(way));
  return share(wayRate * (SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1), used(habit));
}

const placeName = (origin: Origin): keyof typeof NEW_PLACE_P =>
  origin.kind === 'result' && origin.source.external ? 'external' : origin.kind;

/** Share of sessions that meet a new destination at all: an agent that sends all day may still never send to strangers. */
const newcomerRate = ({ baseline, timeMs, sessions }: View, prior: number): number =>
  chanceOfNew(baseline.familiar.destinations, 1, timeMs, { sessions, prior, priorSessions: PRIOR_SESSIONS });

const NEVER: Decayed = { value: 0, atMs: 0 };

function acquaintanceWith(view: View, destination: Destination): Acquaintance {
  const set = view.baseline.familiar.destinations;
  const key = destinationKey(destination);
  const known = acquaintance(set, key);
  if (known !== 'known') return known;
  const firstMs = firstUse(set, key) ?? 0;
  // In its first weeks an agent knows nobody for long.
  const onProbation = view.timeMs - firstMs < PROBATION_MS && firstMs - view.baseline.firstMs > PROBATION_MS;
  return onProbation ? 'young' : 'known';
}

function hostIsKnown(view: View, destination: Destination): boolean {
  const host = destinationHost(destination);
  return host !== undefined && acquaintance(view.baseline.familiar.hosts, host) === 'known';
}

const ORIGIN_WORDS: Record<Origin['kind'], string> = {
  user: 'was named by the user',
  context: 'stood in the history or memory of the session, not in the request',
  result: 'was not in the request',
  unexplained: 'stood neither in the request nor in any result of the session',
  unknown: 'cannot be traced, because the session carries no texts',
};

const ACQUAINTANCE_WORDS: Record<Acquaintance, string> = {
  new: 'to which this agent never sent before',
  forgotten: 'to which this agent did not send for a long time',
  young: 'to which this agent first sent within the last week',
  known: 'which this agent knows',
};

const findingOf = (event: AuditEvent, view: View, sending: Sending): Finding => ({
  subject: destinationKey(sending.destination),
  p: sending.p,
  level: 'agent',
  severity: severityOf(sending.sensitivity, sending.origin),
  explain: () => explain(event, view, sending),
});

function explain(event: AuditEvent, view: View, { destination, acquaintance, origin }: Sending): Explanation {
  const sensitive = view.session?.sensitive ?? [];
  const first =
    origin.kind === 'result'
      ? ` It first appeared in the result of ${quote(origin.source.action)} (event ${quote(origin.source.event)}).`
      : '';
  const moved = sensitive.length === 0 ? '' : ` Before that the session read ${sensitiveWords(sensitive)}.`;
  const act = event.action.type === 'send' ? 'sent' : 'passed';
  return {
    title: TITLES[origin.kind],
    why: `${quote(event.action.name)} ${act} ${bytesWords(event)} to ${quote(destination.value)}, ${ACQUAINTANCE_WORDS[acquaintance]}; the destination ${ORIGIN_WORDS[origin.kind]}.${first}${moved}`,
    measure: 'destination of data that left',
    observed: quote(destinationKey(destination)),
    expected: `one of ${thingsKnown(view.baseline.familiar.destinations)} known destinations, or one the user named`,
    bound: 'no new one',
    chain: chainOf(event, view, origin),
  };
}

const TITLES: Record<Origin['kind'], string> = {
  user: 'Data sent to an unfamiliar destination',
  context: 'Data sent to a destination that the user did not name',
  result: 'Data sent to a destination that came out of a tool result',
  unexplained: 'Data sent to a destination that the user did not name',
  unknown: 'Data sent to an unfamiliar destination',
};

function severityOf(sensitivity: Classification | undefined, origin: Origin): Severity {
  if (sensitivity === 'restricted') return 5;
  if (sensitivity === 'confidential' || origin.kind === 'result') return 4;
  return 3;
}

function chainOf(event: AuditEvent, view: View, origin: Origin): ChainLink[] {
  const source = origin.kind === 'result' ? [link(origin.source.event, 'result that named the destination')] : [];
  const reads = (view.session?.sensitive ?? [])
    .slice(-4)
    .map((read) => link(read.event, `read ${read.classification} data`));
  return [...source, ...reads, link(event.id, 'the send')];
}

const bytesWords = (event: AuditEvent): string => {
  const sent = event.data?.bytes_sent;
  return sent === undefined ? 'data' : `${sent} bytes`;
};

function sensitiveWords(reads: readonly { resource: string; classification: Classification; rows: number }[]): string {
  const shown = reads
    .slice(-2)
    .map(({ resource, classification, rows }) => `${rows} rows of ${classification} ${quote(resource)}`);
  return shown.join(' and ') + (reads.length > 2 ? ` and ${reads.length - 2} more` : '');
}
