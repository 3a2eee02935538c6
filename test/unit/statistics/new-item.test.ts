/**
 * Goal: the chance of something new is what it claims for agents of every sort, and sessions with several new things are as rare as
 * claimed. Method: simulated agents; mean forecast against the share that came true, over the second half of their lives.
 */
import { describe, expect, it } from 'vitest';
import { emptyDecayedHeap, touchKey } from '../../../baselines/statistics/decayed-heap.ts';
import {
  emptyNovelty,
  learnNovelty,
  type Novelty,
  type NoveltyPrior,
  probabilityOfNew,
  probabilityOfNews,
} from '../../../baselines/statistics/new-item.ts';
import { createRandom, type Random } from '../../../cli/simulate/random.ts';

const HOUR_MS = 3_600_000;
const HALF_LIFE_MS = 14 * 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 5);
const PRIOR: NoveltyPrior = { share: 0.02, uses: 20 };
const USES_PER_SESSION = 5;

/** Items of session s; each at most once. */
type Job = (random: Random) => (session: number) => string[];

const distinct = (draw: () => string, count = USES_PER_SESSION): string[] => [
  ...new Set(Array.from({ length: count }, draw)),
];

const JOBS: Record<string, Job> = {
  'a fixed set of eight tools': (random) => () => distinct(() => `tool ${random.int(1, 8)}`),
  'a catalogue of 300 with few favourites': (random) => () =>
    distinct(() => `page ${Math.floor(300 * random.uniform() ** 3)}`),
  'a new document every time': (random) => (session) => [
    ...distinct(() => `tool ${random.int(1, 4)}`),
    `document ${session}`,
  ],
  'tickets that take three sessions each': (random) => (session) => [
    ...distinct(() => `tool ${random.int(1, 4)}`),
    `ticket ${Math.floor(session / 3)}`,
  ],
  'an unbounded world (Pitman-Yor, d = 0.5)': (random) => {
    const counts: number[] = [];
    let total = 0;
    const draw = () => {
      const isNew = random.uniform() < (1 + 0.5 * counts.length) / (total + 1);
      const known = Object.fromEntries(counts.map((count, item) => [item, count - 0.5]));
      const item = isNew ? counts.length : Number(random.weighted(known));
      counts[item] = (counts[item] ?? 0) + 1;
      total += 1;
      return `item ${item}`;
    };
    return () => distinct(draw);
  },
};

interface Outcome {
  /** Sum of forecasts, and how many things were new. */
  claimed: number;
  new: number;
  /** Sessions in which the chance of as many new things as there were (at least one) was claimed to be at most 1 %. */
  rareSessions: number;
  sessions: number;
}

function live(job: (session: number) => string[], sessions: number, outcome: Outcome): Novelty {
  const novelty = emptyNovelty();
  const table = emptyDecayedHeap();
  for (let session = 0; session < sessions; session++) {
    const tMs = START_MS + session * 2 * HOUR_MS;
    const items = job(session);
    if (session >= sessions / 2)
      judge(novelty, items, tMs, items.filter((item) => !table.items.has(item)).length, outcome);
    for (const item of items) {
      learnNovelty(novelty, table.items.get(item) ?? 'new', tMs, HALF_LIFE_MS, PRIOR);
      touchKey(table, item, tMs, HALF_LIFE_MS, 100_000);
    }
  }
  return novelty;
}

function judge(novelty: Novelty, items: readonly string[], tMs: number, news: number, outcome: Outcome): void {
  outcome.claimed += probabilityOfNew(novelty, tMs, PRIOR) * items.length;
  outcome.new += news;
  outcome.sessions += 1;
  if (news > 0 && probabilityOfNews(novelty, items.length, news, tMs, PRIOR) <= 0.01) outcome.rareSessions += 1;
}

describe('chance of something new', () => {
  it.each(Object.entries(JOBS))('is what it claims: %s', (name, job) => {
    const outcome: Outcome = { claimed: 0, new: 0, rareSessions: 0, sessions: 0 };
    for (let run = 0; run < 20; run++) live(job(createRandom(`${name} ${run}`)), 400, outcome);
    const uses = outcome.sessions * USES_PER_SESSION;
    // Never below half of the truth; never above twice of it and 5 in 1,000 more, which is as little as was learned by then.
    expect(outcome.claimed).toBeGreaterThan(outcome.new / 2);
    expect(outcome.claimed).toBeLessThan(2 * outcome.new + 0.005 * uses);
    expect(outcome.rareSessions / outcome.sessions).toBeLessThan(0.015);
  });

  it('is the prior before anything was learned', () => {
    expect(probabilityOfNew(emptyNovelty(), START_MS, PRIOR)).toBeCloseTo(0.02, 1);
  });

  it('is small for a stranger among exhausted tools, smaller for each further one, and large for one who always meets new things', () => {
    const outcome = (): Outcome => ({ claimed: 0, new: 0, rareSessions: 0, sessions: 0 });
    const tools = live(JOBS['a fixed set of eight tools']?.(createRandom('t')) ?? (() => []), 400, outcome());
    const reader = live((session) => [`document ${session}`], 400, outcome());
    const nowMs = START_MS + 800 * HOUR_MS;
    const ofTools = [1, 2, 3].map((k) => probabilityOfNews(tools, 5, k, nowMs, PRIOR));
    expect(ofTools[0]).toBeLessThan(0.01);
    expect(ofTools[1]).toBeLessThan((ofTools[0] ?? 0) / 20);
    expect(ofTools[2]).toBeLessThan((ofTools[1] ?? 0) / 20);
    expect(probabilityOfNew(reader, nowMs, PRIOR)).toBeGreaterThan(0.85);
  });
});

describe('chance of several new things in a session', () => {
  const novelty = live(JOBS['a catalogue of 300 with few favourites']?.(createRandom('c')) ?? (() => []), 60, {
    claimed: 0,
    new: 0,
    rareSessions: 0,
    sessions: 0,
  });
  const at = START_MS + 120 * HOUR_MS;
  const chance = (uses: number, atLeast: number) => probabilityOfNews(novelty, uses, atLeast, at, PRIOR);

  it('is whole for none, nothing for more than there are uses, and the single chance for one use', () => {
    expect([chance(5, 0), chance(3, 4)]).toEqual([1, 0]);
    expect(chance(1, 1)).toBeCloseTo(probabilityOfNew(novelty, at, PRIOR), 12);
  });

  it('expects strangers in groups: all at once more often than one by one they would come together', () => {
    const young = live((session) => [`document ${session}`], 3, { claimed: 0, new: 0, rareSessions: 0, sessions: 0 });
    const single = probabilityOfNew(young, START_MS, PRIOR);
    const all = probabilityOfNews(young, 5, 5, START_MS, PRIOR);
    expect(all).toBeGreaterThan(3 * single ** 5);
    expect(all).toBeLessThan(single / 10);
  });

  it('falls with the number of new things, grows with the number of uses, and does not break at long sessions', () => {
    for (let k = 1; k < 20; k++) expect(chance(30, k + 1)).toBeLessThan(chance(30, k));
    const lengths = [60, 100, 500, 512, 513, 5000, 1e6].map((uses) => chance(uses, 60));
    expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
    expect(Math.abs(chance(513, 30) / chance(512, 30) - 1)).toBeLessThan(0.05);
  });
});
