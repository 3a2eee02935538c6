/** Goal: tail probabilities are right where alerts are decided, far out, and no baseline can be blinded by constancy or by bulk. */
import { describe, expect, it } from 'vitest';
import { type Amount, amountRange, amountTail, emptyAmount, learnAmount } from '../../baselines/statistics/amount.ts';
import { emptyDecayed } from '../../baselines/statistics/decay.ts';
import {
  emptyFamiliarSet,
  type FamiliarSet,
  familiarity,
  learnFamiliar,
  mostUsed,
  recall,
} from '../../baselines/statistics/familiar-set.ts';
import {
  dispersion,
  emptyHourlyCount,
  expectedCount,
  HOUR_MS,
  HOURS_PER_WEEK,
  hourOfWeek,
  hourTail,
  learnHour,
} from '../../baselines/statistics/hourly-count.ts';
import { incompleteBeta } from '../../baselines/statistics/incomplete-beta.ts';
import { countTail, studentTail } from '../../baselines/statistics/tails.ts';

const DAY_MS = 24 * HOUR_MS;
const HALF_LIFE_MS = 14 * DAY_MS;
/** A Monday, 00:00 UTC. */
const MONDAY_MS = Date.UTC(2026, 0, 5);

/** Fails unless the values agree in relative terms: absolute closeness says nothing at 1e-200. */
function expectRatio(actual: number, expected: number, tolerance = 1e-8): void {
  expect(Math.abs(actual / expected - 1), `${actual} against ${expected}`).toBeLessThan(tolerance);
}

/** P(at least k of n) for a fair or unfair coin, summed term by term. */
function binomialTail(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) {
    let term = p ** i * (1 - p) ** (n - i);
    for (let j = 1; j <= i; j++) term *= (n - i + j) / j;
    sum += term;
  }
  return sum;
}

/** P(X >= k) of the negative binomial with this mean and variance / mean, summed term by term from k on. */
function negativeBinomialTail(k: number, mean: number, spread: number): number {
  const r = mean / (spread - 1);
  const p = 1 - 1 / spread;
  let logTerm = k * Math.log(p) - r * Math.log(spread);
  for (let i = 0; i < k; i++) logTerm += Math.log((r + i) / (i + 1));
  let ratio = 1;
  let sum = 1;
  for (let i = k; i < k + 100_000 && ratio > 1e-18 * sum; i++) {
    ratio *= ((r + i) / (i + 1)) * p;
    sum += ratio;
  }
  return Math.exp(logTerm) * sum;
}

function poissonTail(k: number, mean: number): number {
  let logTerm = k * Math.log(mean) - mean;
  for (let i = 2; i <= k; i++) logTerm -= Math.log(i);
  let ratio = 1;
  let sum = 1;
  for (let i = k + 1; ratio > 1e-18 * sum; i++) {
    ratio *= mean / i;
    sum += ratio;
  }
  return Math.exp(logTerm) * sum;
}

describe('incompleteBeta', () => {
  it.each([
    [1e-200, 2],
    [1e-10, 3],
    [0.3, 50],
    [0.5, 1],
    [0.999, 0.5],
  ])('I_%d(1, b=%d) = 1 - (1 - x)^b', (x, b) => {
    expectRatio(incompleteBeta(x, 1, b), -Math.expm1(b * Math.log1p(-x)));
  });

  it.each([
    [1e-100, 2],
    [1e-10, 3],
    [0.3, 50],
    [0.5, 600],
    [0.999, 7],
    [0.2, 0.5],
  ])('I_%d(a=%d, 1) = x^a, also below 1e-180', (x, a) => {
    expectRatio(incompleteBeta(x, a, 1), x ** a);
  });

  it.each([0.5, 1, 3, 10, 1000, 100_000])('is a half in the middle of a symmetric beta, a = b = %d', (a) => {
    expectRatio(incompleteBeta(0.5, a, a), 0.5);
  });

  it.each([
    [3, 10, 0.2],
    [10, 10, 0.5],
    [40, 60, 0.1],
    [1, 60, 0.01],
    [30, 60, 0.9],
  ])('is the tail of the binomial: at least %d of %d at p = %d', (k, n, p) => {
    expectRatio(incompleteBeta(p, k, n - k + 1), binomialTail(k, n, p));
  });

  it('is 0 and 1 at and beyond the ends', () => {
    expect([-1, 0, 1, 2].map((x) => incompleteBeta(x, 2, 3))).toEqual([0, 0, 1, 1]);
  });
});

