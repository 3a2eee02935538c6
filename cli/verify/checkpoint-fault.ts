import type { VerifiedDifference } from '../../api/schemas/verify.ts';
import type { Stretch } from '../backtest/history.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

/**
 * A restart reads the log from the newest checkpoint on: so the newest state must have taken in all that the agent did up to there, or the
 * rest would be skipped. It may be later than the checkpoint. Undefined when that is so.
 */
export async function checkpointFault(
  { partition, last }: Pick<Stretch, 'partition' | 'last'>,
  list: readonly Snapshot[],
  snapshots: Snapshots,
): Promise<VerifiedDifference | undefined> {
  const position = await snapshots.newestCheckpoint(partition);
  if (position === undefined) return undefined;
  const upTo = Math.min(position, last);
  const state = list.findLast((one) => one.partition === partition);
  const skipped = await snapshots.records(partition, state?.position ?? -1, upTo);
  if (skipped === 0) return undefined;
  return {
    partition,
    position,
    what: 'checkpoint',
    field: 'position',
    stored: String(position),
    recomputed: `the newest state is of ${state?.position ?? 'no position'}, and ${skipped} records are between`,
  };
}
