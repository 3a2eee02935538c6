/**
 * Dead letters are stored before the rows of their batch. Where a broker numbers the records, who comes next writes the same ones again; where
 * the rows are the log, the numbers go to other records, and what a crash left behind would speak of those.
 */
import type { Store } from '../store/store.ts';

/**
 * Takes back letters on records of a partition from `position` on, none of which is stored: nobody was told that they were safe. For the only
 * owner, before it takes anything.
 */
export async function takeBackLetters(store: Store, partition: number, position: number): Promise<void> {
  // A log that somebody has emptied says nothing of what was stored.
  if (position === 0) return;
  const params = { partition: String(partition), position };
  const found = await store.query(`SELECT 1 AS found FROM dead_letters ${UNSTORED} LIMIT 1`, params);
  if (found.length > 0) await store.command(`DELETE FROM dead_letters ${UNSTORED}`, params);
}

const UNSTORED = `
  WHERE source = 'log' AND splitByChar(':', source_position)[1] = {partition:String}
    AND toInt64OrZero(splitByChar(':', source_position)[2]) >= {position:Int64}`;
