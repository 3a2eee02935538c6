import { thingsKnown } from '../baselines/familiarity.ts';
import type { Origin } from '../baselines/provenance.ts';
import type { ChainLink } from '../baselines/verdict.ts';
import type { AuditEvent, Classification } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import type { ActEvidence } from './act-evidence.ts';
import { countWords, grouped } from './amount-words.ts';
import { type Carried, copyShare } from './carried.ts';
import { type Explanation, link, type View } from './detector.ts';
import type { Acquaintance } from './flow-odds.ts';
import { resemblanceWords } from './lookalike.ts';
import { askingResult, askingWords } from './who-asked.ts';

/** What is told of a send. */
export interface Told {
  /** Destination or address. */
  readonly place: string;
  /** Undefined for an address that stands in what is sent. */
  readonly acquaintance: Acquaintance | undefined;
  readonly origin: Origin;
  readonly act: ActEvidence | undefined;
  readonly carried: Carried | undefined;
  /** A known domain that the place passes itself off as. */
  readonly resembled: string | undefined;
}

const ORIGIN_WORDS: Record<Origin['kind'], string> = {
  user: 'was named by the user',
  context: 'stood in the history or memory of the session, not in the request',
  result: 'was not in the request',
  unexplained: 'stood neither in the request nor in any result of the session',
  unknown: 'cannot be traced, because the session carries no texts',
};

const ACQUAINTANCE_WORDS: Record<Acquaintance, string> = {
  new: ', to which this agent never sent before',
  forgotten: ', to which this agent did not send for a long time',
  young: ', to which this agent first sent within the last week',
  known: ', which this agent knows',
};

export function explainSending(
  event: AuditEvent,
  view: View,
  { place, acquaintance, origin, act, carried, resembled }: Told,
): Explanation {
  const sensitive = view.session?.sensitive ?? [];
  const first =
    origin.kind === 'result'
      ? ` It first appeared in the result of ${quote(origin.source.action)} (event ${quote(origin.source.event)}).`
      : '';
  const moved = sensitive.length === 0 ? '' : ` Before that the session read ${sensitiveWords(sensitive)}.`;
  const verb = event.action.type === 'send' ? 'sent' : 'passed';
  const where = acquaintance === undefined ? ` with the address ${quote(place)}` : ` to ${quote(place)}`;
  const known = acquaintance === undefined ? '' : ACQUAINTANCE_WORDS[acquaintance];
  const noun = acquaintance === undefined ? 'address' : 'destination';
  return {
    title: resembled === undefined ? TITLES[origin.kind] : 'Data sent to a look-alike of a known place',
    why: `${quote(event.action.name)} ${verb} ${bytesWords(event)}${where}${known}; the ${noun} ${ORIGIN_WORDS[origin.kind]}.${resemblanceWords(place, resembled)}${first}${askingWords(event, act)}${moved}${carriedWords(carried)}`,
    measure: 'destination of data that left',
    observed: quote(place),
    expected: `one of ${thingsKnown(view.baseline.familiar.destinations)} known destinations, or one the user named`,
    bound: 'no new one',
    chain: chainOf(event, view, { origin, act, carried }),
  };
}

const TITLES: Record<Origin['kind'], string> = {
  user: 'Data sent to an unfamiliar destination',
  context: 'Data sent to a destination that the user did not name',
  result: 'Data sent to a destination that came out of a tool result',
  unexplained: 'Data sent to a destination that the user did not name',
  unknown: 'Data sent to an unfamiliar destination',
};

function carriedWords(carried: Carried | undefined): string {
  if (carried === undefined || copyShare(carried) === 0) return '';
  const { event, action } = carried.source;
  return ` It carries ${carried.tokens === 1 ? 'one word or number' : `${grouped(carried.tokens)} words and numbers`} of what the session had read, above all of the result of ${quote(action)} (event ${quote(event)}).`;
}

function chainOf(
  event: AuditEvent,
  view: View,
  { origin, act, carried }: Pick<Told, 'origin' | 'act' | 'carried'>,
): ChainLink[] {
  const named = origin.kind === 'result' ? origin.source.event : undefined;
  const asking = act && askingResult(act)?.source.event;
  const reads = (view.session?.sensitive ?? [])
    .slice(-4)
    .map((read) => link(read.event, `read ${read.classification} data`));
  const sent = copyShare(carried) > 0 ? carried?.source.event : undefined;
  const links = [
    ...(named === undefined ? [] : [link(named, 'result that named the destination')]),
    ...(asking === undefined || asking === named ? [] : [link(asking, 'result that speaks of the act')]),
    ...reads,
  ];
  const isTold = links.some(({ event: told }) => told === sent);
  return [
    ...links,
    ...(sent === undefined || isTold ? [] : [link(sent, 'result that is sent')]),
    link(event.id, 'the send'),
  ];
}

const bytesWords = (event: AuditEvent): string => {
  const sent = event.data?.bytes_sent;
  return sent === undefined ? 'data' : countWords(sent, 'bytes');
};

function sensitiveWords(reads: readonly { resource: string; classification: Classification; rows: number }[]): string {
  const shown = reads.slice(-2).map(({ resource, classification, rows }) => {
    // A read that tells no number of rows is still one.
    const amount = rows === 0 ? '' : `${countWords(rows, 'rows')} of `;
    return `${amount}${classification} ${quote(resource)}`;
  });
  return shown.join(' and ') + (reads.length > 2 ? ` and ${reads.length - 2} more` : '');
}
