/** Goal: long values come out as they went in, with what has left of each; the oldest leave, and take what was known of them along. */
import { describe, expect, it } from 'vitest';
import { type KeptValue, KeptValues } from '../../baselines/kept-values.ts';
import { emptyLongRuns } from '../../baselines/long-runs.ts';
import { appendValues, emptyValueLog } from '../../baselines/value-log.ts';
import { createRandom } from '../../cli/simulate/random.ts';

const from = (event: string, action = 'read_page') => ({ event, action, external: false });

/** Of one result to four values each; pieces of every third have left. */
function values(seed: string, count: number): KeptValue[] {
  const random = createRandom(`kept-values/${seed}`);
  let result = 0;
  return Array.from({ length: count }, (_, i) => {
    if (random.int(0, 3) === 0) result += 1;
    const stretches = random.int(1, 8);
    const value = { source: from(`r${result}`, `tool_${result % 3}`), signs: 4 + 2 * stretches, stretches };
    const covered = Uint8Array.from({ length: stretches }, () => random.int(0, 1));
    return i % 3 > 0 ? value : { ...value, left: { covered, pieces: 1 + i, calls: 2, events: [`e${i}`, 'ж'] } };
  });
}

/** As a text has them: so many runs of so many stretches each. */
function runs(count: number, stretches: number) {
  const all = emptyLongRuns();
  all.count = count;
  all.signs.fill(4 + 2 * stretches);
  all.stretchCounts.fill(stretches);
  all.stretchCount = count * stretches;
  return all;
}

describe('kept values', () => {
  it('come out as they went in, and the oldest leave', () => {
    const all = values('whole', 200);
    const kept = new KeptValues(all);
    expect([...kept]).toEqual(all);
    for (const { stretches } of all.slice(0, 90)) expect(kept.shift()).toBe(stretches);
    expect([...kept]).toEqual(all.slice(90));
    expect([...kept.sizes()]).toEqual(all.slice(90).map(({ signs, stretches }) => ({ signs, stretches })));
    expect([...new KeptValues(kept)]).toEqual(all.slice(90));
  });

  it('go on with what has left of one, and of no other', () => {
    const all = values('note', 20);
    const kept = new KeptValues(all);
    for (let i = 0; i < 10; i++) kept.shift();
    const covered = new Uint8Array(all[11]?.stretches ?? 0).fill(1);
    const left = { covered, pieces: 70_000, calls: 3, events: ['a', 'b'] };
    kept.note(1, left);
    expect([...kept]).toEqual(
      all.slice(10).map((one, i) => (i === 1 ? { ...one, left: { ...left, pieces: 65_535 } } : one)),
    );
  });

  it('count calls on when the ids of calls take too much', () => {
    const kept = new KeptValues();
    kept.push(from('r'), runs(100, 4));
    const long = (i: number, n: number) => Array.from({ length: n }, (_, k) => `${i}/${k}`.padEnd(128, 'x'));
    const covered = new Uint8Array(4).fill(1);
    for (let i = 0; i < 100; i++) kept.note(i, { covered, pieces: 1, calls: 1, events: long(i, 1) });
    for (let i = 0; i < 100; i++) kept.note(i, { covered, pieces: 3, calls: 2, events: long(i, 2) });
    const ids = [...kept].flatMap(({ left }) => left?.events ?? []);
    expect([...kept].every(({ left }) => left?.calls === 2 && left.pieces === 3)).toBe(true);
    expect(ids.length).toBeGreaterThan(3);
    expect(ids.length).toBeLessThan(8);
    for (let i = 0; i < 100; i++) kept.shift();
    kept.push(from('s'), runs(1, 4));
    kept.note(0, { covered, pieces: 1, calls: 1, events: long(0, 1) });
    expect(kept.at(0).left?.events).toEqual(long(0, 1));
  });
});

describe('the log of values', () => {
  const filled = (count: number, perResult: number, stretches: number, idChars: number) => {
    const log = emptyValueLog();
    for (let i = 0; i < count; i++) appendValues(log, from(`${i}`.padEnd(idChars, '-')), runs(perResult, stretches));
    return [log.values.length, log.stretches.length, Number.parseInt(log.values.at(0).source.event, 10)];
  };

  it.each([
    ['values', 40, 10, 4, 36, [128, 512, 27]],
    ['stretches', 40, 10, 16, 36, [64, 1024, 33]],
    ['bytes of their sources: of one value each', 300, 1, 4, 36, [44, 176, 256]],
    ['bytes of their sources: with long ids', 300, 1, 4, 128, [14, 56, 286]],
  ])('keeps the newest, up to a number of %s', (_, count, perResult, stretches, idChars, expected) => {
    expect(filled(count, perResult, stretches, idChars)).toEqual(expected);
  });
});
