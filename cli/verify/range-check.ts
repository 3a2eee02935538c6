/**
 * Proves for a stretch of the log that nothing is missing that follows from it: a row for every position, and for every verdict its hits,
 * changes, dead letters and deliveries. One small query after the other, a lot of positions at a time, so that it costs the same memory
 * for any length. What follows from a verdict that is stored can be written again; rows cannot.
 */
import type { DeliveryRecords } from '../../alerts/delivery-store.ts';
import type { HitStore } from '../../alerts/hit-store.ts';
import type { Playbook } from '../../alerts/playbook.ts';
import { PARTS, type Part, type RangeFinding, type RangeReport } from '../../api/schemas/verify.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { DEAD_LETTER_CODES, type DeadLetter } from '../../ingest/dead-letter.ts';
import { lettersOf, noticesOf, placedChange, placedHits } from '../outcomes.ts';
import { unjudged } from '../pipeline.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import { type DueDeliveries, dueDeliveries, nothingSent } from './due-deliveries.ts';
import type { LetterRow, LogRows, Positions } from './log-rows.ts';
import type { StoredOutcomes } from './stored-outcomes.ts';
import type { TopicLook } from './topic-look.ts';

export interface RangeCheckDeps {
  readonly rows: LogRows;
  readonly outcomes: StoredOutcomes;
  readonly deliveries: DeliveryRecords;
  readonly playbooks: readonly Playbook[];
  /** Absent: the log is in the store, and what has no row is gone. */
  readonly topic?: TopicLook | undefined;
  /** Days after which a dead letter expires. */
  readonly letterTtlMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly stop: AbortSignal;
  /** Absent: nothing is written. */
  readonly repair?: RangeRepair | undefined;
  /** How long to leave the store alone between two lots. */
  readonly pauseMs: number;
  /** Positions looked at together; `LOT_POSITIONS` when absent. */
  readonly lotPositions?: number | undefined;
}

export interface RangeRepair {
  readonly hits: HitStore;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  /** Has what is due sent; absent where nobody sends from. */
  readonly send?: (() => Promise<unknown>) | undefined;
}

/** Positions looked at together: as many as a worker takes in hand at a time. */
export const LOT_POSITIONS = 2_000;
/** Findings beyond this are counted only. */
const FINDINGS_MAX = 200;
/** What is not there yet may be under way: rows are stored first, what follows from them after. */
const SETTLE_MS = 3_000;

export async function checkStretch(stretch: Positions, deps: RangeCheckDeps): Promise<RangeReport> {
  const report = emptyReport([stretch]);
  const { lotPositions = LOT_POSITIONS } = deps;
  const settled = await deps.rows.checkpoint(stretch.partition);
  for (let first = stretch.first; first <= stretch.last; first += lotPositions) {
    deps.stop.throwIfAborted();
    const lot = { ...stretch, first, last: Math.min(stretch.last, first + lotPositions - 1) };
    await checkLot(lot, report, lot.last <= settled, deps);
    report.positions += lot.last - lot.first + 1;
    if (lot.last < stretch.last) await deps.sleep(deps.pauseMs, deps.stop);
  }
  return report;
}

export const emptyReport = (stretches: readonly Positions[]): RangeReport => ({
  stretches: [...stretches],
  positions: 0,
  no_record: 0,
  waiting: 0,
  parts: Object.fromEntries(
    PARTS.map((part) => [part, { expected: 0, missing: 0, repaired: 0 }]),
  ) as RangeReport['parts'],
  not_sent: nothingSent(),
  findings: [],
  notes: [],
});

/** Adds what another stretch has brought. */
export function addReport(sum: RangeReport, one: RangeReport): void {
  sum.stretches.push(...one.stretches);
  sum.positions += one.positions;
  sum.no_record += one.no_record;
  sum.waiting += one.waiting;
  for (const part of PARTS) {
    sum.parts[part].expected += one.parts[part].expected;
    sum.parts[part].missing += one.parts[part].missing;
    sum.parts[part].repaired += one.parts[part].repaired;
  }
  for (const reason of Object.keys(sum.not_sent) as (keyof RangeReport['not_sent'])[])
    sum.not_sent[reason] += one.not_sent[reason];
  sum.findings = [...sum.findings, ...one.findings].slice(0, FINDINGS_MAX);
  sum.notes = [...new Set([...sum.notes, ...one.notes])];
}

/** What is missing and was not written again. */
export const leftOver = ({ parts }: RangeReport): number =>
  PARTS.reduce((sum, part) => sum + parts[part].missing - parts[part].repaired, 0);

