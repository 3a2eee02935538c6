/** Goal: the filter of seen ids never calls a seen id new, keeps tenants apart, and is wrong about new ones as rarely as it says. */
import { expect, it } from 'vitest';
import { createSeenIds } from '../../ingest/seen-ids.ts';

it('never calls a seen id new', () => {
  const seen = createSeenIds(2 ** 16);
  const ids = Array.from({ length: 20_000 }, (_, i) => `event-${i}`);
  for (const id of ids) seen.add('a', 'x', id);
  expect(ids.filter((id) => !seen.maybeSeen('a', 'x', id))).toEqual([]);
});

it('mistakes about 1 % of new ids for seen ones at ten bits an id', () => {
  const seen = createSeenIds(2 ** 17);
  for (let i = 0; i < 13_107; i++) seen.add('a', 'x', `event-${i}`);
  const mistakes = Array.from({ length: 10_000 }, (_, i) => `new-${i}`).filter((id) =>
    seen.maybeSeen('a', 'x', id),
  ).length;
  expect(mistakes).toBeGreaterThan(20);
  expect(mistakes).toBeLessThan(200);
});

it('keeps tenants and agents apart, also where one name runs into the other', () => {
  const seen = createSeenIds(2 ** 16);
  seen.add('tenant', 'agent', '1');
  expect([
    seen.maybeSeen('tenan', 'tagent', '1'),
    seen.maybeSeen('tenant', 'agent1', ''),
    seen.maybeSeen('other', 'agent', '1'),
    seen.maybeSeen('tenant', 'other', '1'),
    seen.maybeSeen('tenant', 'agent', '1'),
  ]).toEqual([false, false, false, false, true]);
});

it('meets an id for the first time once, and leaves the filter as if it had been added', () => {
  const [met, added] = [createSeenIds(2 ** 17), createSeenIds(2 ** 17)];
  const ids = Array.from({ length: 500 }, (_, i) => `event-${i}`);
  for (const id of ids) {
    const seenBefore = met.maybeSeen('a', 'x', id);
    expect(met.meet('a', 'x', id)).toBe(seenBefore);
    expect(met.meet('a', 'x', id)).toBe(true);
    added.add('a', 'x', id);
  }
  expect(met.words).toEqual(added.words);
});
