/** Goal: the filter of seen ids never calls a seen id new, keeps tenants apart, and is wrong about new ones as rarely as it says. */
import { expect, it } from 'vitest';
import { createSeenIds } from '../../ingest/seen-ids.ts';

it('never calls a seen id new', () => {
  const seen = createSeenIds(2 ** 16);
  const ids = Array.from({ length: 20_000 }, (_, i) => `event-${i}`);
  for (const id of ids) seen.add('a', id);
  expect(ids.filter((id) => !seen.maybeSeen('a', id))).toEqual([]);
});

it('mistakes about 1 % of new ids for seen ones at ten bits an id', () => {
  const seen = createSeenIds(2 ** 17);
  for (let i = 0; i < 13_107; i++) seen.add('a', `event-${i}`);
  const mistakes = Array.from({ length: 10_000 }, (_, i) => `new-${i}`).filter((id) => seen.maybeSeen('a', id)).length;
  expect(mistakes).toBeGreaterThan(20);
  expect(mistakes).toBeLessThan(200);
});

it('keeps tenants apart, also where one name runs into the id', () => {
  const seen = createSeenIds(2 ** 16);
  seen.add('tenant', 'x1');
  expect([seen.maybeSeen('tenan', 'tx1'), seen.maybeSeen('other', 'x1'), seen.maybeSeen('tenant', 'x1')]).toEqual([
    false,
    false,
    true,
  ]);
});
