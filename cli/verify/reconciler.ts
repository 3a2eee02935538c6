/**
 * Looks again and again at what was stored lately, writes again what is missing and can be, and says what is missing for good. Work of a run
 * is bounded, and done one small query after the other: events come first.
 */
import type { RangeReport } from '../../api/schemas/verify.ts';
import type { Watched } from '../status.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Positions } from './log-rows.ts';
import { addReport, checkStretch, emptyReport, leftOver, type RangeCheckDeps } from './range-check.ts';

export interface ReconcilerSettings {
  /** Between the ends of two runs. */
  readonly everyMs: number;
  /** What was received this long ago or later is looked at. */
  readonly windowMs: number;
  /** Of all partitions in one run. What is beyond it is the next run's. */
  readonly positionsMax: number;
}

export interface ReconcilerDeps {
  readonly checker: RangeCheckDeps;
  /** Partitions that this process owns, and up to where it has followed up what it stored. */
  readonly owned: () => readonly { readonly partition: number; readonly position: number }[];
  readonly now: () => number;
  readonly log: {
    warn(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
}

export interface Reconciler extends Watched {
  /** One run. Never rejects. */
  run(): Promise<void>;
}

/** Runs that fail in a row until it counts as degraded: a store that is away for a moment says so by itself. */
const FAILURES_MAX = 3;

export function createReconciler(
  settings: ReconcilerSettings,
  { checker, owned, now, log }: ReconcilerDeps,
): Reconciler {
  /** Where the next run goes on in a partition whose window was more than a run may look at. */
  const cursors = new Map<number, number>();
  /** What was left in the last look at a partition. */
  const left = new Map<number, RangeReport>();
  const counts = { runs: 0, failures: 0, positions: 0, missing: 0, repaired: 0 };
  let failedInARow = 0;
  let lastRunMs = 0;

  async function look(): Promise<void> {
    const here = owned();
    for (const gone of [...left.keys()].filter((one) => !here.some(({ partition }) => partition === one)))
      left.delete(gone);
    let room = settings.positionsMax;
    for (const { partition, position } of here) {
      if (room <= 0) break;
      const stretch = await stretchOf(partition, position, room);
      if (stretch === undefined) left.delete(partition);
      else room -= await lookAt(stretch, position);
    }
  }

  /** From the beginning of the window, or from where the last run had to stop within it. */
  async function stretchOf(partition: number, position: number, room: number): Promise<Positions | undefined> {
    const nowMs = now();
    // What was there before the first row that is stored is nobody's loss: a store may begin late, or have forgotten its oldest rows.
    const window = await checker.rows.received(
      { partition, last: position },
      Math.max(0, nowMs - settings.windowMs),
      nowMs + AHEAD_MS,
    );
    if (window === undefined) return undefined;
    const cursor = cursors.get(partition) ?? -1;
    const first = Math.max(cursor, window.first);
    const end = Math.min(window.last, position);
    const last = Math.min(end, first + room - 1);
    return first > last ? undefined : { partition, first, last };
  }

  async function lookAt(stretch: Positions, position: number): Promise<number> {
    const report = await checkStretch(stretch, checker);
    if (stretch.last >= position) cursors.delete(stretch.partition);
    else cursors.set(stretch.partition, stretch.last + 1);
    note(stretch.partition, report);
    return report.positions;
  }

  function note(partition: number, report: RangeReport): void {
    const missing = Object.values(report.parts).reduce((sum, one) => sum + one.missing, 0);
    const repaired = missing - leftOver(report);
    counts.positions += report.positions;
    counts.missing += missing;
    counts.repaired += repaired;
    left.set(partition, report);
    // Findings name alerts and positions, never text of events.
    const facts = { partition, missing, repaired, findings: report.findings.slice(0, LOGGED_MAX) };
    if (missing > repaired) log.error(facts, 'rows are missing in the store and cannot be written again');
    else if (missing > 0) log.warn(facts, 'rows were missing in the store and are written again');
  }

  const total = (): RangeReport => {
    const sum = emptyReport([]);
    for (const report of left.values()) addReport(sum, report);
    return sum;
  };

  return {
    name: 'reconciliation',
    async run() {
      try {
        await look();
        counts.runs += 1;
        failedInARow = 0;
        lastRunMs = now();
      } catch (error) {
        if (checker.stop.aborted) return;
        counts.failures += 1;
        failedInARow += 1;
        log.warn({ err: error }, 'the stored log could not be checked; trying again later');
      }
    },
    get progress() {
      const lost = leftOver(total());
      if (lost > 0)
        return { ok: false, degraded: true, detail: `${lost} rows are missing: \`picket verify --range\` says which` };
      if (failedInARow >= FAILURES_MAX)
        return { ok: false, degraded: true, detail: 'the stored log cannot be checked' };
      return { ok: true, detail: lastRunMs === 0 ? 'not yet' : 'nothing is missing' };
    },
    metrics() {
      const { parts } = total();
      return {
        reconcile_runs_total: counts.runs,
        reconcile_failures_total: counts.failures,
        reconcile_positions_total: counts.positions,
        reconcile_missing_total: counts.missing,
        reconcile_repaired_total: counts.repaired,
        reconcile_rows_missing: parts.rows.missing - parts.rows.repaired,
        reconcile_hits_missing: parts.hits.missing - parts.hits.repaired,
        reconcile_changes_missing: parts.changes.missing - parts.changes.repaired,
        reconcile_dead_letters_missing: parts.dead_letters.missing - parts.dead_letters.repaired,
        reconcile_deliveries_missing: parts.deliveries.missing - parts.deliveries.repaired,
        reconcile_last_run_seconds: Math.floor(lastRunMs / 1000),
        reconcile_age_seconds: lastRunMs === 0 ? 0 : Math.max(0, (now() - lastRunMs) / 1000),
      };
    },
  };
}

const LOGGED_MAX = 5;
/** Clocks of several intakes are only nearly the same. */
const AHEAD_MS = 60_000;

/** Runs it every so often, one run at a time; returns the way to stop, which waits for the run under way. */
export function keepReconciling(
  reconciler: Pick<Reconciler, 'run'>,
  { everyMs }: Pick<ReconcilerSettings, 'everyMs'>,
  stopping: AbortController,
  every: Surroundings['every'],
): () => Promise<void> {
  if (everyMs <= 0) return async () => stopping.abort();
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const stop = every(everyMs, () => {
    if (busy) return;
    busy = true;
    running = reconciler.run().finally(() => {
      busy = false;
    });
  });
  return async () => {
    stop();
    stopping.abort();
    await running;
  };
}
