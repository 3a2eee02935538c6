/**
 * Goal: reports that wait for one another do not hold up an insert that somebody waits for. Method: more slow statements than the runtime has
 * threads, on the connection for reads, and an insert into a hurried table beside them; what counts is who is done first.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbedded } from '../../store/connection.ts';
import { temporaryFolder } from '../support/embedded-store.ts';

const REPORTS = 12;

it('stores a hurried row while slow reports wait for one another', async () => {
  const folder = await temporaryFolder();
  const store = await openEmbedded({ path: join(folder, 'engine'), hurried: [['hurried']] });
  try {
    await store.command('CREATE TABLE hurried (id UInt32) ENGINE = MergeTree ORDER BY id');
    // The columns of the table are read over the same connection as the reports, once.
    await store.insert('hurried', [{ id: 1 }]);
    let reported = 0;
    const reports = Array.from({ length: REPORTS }, async () => {
      await store.query('SELECT sleep(0.5)');
      reported += 1;
    });
    await store.insert('hurried', [{ id: 2 }]);
    const reportedBefore = reported;
    await Promise.all(reports);
    expect(reportedBefore).toBeLessThan(REPORTS / 2);
    expect(await store.query('SELECT count() AS n FROM hurried')).toEqual([{ n: 2 }]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