describe('studentTail', () => {
  const ts = [0, 0.1, 1, 5, 1e3, 1e50, 1e100];

  it.each(ts)('is Cauchy with one degree of freedom, t = %d', (t) => {
    expectRatio(studentTail(t, 1), Math.atan2(1, t) / Math.PI);
    expectRatio(studentTail(-t, 1), 1 - Math.atan2(1, t) / Math.PI);
  });

  it.each(ts)('has its closed form with two degrees of freedom, t = %d', (t) => {
    const root = Math.sqrt(2 + t * t);
    expectRatio(studentTail(t, 2), 1 / (root * (root + t)));
  });

  it('is nearly normal with many degrees of freedom', () => {
    expectRatio(studentTail(1.959963985, 1e6), 0.025, 1e-4);
    expectRatio(studentTail(6, 1e7), 9.8659e-10, 1e-3);
  });
});

describe('countTail', () => {
  it.each([
    [5, 1, 4],
    [50, 5, 4],
    [600, 5, 4],
    [600, 0.05, 4],
    [2000, 1000, 3],
    [3, 10, 1.5],
    [1, 0.05, 20],
  ])('is the summed negative binomial: at least %d at mean %d, dispersion %d', (k, mean, spread) => {
    expectRatio(countTail(k, mean, spread), negativeBinomialTail(k, mean, spread));
  });

  it.each([
    [1, 0.05],
    [5, 1],
    [20, 5],
    [150, 100],
    [1200, 1000],
  ])('comes close to Poisson as the dispersion falls to 1: at least %d at mean %d', (k, mean) => {
    expectRatio(countTail(k, mean, 1), poissonTail(k, mean), 1e-2);
  });

  it('keeps its precision where the continued fraction needs most steps', () => {
    expectRatio(countTail(101_000, 100_000, 1), negativeBinomialTail(101_000, 100_000, 1.0001), 1e-5);
    expectRatio(countTail(1200, 1000, 1), negativeBinomialTail(1200, 1000, 1.0001), 1e-6);
  });

  it('is certain at no events, and rounds a fraction up', () => {
    expect([countTail(0, 5, 2), countTail(-3, 5, 2)]).toEqual([1, 1]);
    expect(countTail(2.2, 5, 2)).toBe(countTail(3, 5, 2));
  });

  it('is a number between 0 and 1 for a mean of nothing', () => {
    const p = countTail(1, 0, 1);
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThan(1e-6);
  });
});

function amountOf(values: readonly number[], stepMs = HOUR_MS): { amount: Amount; nowMs: number } {
  const amount = emptyAmount();
  values.forEach((value, i) => {
    learnAmount(amount, value, MONDAY_MS + i * stepMs, HALF_LIFE_MS);
  });
  return { amount, nowMs: MONDAY_MS + values.length * stepMs };
}

const repeat = <T>(value: T, times: number): T[] => Array.from({ length: times }, () => value);

