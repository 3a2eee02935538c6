/**
 * Goal: a look at a stretch of the log tells rows that are gone from those the topic still has and from offsets that hold no record; the
 * reconciler looks at no more than it may, goes on where it stopped, and says what is missing in metrics and readiness. Rows, outcomes and
 * topic are fakes that record what they are asked.
 */
import { describe, expect, it } from 'vitest';
import type { RangeReport } from '../../api/schemas/verify.ts';
import { createStatus } from '../../cli/status.ts';
import { firstDifference } from '../../cli/verify/first-difference.ts';
import { judgingMark, markDifference } from '../../cli/verify/judging-mark.ts';
import { holesBetween, type LogRows, type Positions } from '../../cli/verify/log-rows.ts';
import { checkStretch, LOT_POSITIONS, leftOver, type RangeCheckDeps } from '../../cli/verify/range-check.ts';
import { planRange } from '../../cli/verify/range-plan.ts';
import { parseRange } from '../../cli/verify/range-text.ts';
import { createReconciler } from '../../cli/verify/reconciler.ts';
import type { TopicLook } from '../../cli/verify/topic-look.ts';
import type { LogRecord } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';

const NOW = Date.UTC(2026, 0, 2);

interface World {
  readonly asked: Positions[];
  readonly deps: RangeCheckDeps;
}

/** A log of one partition whose rows stand at every position but some; nothing follows from any of them. */
function worldOf(missing: readonly number[], topic?: TopicLook, rows: Partial<LogRows> = {}): World {
  const asked: Positions[] = [];
  const there = ({ first, last }: Positions) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((position) => !missing.includes(position));
  const stop = new AbortController().signal;
  const deps: RangeCheckDeps = {
    rows: {
      partitions: async () => [{ partition: 0, first: 0, last: 99 }],
      behindEnds: async () => [],
      holes: async (positions) => {
        asked.push(positions);
        return holesBetween(positions, there(positions));
      },
      consequential: async () => [],
      letters: async () => [],
      received: async ({ partition, first = 0, last }) => ({ partition, first, last }),
      checkpoint: async () => -1,
      ...rows,
    },
    outcomes: {
      hitFaults: async () => ({ missing: [], altered: [] }),
      missingChanges: async () => [],
      lettersAt: async () => new Set(),
    },
    deliveries: { enabledSince: async () => new Map(), attempts: async () => [], closings: async () => [] },
    playbooks: [],
    topic,
    letterTtlMs: 86_400_000,
    now: () => NOW,
    sleep: async () => {},
    stop,
    pauseMs: 0,
  };
  return { asked, deps };
}

/** A topic that begins at `low` and has records at these offsets. */
function topicOf(low: number, high: number, offsets: readonly number[]): TopicLook {
  const record = (position: number): LogRecord => ({
    partition: 0,
    position,
    entry: { kind: 'tick', receivedMs: NOW },
  });
  return {
    bounds: async () => new Map([[0, { low, high }]]),
    // Two at a time, as if a request held no more.
    records: async (_partition, first, last) => {
      const found = offsets.filter((offset) => offset >= first && offset <= last).slice(0, 2);
      return { records: found.map(record), upTo: found.length < 2 ? last : (found.at(-1) ?? last) };
    },
  };
}

const rowsIn = ({ findings }: RangeReport) => findings.map(({ code, first, last }) => [code, first, last]);

