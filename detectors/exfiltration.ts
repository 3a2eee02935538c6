import { DAY_MS } from '../baselines/baseline.ts';
import { destinationKey } from '../baselines/learned-event.ts';
import { type Origin, originOf } from '../baselines/provenance.ts';
import { movesDataOut } from '../baselines/session-state.ts';
import { familiarity, recall } from '../baselines/statistics/familiar-set.ts';
import type { ChainLink, Severity } from '../baselines/verdict.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { AuditEvent, Classification, Destination } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Finding, link, noSlot, type View, voiced } from './detector.ts';

/** Prior of sending to a new place in one session, by where the place was named; experience, not measurement: see the docs. */
const NEW_PLACE_P = {
  user: 0.15,
  context: 0.05,
  unknown: 0.01,
  unexplained: 0.004,
  result: 0.002,
  external: 0.0005,
} as const;
/** The same, as a factor, for a place that is not new. A place stays on probation for a week. */
const KNOWN_FACTOR = 150;
const YOUNG_FACTOR = 3;
const FORGOTTEN_FACTOR = 5;
const PROBATION_MS = 7 * DAY_MS;
/** Another address at a host the agent knows. */
const KNOWN_HOST_FACTOR = 3;
/** How much rarer it is that sensitive data was read before an unasked-for send. */
const SENSITIVE_FACTOR: Partial<Record<Classification, number>> = { confidential: 0.2, restricted: 0.05 };

type Acquaintance = 'known' | 'young' | 'forgotten' | 'new';

interface Flow {
  readonly destination: Destination;
  readonly acquaintance: Acquaintance;
  readonly origin: Origin;
  readonly p: number;
}

/**
 * Fires on data that leaves for a place the user did not name: a new destination, one that came out of a tool result, a send after
 * sensitive data was read.
 *
 * Model: a fixed prior by where the destination was first named (the user's words, history, a tool result, nowhere), how well the
 * agent knows it, and the most sensitive data its session has read; the agent's own record then corrects it (calibration).
 * Without content it works on destinations and resources alone.
 */
export const exfiltration: Detector<null> = {
  name: 'exfiltration',
  tags: ['AML.T0086', 'T1567', 'T1048', 'ASI01', 'ASI02', 'LLM02'],
  ...noSlot,
  score(event, view) {
    if (!movesDataOut(event) || event.action.type === 'model_call') return undefined;
    const oddest = (event.destinations ?? []).map((place) => judge(event, view, place)).sort((a, b) => a.p - b.p)[0];
    return oddest === undefined || oddest.p >= 1 ? undefined : explain(event, view, oddest);
  },
  canary: { history: serviceDesk.history, probe: serviceDesk.injected('probe', 'drop@collector.example') },
};

function judge(event: AuditEvent, view: View, destination: Destination): Flow {
  const acquaintance = acquaintanceWith(view, destination);
  const origin =
    view.session === undefined
      ? originWithoutSession(event)
      : originOf(view.session.provenance, destination.value, event);
  const named = origin.kind === 'result' && origin.source.external ? 'external' : origin.kind;
  const familiar = { new: 1, forgotten: FORGOTTEN_FACTOR, young: YOUNG_FACTOR, known: KNOWN_FACTOR }[acquaintance];
  const host = acquaintance === 'new' && hostIsKnown(view, destination) ? KNOWN_HOST_FACTOR : 1;
  // Whom the user named may get what the user asked for; sensitivity only weighs on places nobody asked for.
  const weight = origin.kind === 'user' ? 1 : (SENSITIVE_FACTOR[sensitivityOf(event, view) ?? 'public'] ?? 1);
  return { destination, acquaintance, origin, p: voiced(NEW_PLACE_P[named] * familiar * host * weight, view) };
}

const originWithoutSession = (event: AuditEvent): Origin => ({
  kind: event.content?.prompt === undefined ? 'unknown' : 'unexplained',
});

function acquaintanceWith(view: View, destination: Destination): Acquaintance {
  const set = view.baseline.familiar.destinations;
  const key = destinationKey(destination);
  const known = familiarity(set, key);
  if (known !== 'known') return known;
  const firstMs = recall(set, key)?.firstMs ?? 0;
  // In its first weeks an agent knows nobody for long.
  const onProbation = view.timeMs - firstMs < PROBATION_MS && firstMs - view.baseline.firstMs > PROBATION_MS;
  return onProbation ? 'young' : 'known';
}

function hostIsKnown(view: View, destination: Destination): boolean {
  const host = destinationHost(destination);
  return host !== undefined && familiarity(view.baseline.familiar.hosts, host) === 'known';
}

function sensitivityOf(event: AuditEvent, view: View): Classification | undefined {
  const classes = [...(view.session?.sensitive ?? []), ...(event.resources ?? [])].map(
    ({ classification }) => classification,
  );
  return classes.includes('restricted') ? 'restricted' : classes.includes('confidential') ? 'confidential' : undefined;
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

function explain(event: AuditEvent, view: View, flow: Flow): Finding {
  const { destination, acquaintance, origin } = flow;
  const sensitive = view.session?.sensitive ?? [];
  const first =
    origin.kind === 'result'
      ? ` It first appeared in the result of ${quote(origin.source.action)} (event ${quote(origin.source.event)}).`
      : '';
  const moved = sensitive.length === 0 ? '' : ` Before that the session read ${sensitiveWords(sensitive)}.`;
  return {
    subject: destinationKey(destination),
    title: TITLES[origin.kind],
    why: `${quote(event.action.name)} sent ${bytesWords(event)} to ${quote(destination.value)}, ${ACQUAINTANCE_WORDS[acquaintance]}; the destination ${ORIGIN_WORDS[origin.kind]}.${first}${moved}`,
    p: flow.p,
    severity: severityOf(event, view, origin),
    reason: {
      measure: 'destination of data that left',
      observed: quote(destinationKey(destination)),
      expected: `one of ${view.baseline.familiar.destinations.items.size} known destinations, or one the user named`,
      bound: 0,
      level: 'prior',
      chain: chainOf(event, view, origin),
    },
  };
}

const TITLES: Record<Origin['kind'], string> = {
  user: 'Data sent to an unfamiliar destination',
  context: 'Data sent to a destination that the user did not name',
  result: 'Data sent to a destination that came out of a tool result',
  unexplained: 'Data sent to a destination that the user did not name',
  unknown: 'Data sent to an unfamiliar destination',
};

function severityOf(event: AuditEvent, view: View, origin: Origin): Severity {
  const sensitivity = sensitivityOf(event, view);
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
