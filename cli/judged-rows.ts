/** A batch's rows on their way into the log, and its dead letters before them. */
import type { EventLogStore, JudgedRecord } from '../baselines/event-log-store.ts';
import type { DeadLetter } from '../ingest/dead-letter.ts';
import { lettersOf } from './outcomes.ts';

export interface JudgedRowsDeps {
  readonly log: Pick<EventLogStore, 'write' | 'refused'>;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
}

/**
 * Returns the positions of rows that the engine refuses; nothing is stored then. Rows say nothing of what is in a dead letter, so a
 * crash after them must not find the letters unwritten: they go first, once it is certain that they are right.
 */
export async function writeRows(
  judged: readonly JudgedRecord[],
  { log, deadLetters }: JudgedRowsDeps,
): Promise<ReadonlySet<number>> {
  const letters = lettersOf(judged);
  if (letters.length > 0) {
    const refused = await refusedOf(judged, log);
    if (refused.size > 0) return refused;
    await deadLetters.write(letters);
  }
  try {
    await log.write(judged);
    return new Set();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StoreRejected') throw error;
    const refused = await refusedOf(judged, log);
    if (refused.size === 0) throw error;
    return refused;
  }
}

/** Rejects when a row is refused that holds no event any more: then the fault is ours. */
async function refusedOf(
  judged: readonly JudgedRecord[],
  log: Pick<EventLogStore, 'refused'>,
): Promise<ReadonlySet<number>> {
  const refused = await log.refused(judged);
  const emptied = judged.find(({ record, verdict }) => verdict?.status === 'rejected' && refused.has(record.position));
  if (emptied === undefined) return refused;
  throw new Error(
    `The store refuses the row of ${emptied.record.partition}:${emptied.record.position} without its event, too.`,
  );
}