describe('rows that are missing', () => {
  const missing = [3, 4, 5, 20, 21, 22, 23, 24, 60];
  const stretch = { partition: 0, first: 0, last: 99 };

  it('are gone where the log is in the store', async () => {
    const report = await checkStretch(stretch, worldOf(missing).deps);
    expect(rowsIn(report)).toEqual([
      ['row_gone', 3, 5],
      ['row_gone', 20, 24],
      ['row_gone', 60, 60],
    ]);
    expect([report.parts.rows, leftOver(report)]).toEqual([{ expected: 100, missing: 9, repaired: 0 }, 9]);
  });

  it('are gone, still in the topic, or no records at all', async () => {
    const report = await checkStretch(stretch, worldOf(missing, topicOf(5, 100, [20, 21, 23, 24])).deps);
    expect(rowsIn(report)).toEqual([
      ['row_gone', 3, 4],
      ['row_in_topic', 20, 21],
      ['row_in_topic', 23, 24],
    ]);
    expect(report.parts.rows).toEqual({ expected: 97, missing: 6, repaired: 0 });
    expect(report.no_record).toBe(3);
  });

  it('are found lot by lot, and a stretch over two lots is one', async () => {
    const { deps, asked } = worldOf([LOT_POSITIONS - 1, LOT_POSITIONS]);
    const report = await checkStretch({ partition: 0, first: 0, last: 2 * LOT_POSITIONS }, deps);
    expect(asked.map(({ first, last }) => last - first + 1)).toEqual([LOT_POSITIONS, LOT_POSITIONS, 1]);
    expect(rowsIn(report)).toEqual([['row_gone', LOT_POSITIONS - 1, LOT_POSITIONS]]);
  });

  it('are looked for from where the topic begins, and not after what is stored', async () => {
    const { deps } = worldOf([], undefined, { partitions: async () => [{ partition: 0, first: 30, last: 40 }] });
    const plan = await planRange({}, deps.rows, topicOf(10, 60, []));
    expect(plan).toEqual({
      stretches: [{ partition: 0, first: 10, last: 40 }],
      notes: ['The log of partition 0 begins at position 10.', '19 records of partition 0 are not judged yet.'],
    });
  });
});

describe('the reconciler', () => {
  const silent = { warn: () => {}, error: () => {} };
  const settings = { everyMs: 1, windowMs: 3_600_000, positionsMax: 40 };
  const open = (world: World, position = 99) =>
    createReconciler(settings, {
      checker: world.deps,
      owned: () => [{ partition: 0, position }],
      now: () => NOW,
      log: silent,
    });

  it('looks at no more than it may, goes on there, and begins again', async () => {
    const world = worldOf([]);
    const reconciler = open(world);
    for (let run = 0; run < 4; run += 1) await reconciler.run();
    expect(world.asked.map(({ first, last }) => [first, last])).toEqual([
      [0, 39],
      [40, 79],
      [80, 99],
      [0, 39],
    ]);
    expect(reconciler.metrics()).toMatchObject({
      reconcile_runs_total: 4,
      reconcile_positions_total: 140,
      reconcile_rows_missing: 0,
      reconcile_last_run_seconds: NOW / 1000,
      reconcile_age_seconds: 0,
    });
  });

  it('begins where the stored log does when there is nothing before its window', async () => {
    const received: LogRows['received'] = async ({ partition, first = 30, last }) => ({ partition, first, last });
    const world = worldOf([], undefined, { received });
    await open(world).run();
    expect(world.asked.map(({ first }) => first)).toEqual([30]);
  });

  it('looks no further than what has been followed up', async () => {
    const world = worldOf([]);
    await open(world, 10).run();
    expect(world.asked.map(({ last }) => last)).toEqual([10]);
  });

  it('says what is missing: the process stays ready, and is degraded', async () => {
    const reconciler = open(worldOf([5, 6]));
    const status = createStatus({ ping: async () => {}, engine: 'embedded' } as unknown as Store, [reconciler], []);
    expect(await status.ready()).toMatchObject({ ready: true, checks: [{}, { ok: true }] });
    await reconciler.run();
    expect(await status.ready()).toMatchObject({
      ready: true,
      checks: [
        { name: 'store', ok: true },
        {
          name: 'reconciliation',
          ok: false,
          degraded: true,
          detail: '2 rows are missing: `picket verify --range` says which',
        },
      ],
    });
    expect(reconciler.metrics()).toMatchObject({ reconcile_rows_missing: 2, reconcile_missing_total: 2 });
  });

  it('is degraded when it fails three times in a row, and no more once it has worked', async () => {
    let broken = true;
    const checkpoint = async () => {
      if (broken) throw new Error('away');
      return -1;
    };
    const reconciler = open(worldOf([], undefined, { checkpoint }));
    for (let run = 0; run < 2; run += 1) await reconciler.run();
    expect(reconciler.progress.ok).toBe(true);
    await reconciler.run();
    expect(reconciler.progress).toMatchObject({ ok: false, degraded: true });
    broken = false;
    await reconciler.run();
    expect(reconciler.progress).toEqual({ ok: true, detail: 'nothing is missing' });
    expect(reconciler.metrics()).toMatchObject({ reconcile_failures_total: 3, reconcile_runs_total: 1 });
  });
});