describe('amount', () => {
  it('alerts on 50 times the value of an agent that never varied, and not on the value itself', () => {
    const { amount, nowMs } = amountOf(repeat(10, 60));
    expect(amountTail(amount, 500, nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-6);
    expect(amountTail(amount, 10, nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(0.2);
    expect(amountTail(amount, 11, nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(0.05);
  });

  it('does so for every constant, as no rounding makes the spread negative', () => {
    for (const value of [1, 3, 7, 0.1, 12_345_678, Number.MAX_SAFE_INTEGER / 100]) {
      const { amount, nowMs } = amountOf(repeat(value, 200));
      expect(amountTail(amount, value, nowMs, HALF_LIFE_MS, 'smooth'), `${value} again`).toBeGreaterThan(0.2);
      expect(amountTail(amount, value * 50 + 50, nowMs, HALF_LIFE_MS, 'smooth'), `${value} times 50`).toBeLessThan(
        1e-4,
      );
    }
  });

  it('does not let one huge value hide the next surge', () => {
    const usual = amountOf(repeat(10, 200));
    const surged = amountOf([...repeat(10, 100), 10_000, ...repeat(10, 99)]);
    expect(amountTail(surged.amount, 1000, surged.nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-4);
    expect(amountTail(surged.amount, 1000, surged.nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(
      amountTail(usual.amount, 1000, usual.nowMs, HALF_LIFE_MS, 'smooth'),
    );
  });

  it('sees a surge of 26 times in a heavy tail, whose mean is far above its median', () => {
    const heavy = Array.from({ length: 200 }, (_, i) =>
      Math.round(10 * Math.exp(0.8 * Math.sin(i * 2.4) + (i % 7) / 7)),
    );
    const { amount, nowMs } = amountOf(heavy);
    const { typical, bound99 } = amountRange(amount, nowMs, HALF_LIFE_MS);
    expect(amountTail(amount, typical * 26, nowMs, HALF_LIFE_MS, 'smooth')).toBeLessThan(1e-3);
    expect(amountTail(amount, Math.max(...heavy), nowMs, HALF_LIFE_MS, 'smooth')).toBeGreaterThan(1e-3);
    expect(bound99).toBeGreaterThan(typical);
  });

  it('is the more surprised by anything, the more often there was nothing', () => {
    const often = amountOf(Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 10 : 0)));
    const seldom = amountOf(Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 10 : 0)));
    const p = ({ amount, nowMs }: { amount: Amount; nowMs: number }) =>
      amountTail(amount, 10, nowMs, HALF_LIFE_MS, 'smooth');
    expect(p(seldom)).toBeLessThan(p(often) / 3);
    expect(p(amountOf(repeat(0, 100)))).toBeLessThan(0.01);
  });

  it('says nothing against nothing, and little where nothing was ever learned', () => {
    const { amount, nowMs } = amountOf(repeat(10, 60));
    expect(amountTail(amount, 0, nowMs, HALF_LIFE_MS, 'smooth')).toBe(1);
    expect(amountTail(emptyAmount(), 1e9, nowMs, HALF_LIFE_MS, 'smooth')).toBe(0.5);
    expect(amountRange(emptyAmount(), nowMs, HALF_LIFE_MS)).toEqual({ typical: 0, bound99: 0, n: 0 });
  });

  it('gives a humped amount a heavier tail than a smooth one, once much is known', () => {
    const { amount, nowMs } = amountOf(Array.from({ length: 200 }, (_, i) => 10 + (i % 7)));
    const smooth = amountTail(amount, 60, nowMs, HALF_LIFE_MS, 'smooth');
    const humped = amountTail(amount, 60, nowMs, HALF_LIFE_MS, 'humped');
    expect(humped).toBeGreaterThan(smooth * 10);
    expect(humped).toBeLessThan(0.01);
  });
});

/** Learns `weeks` whole weeks; `countAt` gives the events of each hour. */
function weeksOf(weeks: number, countAt: (hour: number) => number, zoneMs = 0): ReturnType<typeof emptyHourlyCount> {
  const model = emptyHourlyCount();
  for (let i = 0; i < weeks * HOURS_PER_WEEK; i++)
    learnHour(model, countAt(i), MONDAY_MS + i * HOUR_MS, zoneMs, HALF_LIFE_MS);
  return model;
}

describe('hourly count', () => {
  it.each([
    ['Monday 00:00', MONDAY_MS, 0, 0],
    ['Monday 00:59', MONDAY_MS + HOUR_MS - 1, 0, 0],
    ['Thursday 00:00, the epoch', 0, 0, 72],
    ['the hour before the epoch', -1, 0, 71],
    ['Sunday 23:00', MONDAY_MS - HOUR_MS, 0, 167],
    ['Sunday 23:30 UTC, an hour east', MONDAY_MS - HOUR_MS / 2, HOUR_MS, 0],
    ['Monday 00:00 UTC, five hours west', MONDAY_MS, -5 * HOUR_MS, 163],
  ])('%s', (_name, tMs, zoneMs, expected) => {
    expect(hourOfWeek(tMs, zoneMs)).toBe(expected);
  });

  it('counts quiet hours as zeros: an agent at work one hour a day is expected at that hour only', () => {
    const model = weeksOf(6, (hour) => (hour % 24 === 9 ? 24 : 0));
    const nextWeek = MONDAY_MS + 6 * HOURS_PER_WEEK * HOUR_MS;
    const atNine = expectedCount(model, nextWeek + 9 * HOUR_MS, 0).mean;
    const atThree = expectedCount(model, nextWeek + 3 * HOUR_MS, 0).mean;
    expect(atNine).toBeGreaterThan(18);
    expect(atNine).toBeLessThan(24.1);
    expect(atThree).toBeLessThan(0.5);
    expect(hourTail(model, 24, nextWeek + 3 * HOUR_MS, 0, HALF_LIFE_MS)).toBeLessThan(
      hourTail(model, 24, nextWeek + 9 * HOUR_MS, 0, HALF_LIFE_MS) / 100,
    );
  });

  it('tells Monday morning from Sunday morning', () => {
    const model = weeksOf(8, (hour) => (hour % HOURS_PER_WEEK < 5 * 24 && hour % 24 === 9 ? 40 : 0));
    const next = MONDAY_MS + 8 * HOURS_PER_WEEK * HOUR_MS;
    const monday = expectedCount(model, next + 9 * HOUR_MS, 0).mean;
    const sunday = expectedCount(model, next + (6 * 24 + 9) * HOUR_MS, 0).mean;
    expect(monday).toBeGreaterThan(25);
    expect(sunday).toBeLessThan(monday / 2);
  });

  it('learns the hours of the tenant, not of Greenwich', () => {
    const model = weeksOf(6, (hour) => (hour % 24 === 9 ? 24 : 0), 2 * HOUR_MS);
    const next = MONDAY_MS + 6 * HOURS_PER_WEEK * HOUR_MS;
    expect(expectedCount(model, next + 9 * HOUR_MS, 2 * HOUR_MS).mean).toBeGreaterThan(18);
    expect(model.sums[11]).toBeGreaterThan(0);
    expect(model.sums[9]).toBe(0);
  });

  it('lets one surge buy little room for the next, and never claims less spread than Poisson', () => {
    const steady = weeksOf(3, () => 10);
    const surged = weeksOf(3, (hour) => (hour === 400 ? 5000 : 10));
    const nowMs = MONDAY_MS + 3 * HOURS_PER_WEEK * HOUR_MS;
    expect(dispersion(steady, nowMs, HALF_LIFE_MS)).toBe(1);
    expect(dispersion(surged, nowMs, HALF_LIFE_MS)).toBeLessThan(1.5);
    expect(hourTail(surged, 5000, nowMs, 0, HALF_LIFE_MS)).toBeLessThan(1e-6);
  });
});

const learnKey = (set: FamiliarSet, key: string, tMs: number, itemsMax = 256, discovering = true): void =>
  learnFamiliar(set, key, tMs, { halfLifeMs: HALF_LIFE_MS, itemsMax, discovering });

describe('familiar set', () => {
  it('knows what it learned, and nothing else', () => {
    const set = emptyFamiliarSet();
    learnKey(set, 'crm.search', MONDAY_MS);
    learnKey(set, 'crm.search', MONDAY_MS + HOUR_MS);
    expect(familiarity(set, 'crm.search')).toBe('known');
    expect(familiarity(set, 'crm.export')).toBe('new');
    expect(recall(set, 'crm.search')).toMatchObject({ firstMs: MONDAY_MS, lastMs: MONDAY_MS + HOUR_MS });
  });

  it('stays within its bound under 10,000 keys, keeps the most used, and calls no stranger known', () => {
    const set = emptyFamiliarSet();
    for (let i = 0; i < 50; i++) learnKey(set, 'daily.work', MONDAY_MS + i);
    for (let i = 0; i < 10_000; i++) learnKey(set, `flood-${i}`, MONDAY_MS + 50 + i);
    expect(set.items.size).toBe(256);
    expect(familiarity(set, 'daily.work')).toBe('known');
    const strangers = Array.from({ length: 5000 }, (_, i) => familiarity(set, `stranger-${i}`));
    expect(strangers).not.toContain('known');
    const flood = Array.from({ length: 10_000 }, (_, i) => familiarity(set, `flood-${i}`));
    expect(flood).not.toContain('new');
    expect(flood.filter((one) => one === 'known')).toHaveLength(255);
  });

  it('remembers what it evicted, and takes few strangers for it after 1,000 evictions', () => {
    const set = emptyFamiliarSet();
    for (let i = 0; i < 1100; i++) learnKey(set, `endpoint-${i}`, MONDAY_MS + i, 100);
    const evicted = Array.from({ length: 1100 }, (_, i) => `endpoint-${i}`).filter((key) => !set.items.has(key));
    expect(evicted).toHaveLength(1000);
    expect(new Set(evicted.map((key) => familiarity(set, key)))).toEqual(new Set(['forgotten']));
    const strangers = Array.from({ length: 5000 }, (_, i) => familiarity(set, `stranger-${i}`));
    expect(strangers.filter((one) => one === 'forgotten').length / 5000).toBeLessThan(0.06);
  });

  it('counts discoveries only once the agent is no longer young', () => {
    const set = emptyFamiliarSet();
    learnKey(set, 'first', MONDAY_MS, 256, false);
    expect(set.discoveries).toEqual(emptyDecayed());
    learnKey(set, 'second', MONDAY_MS, 256, true);
    learnKey(set, 'second', MONDAY_MS, 256, true);
    expect(set.discoveries).toEqual({ value: 1, atMs: MONDAY_MS });
    expect(set.uses).toEqual({ value: 3, atMs: MONDAY_MS });
  });

  it.each(['__proto__', 'constructor', 'toString', '', '\u0000', '\u202e'])('takes %j for an ordinary key', (key) => {
    const set = emptyFamiliarSet();
    expect(familiarity(set, key)).toBe('new');
    learnKey(set, key, MONDAY_MS);
    expect(familiarity(set, key)).toBe('known');
    expect(mostUsed(set, MONDAY_MS, HALF_LIFE_MS, 5).map(({ value }) => value)).toEqual([key]);
  });

  it('keeps long keys short without mixing them up', () => {
    const set = emptyFamiliarSet();
    const head = 'https://files.example/'.padEnd(2000, 'a');
    learnKey(set, `${head}1`, MONDAY_MS);
    expect([familiarity(set, `${head}1`), familiarity(set, `${head}2`)]).toEqual(['known', 'new']);
    expect([...set.items.keys()].map((key) => key.length <= 160)).toEqual([true]);
  });

  it('names the most used with their shares, most used first', () => {
    const set = emptyFamiliarSet();
    for (const key of ['a', 'b', 'b', 'b']) learnKey(set, key, MONDAY_MS);
    expect(mostUsed(set, MONDAY_MS, HALF_LIFE_MS, 1)).toEqual([
      { value: 'b', count: 3, firstMs: MONDAY_MS, lastMs: MONDAY_MS, share: 0.75 },
    ]);
  });
});