async function checkLot(lot: Positions, report: RangeReport, settled: boolean, deps: RangeCheckDeps): Promise<void> {
  await checkRows(lot, report, deps);
  const judged = await deps.rows.consequential(lot);
  const letters = await deps.rows.letters(lot);
  const found = await lookFor(judged, letters, lot.partition, deps);
  const nothing = found.hits.length + found.altered.length + found.changes.length + found.letters.length === 0;
  if (nothing || settled) return settle(lot, judged, letters, found, report, deps);
  await deps.sleep(SETTLE_MS, deps.stop);
  await settle(lot, judged, letters, await lookFor(judged, letters, lot.partition, deps), report, deps);
}

async function settle(
  lot: Positions,
  judged: readonly JudgedRecord[],
  letters: readonly LetterRow[],
  found: Found,
  report: RangeReport,
  deps: RangeCheckDeps,
): Promise<void> {
  const { parts } = report;
  parts.hits.expected += judged.flatMap(placedHits).length;
  parts.changes.expected += judged.flatMap(placedChange).length;
  parts.dead_letters.expected += letters.filter((one) => !isExpired(one, deps)).length;
  await repairHits(lot, found, report, deps);
  await repairLetters(lot, found.letters, report, deps);
  await checkDeliveries(lot, judged, report, deps);
}

interface Found {
  readonly hits: ReturnType<typeof placedHits>;
  readonly altered: ReturnType<typeof placedHits>;
  readonly changes: ReturnType<typeof placedChange>;
  readonly letters: readonly LetterRow[];
}

async function lookFor(
  judged: readonly JudgedRecord[],
  letters: readonly LetterRow[],
  partition: number,
  deps: RangeCheckDeps,
): Promise<Found> {
  const { missing, altered } = await deps.outcomes.hitFaults(judged.flatMap(placedHits));
  return {
    hits: missing,
    altered,
    changes: await deps.outcomes.missingChanges(judged.flatMap(placedChange)),
    letters: await missingLetters(letters, partition, deps),
  };
}

/** Every position has its row, or the topic says that there is no record at it. */
async function checkRows(lot: Positions, report: RangeReport, deps: RangeCheckDeps): Promise<void> {
  report.parts.rows.expected += lot.last - lot.first + 1;
  const holes = await deps.rows.holes(lot);
  if (holes.length === 0) return;
  const bounds = (await deps.topic?.bounds())?.get(lot.partition);
  for (const hole of holes) {
    if (bounds === undefined || deps.topic === undefined) {
      addRows(report, hole, 'row_gone');
      continue;
    }
    const gone = { ...hole, last: Math.min(hole.last, bounds.low - 1) };
    if (gone.first <= gone.last) addRows(report, gone, 'row_gone');
    await checkTopic({ ...hole, first: Math.max(hole.first, bounds.low) }, report, deps.topic);
  }
}

async function checkTopic(hole: Positions, report: RangeReport, topic: TopicLook): Promise<void> {
  for (let first = hole.first; first <= hole.last; ) {
    const { records, upTo } = await topic.records(hole.partition, first, hole.last);
    for (const run of runsOf(records.map(({ position }) => position)))
      addRows(report, { partition: hole.partition, ...run }, 'row_in_topic');
    const without = upTo - first + 1 - records.length;
    report.no_record += without;
    report.parts.rows.expected -= without;
    first = upTo + 1;
  }
}

function runsOf(positions: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const position of positions) {
    const last = runs.at(-1);
    if (last !== undefined && last.last + 1 === position) last.last = position;
    else runs.push({ first: position, last: position });
  }
  return runs;
}

function addRows(report: RangeReport, { partition, first, last }: Positions, code: 'row_gone' | 'row_in_topic'): void {
  report.parts.rows.missing += last - first + 1;
  const before = report.findings.at(-1);
  if (before?.code === code && before.partition === partition && before.last + 1 === first) before.last = last;
  else list(report, { part: 'rows', code, partition, first, last, tenant: '', id: '', repaired: false });
}

function list(report: RangeReport, finding: RangeFinding): void {
  if (report.findings.length < FINDINGS_MAX) report.findings.push(finding);
}

function add(report: RangeReport, part: Part, code: string, place: Placed, repaired: boolean): void {
  report.parts[part].missing += 1;
  if (repaired) report.parts[part].repaired += 1;
  const { partition, position, tenant, id } = place;
  list(report, { part, code, partition, first: position, last: position, tenant, id, repaired });
}

interface Placed {
  readonly partition: number;
  readonly position: number;
  readonly tenant: string;
  readonly id: string;
}