describe('the first difference', () => {
  it.each([
    [{ a: 1, b: [1, { c: 2 }] }, { a: 1, b: [1, { c: 2 }] }, undefined],
    [
      { a: 1, b: [1, { c: 2 }] },
      { a: 1, b: [1, { c: 3 }] },
      { field: 'b.1.c', stored: '2', recomputed: '3' },
    ],
    [{ a: 1 }, { a: 1, b: 0 }, { field: 'b', stored: 'nothing', recomputed: '0' }],
    [{ a: 0.1 }, { a: 0.1 + Number.EPSILON / 8 }, { field: 'a', stored: '0.1', recomputed: '0.10000000000000003' }],
    [{ a: [] }, { a: {} }, { field: 'a', stored: '[]', recomputed: '{}' }],
    ['x', '\u001b[31mx', { field: '', stored: '"x"', recomputed: '"\\u001b[31mx"' }],
  ])('of %j and %j', (stored, recomputed, expected) => {
    expect(firstDifference(stored, recomputed)).toEqual(expected);
  });
});

describe('who judged', () => {
  const config = { halfLifeDays: 14, alertBudget: 0.02, timeZone: 'UTC', tenantTimeZones: {} };
  const mark = judgingMark('1.0.0', config, ['a', 'b']);

  it('is a build with metadata, the same for the same settings', () => {
    expect(mark).toMatch(/^1\.0\.0\+detectors\.[0-9a-f]{8}\.half-life\.14\.budget\.0\.02\.zones\.[0-9a-f]{8}$/);
    expect(judgingMark('1.0.0', { ...config, tenantTimeZones: { b: 'UTC', a: 'UTC' } }, ['a', 'b'])).toBe(
      judgingMark('1.0.0', { ...config, tenantTimeZones: { a: 'UTC', b: 'UTC' } }, ['a', 'b']),
    );
  });

  it.each([
    [judgingMark('0.9.0', config, ['a', 'b']), 'by build 0.9.0 instead of 1.0.0'],
    [judgingMark('1.0.0', config, ['a']), 'other detectors'],
    [judgingMark('1.0.0', { ...config, halfLifeDays: 7 }, ['a', 'b']), 'baseline.half_life_days 7 instead of 14'],
    [
      judgingMark('1.0.0', { ...config, alertBudget: 1e-4 }, ['a', 'b']),
      'detection.alert_budget 0.0001 instead of 0.02',
    ],
    [judgingMark('1.0.0', { ...config, timeZone: 'Europe/Berlin' }, ['a', 'b']), 'other time zones'],
    ['0.1.0', 'by build 0.1.0, which did not say with what settings'],
  ])('%s differs: %s', (stored, expected) => {
    expect(markDifference(stored, mark)).toBe(expected);
  });
});

describe('a range as text', () => {
  it.each([
    ['..', {}],
    ['5..9', { from: 5, to: 9 }],
    ['5..', { from: 5 }],
    ['..9', { to: 9 }],
    ['2026-01-01T00:00:00Z..', { sinceMs: Date.UTC(2026, 0, 1) }],
    ['2026-01-01T00:00:00Z..2026-01-02T00:00:00Z', { sinceMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2026, 0, 2) }],
  ])('%s', (text, expected) => {
    expect(parseRange(text)).toEqual(expected);
  });

  it.each([
    ['5', 'Write FROM..TO'],
    ['9..5', 'The first position comes after the last.'],
    ['5..2026-01-02T00:00:00Z', 'Both ends are positions, or both are times.'],
    ['tomorrow..', 'A time looks like'],
    ['2026-01-02T00:00:00Z..2026-01-01T00:00:00Z', 'The first time comes after the second.'],
  ])('%s is none', (text, message) => {
    expect(() => parseRange(text)).toThrow(message);
  });
});
