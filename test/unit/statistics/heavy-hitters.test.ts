/** Goal: what is used stays, what leaves is remembered as having been here, and a million strangers change neither promise. */
import { describe, expect, it } from 'vitest';
import {
  decodeHitters,
  emptyHeavyHitters,
  encodeHitters,
  type HeavyHitters,
  heaviest,
  learnHitter,
  recallHitter,
  recognise,
} from '../../../baselines/statistics/heavy-hitters.ts';
import { emptyRotatingFilter, remember, remembers } from '../../../baselines/statistics/rotating-filter.ts';

const DAY_MS = 86_400_000;
const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = Date.UTC(2026, 0, 5);

const learn = (hitters: HeavyHitters, key: string, tMs = START_MS, itemsMax = 256): void =>
  learnHitter(hitters, key, tMs, { halfLifeMs: HALF_LIFE_MS, itemsMax });

describe('heavy hitters', () => {
  it('keep counts, first and last use, most used first', () => {
    const hitters = emptyHeavyHitters();
    for (const [key, day] of [
      ['a', 0],
      ['b', 0],
      ['a', 14],
    ] as const)
      learn(hitters, key, START_MS + day * DAY_MS);
    const [first, second] = heaviest(hitters, START_MS + 14 * DAY_MS, 5);
    expect(first).toEqual({
      key: 'a',
      count: expect.closeTo(1.5, 9),
      firstMs: START_MS,
      lastMs: START_MS + 14 * DAY_MS,
    });
    expect(second).toEqual({ key: 'b', count: expect.closeTo(0.5, 9), firstMs: START_MS, lastMs: START_MS });
    expect(recallHitter(hitters, 'a')).toMatchObject({ uses: 2 });
  });

  it('take a late use for what it was: older, and not the last', () => {
    const hitters = emptyHeavyHitters();
    learn(hitters, 'a', START_MS + 14 * DAY_MS);
    learn(hitters, 'a', START_MS);
    expect(heaviest(hitters, START_MS + 14 * DAY_MS, 1)[0]).toMatchObject({
      count: expect.closeTo(1.5, 9),
      lastMs: START_MS + 14 * DAY_MS,
    });
  });

  it('stay within their bound and keep daily work through a flood of 100,000 one-time names', () => {
    const hitters = emptyHeavyHitters();
    for (let i = 0; i < 100_000; i++) {
      learn(hitters, `flood-${i}`, START_MS + i * 1000);
      if (i % 200 === 0) learn(hitters, 'daily.work', START_MS + i * 1000);
    }
    expect(hitters.table.heap).toHaveLength(256);
    expect(hitters.table.items.size).toBe(256);
    expect(recognise(hitters, 'daily.work')).toBe('known');
    expect(heaviest(hitters, START_MS, 1)[0]?.key).toBe('daily.work');
    expect(recognise(hitters, 'flood-99700')).toBe('forgotten');
    expect(recognise(hitters, 'flood-5')).toBe('new');
  });

  it('go on bit for bit from their JSON', () => {
    const run = (hitters: HeavyHitters, from: number, to: number) => {
      for (let i = from; i < to; i++) learn(hitters, `key-${(i * i) % 97}`, START_MS + i * 7_000_000, 32);
    };
    const whole = emptyHeavyHitters();
    run(whole, 0, 2000);
    const stopped = emptyHeavyHitters();
    run(stopped, 0, 1000);
    const { table, left } = encodeHitters(stopped) as { table: unknown; left: unknown };
    const restored = decodeHitters({ table: JSON.parse(JSON.stringify(table)), left: structuredClone(left) });
    expect(restored).toEqual(stopped);
    run(restored, 1000, 2000);
    expect(JSON.stringify(encodeHitters(restored))).toBe(JSON.stringify(encodeHitters(whole)));
  });
});

describe('rotating filter', () => {
  it('remembers the last 700 for certain', () => {
    const filter = emptyRotatingFilter();
    const missed: number[] = [];
    for (let i = 0; i < 5000; i++) {
      remember(filter, `key ${i}`);
      for (const back of [0, 1, 350, 699]) if (i >= back && !remembers(filter, `key ${i - back}`)) missed.push(i);
    }
    expect(missed).toEqual([]);
  });

  it('says a false yes in less than 1 % of cases, also after a million keys, at its fullest', () => {
    const filter = emptyRotatingFilter();
    for (let i = 0; i < 1_000_000; i++) remember(filter, `https://api.example.com/items/${i}`);
    // 1,000,000 = 1,428 * 700 + 400 (fewer, by false yeses): fill the younger one up.
    while (filter.taken < 700) remember(filter, `more ${filter.taken}`);
    let wrong = 0;
    for (let i = 0; i < 20_000; i++) if (remembers(filter, `https://api.example.com/other/${i}`)) wrong += 1;
    expect(wrong / 20_000).toBeLessThan(0.01);
  });
});