async function repairHits(
  { partition }: Positions,
  { hits, altered, changes }: Found,
  report: RangeReport,
  { repair }: RangeCheckDeps,
): Promise<void> {
  if (repair !== undefined && hits.length + altered.length > 0) await repair.hits.writeHits([...hits, ...altered]);
  if (repair !== undefined && changes.length > 0) await repair.hits.writeChanges(changes);
  const repaired = repair !== undefined;
  for (const [code, found] of [
    ['hit_missing', hits],
    ['hit_altered', altered],
  ] as const) {
    for (const { hit, entry, position } of found)
      add(report, 'hits', code, { partition, position, tenant: entry.tenant, id: hit.alertId }, repaired);
  }
  for (const { change, position } of changes)
    add(
      report,
      'changes',
      'change_missing',
      { partition, position, tenant: change.tenant, id: change.alertId },
      repaired,
    );
}

const isExpired = ({ receivedMs }: LetterRow, { now, letterTtlMs }: RangeCheckDeps): boolean =>
  receivedMs + letterTtlMs <= now() + LETTER_SLACK_MS;
/** Expiry deletes when the engine merges, and not to the second. */
const LETTER_SLACK_MS = 3_600_000;

/** As `outcomes.ts` has it: nobody's, where nobody can be believed. */
const tenantOf = ({ kind, tenant }: LetterRow): string => (kind === 'unreadable' ? DEFAULT_TENANT : tenant);

async function missingLetters(
  letters: readonly LetterRow[],
  partition: number,
  deps: RangeCheckDeps,
): Promise<LetterRow[]> {
  const wanted = letters.filter((one) => !isExpired(one, deps));
  const missing: LetterRow[] = [];
  for (const tenant of new Set(wanted.map(tenantOf))) {
    const own = wanted.filter((one) => tenantOf(one) === tenant);
    const times = own.map(({ receivedMs }) => receivedMs);
    const span = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))] as const;
    const there = await deps.outcomes.lettersAt(
      tenant,
      own.map(({ position }) => `${partition}:${position}`),
      ...span,
    );
    missing.push(...own.filter(({ position }) => !there.has(`${partition}:${position}`)));
  }
  return missing;
}

/** The row does not hold what was refused: only the topic may still have it. Without it the letter says that it was lost. */
async function repairLetters(
  { partition }: Positions,
  letters: readonly LetterRow[],
  report: RangeReport,
  deps: RangeCheckDeps,
): Promise<void> {
  for (const row of letters) {
    const written = deps.repair === undefined ? [] : await lettersAgain(row, partition, deps);
    await deps.repair?.deadLetters.write(written);
    const lost = written.some(({ raw }) => raw.byteLength === 0);
    const code = lost ? 'dead_letter_emptied' : 'dead_letter_missing';
    const place = { partition, position: row.position, tenant: tenantOf(row), id: '' };
    add(report, 'dead_letters', code, place, written.length > 0);
  }
}

async function lettersAgain(row: LetterRow, partition: number, { topic }: RangeCheckDeps): Promise<DeadLetter[]> {
  const { records = [] } = (await topic?.records(partition, row.position, row.position)) ?? {};
  const [record] = records;
  const { status, kind } = row;
  const verdict = status === 'conflict' || status === 'rejected' ? { verdict: unjudged(status) } : {};
  const written = record === undefined ? [] : lettersOf([{ record, ...verdict }]);
  if (written.length > 0) return written;
  const code = kind === 'unreadable' ? 'log_unreadable' : status === 'conflict' ? 'id_conflict' : 'store_rejected';
  const message = `${DEAD_LETTER_CODES[code]} The letter was lost, and written again without what it held.`;
  const field = code === 'id_conflict' ? 'id' : '';
  const source = { source: 'log', sourcePosition: `${partition}:${row.position}` };
  return [
    { tenant: tenantOf(row), receivedMs: row.receivedMs, code, field, message, ...source, raw: new Uint8Array() },
  ];
}

async function checkDeliveries(
  { partition }: Positions,
  judged: readonly JudgedRecord[],
  report: RangeReport,
  { playbooks, deliveries, repair, now }: RangeCheckDeps,
): Promise<void> {
  const positions = new Map(
    judged.flatMap((one) => noticesOf(one).map(({ alertId }) => [alertId, one.record.position])),
  );
  const due: DueDeliveries = await dueDeliveries(judged.flatMap(noticesOf), playbooks, deliveries, now());
  report.parts.deliveries.expected += due.expected;
  for (const [reason, count] of Object.entries(due.notSent))
    report.not_sent[reason as keyof RangeReport['not_sent']] += count;
  if (due.missing.length > 0) await repair?.send?.();
  for (const { notice, playbook } of due.missing) {
    const place = { partition, position: positions.get(notice.alertId) ?? 0, tenant: notice.tenant };
    add(
      report,
      'deliveries',
      'delivery_missing',
      { ...place, id: `${notice.alertId} ${playbook}` },
      repair?.send !== undefined,
    );
  }
}
