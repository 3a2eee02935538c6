/**
 * Where a run over the log of one agent begins. At the beginning of the log, if all of it is there and was judged by this build with these
 * settings; else with the oldest retained snapshot after which that is so.
 */
import { STATE_FORMAT } from '../../baselines/state-codec.ts';
import { epochOf } from '../../ingest/log.ts';
import type { Stretch } from '../backtest/history.ts';
import { markDifference } from './judging-mark.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';

export interface AgentStart {
  /** Undefined: with nothing, at the beginning of the log. */
  readonly snapshot: Snapshot | undefined;
  readonly notes: readonly string[];
  /** A difference that is found may be due to what the notes say. */
  readonly doubtful: boolean;
}

export interface StartWish {
  readonly mode: 'judge' | 'replay';
  /** Position of the snapshot to begin with. */
  readonly from: number | undefined;
  readonly mark: string;
}

/** @returns a sentence when there is nothing to begin with */
export async function agentStart(
  stretches: readonly Stretch[],
  list: readonly Snapshot[],
  snapshots: Snapshots,
  { mode, from, mark }: StartWish,
): Promise<AgentStart | string> {
  const readable = list.filter(({ format }) => format <= STATE_FORMAT);
  const notes = readable.length < list.length ? [NEWER] : [];
  if (from !== undefined) {
    const snapshot = readable.findLast(({ position }) => position === from);
    if (snapshot === undefined) return `No snapshot of position ${from} is retained. ${retained(readable)}`;
    return withClock(snapshot, notes, snapshots);
  }
  if (mode === 'replay') {
    const [oldest] = readable;
    return oldest === undefined ? 'No snapshot of this agent is retained yet.' : withClock(oldest, notes, snapshots);
  }
  const whole = await wholeLog(stretches, readable, snapshots);
  const judged = await judgedOtherwise(stretches, snapshots, mark);
  notes.push(...whole.notes, ...judged.map(({ note }) => note));
  if (whole.from === undefined && judged.length === 0) return { snapshot: undefined, notes, doubtful: false };
  for (const snapshot of readable) {
    if (whole.from !== undefined && before(snapshot, whole.from)) continue;
    if (await isOurs(snapshot, judged, snapshots)) return withClock(snapshot, notes, snapshots);
  }
  return `${notes.join(' ')} And no state of this agent is retained that is later than that, from which all of the log is there.`;
}

const NEWER = 'Snapshots that a newer build has written are left out: this one cannot read them.';

const retained = (list: readonly Snapshot[]): string =>
  list.length === 0
    ? 'There are none.'
    : `There are: ${list
        .slice(-20)
        .map(({ position }) => position)
        .join(', ')}.`;

const before = (a: { partition: number; position: number }, b: { partition: number; position: number }): boolean =>
  a.partition < b.partition || (a.partition === b.partition && a.position < b.position);

/** `from`: the first place with a row, where the beginning of the log is gone; undefined: nothing is gone. */
async function wholeLog(stretches: readonly Stretch[], list: readonly Snapshot[], snapshots: Snapshots) {
  const [first] = stretches;
  const [oldest] = list;
  if (first === undefined) return { from: undefined, notes: [] };
  // States that moved in, or that are of an epoch of which nothing is stored any more: the agent is older than its log.
  if (oldest !== undefined && (oldest.partition < first.partition || isMoved(oldest, first))) {
    const note = `The log of before partition ${first.partition} is not stored any more: begun with the state that moved in there.`;
    return { from: { partition: first.partition, position: -1 }, notes: [note] };
  }
  const begins = (await snapshots.log(first.partition, first.last)).first;
  if (begins === 0) return { from: undefined, notes: [] };
  const note = `The log of partition ${first.partition} begins at position ${begins}: what was before is not stored any more.`;
  return { from: { partition: first.partition, position: begins - 1 }, notes: [note] };
}

const isMoved = ({ partition, position }: Snapshot, first: Stretch): boolean =>
  partition === first.partition && position === 0 && epochOf(partition) > 0;

async function judgedOtherwise(stretches: readonly Stretch[], snapshots: Snapshots, mark: string) {
  const found: { partition: number; after: number; note: string }[] = [];
  for (const { partition, last } of stretches) {
    const other = await snapshots.otherJudging(partition, mark);
    if (other === undefined) continue;
    if ((await snapshots.records(partition, -1, other.ownPosition ?? last)) === 0) continue;
    const until =
      other.ownPosition === undefined ? 'to its end so far' : `up to a position before ${other.ownPosition}`;
    const what = markDifference(other.mark, mark);
    const note = `Partition ${partition} was judged otherwise ${until}: ${what}.`;
    found.push({ partition, after: other.ownPosition ?? Number.POSITIVE_INFINITY, note });
  }
  return found;
}

/** All that the agent did after the snapshot was judged by this build, with these settings. */
async function isOurs(
  snapshot: Snapshot,
  judged: readonly { partition: number; after: number }[],
  snapshots: Snapshots,
): Promise<boolean> {
  if (judged.some(({ partition }) => partition > snapshot.partition)) return false;
  const here = judged.find(({ partition }) => partition === snapshot.partition);
  if (here === undefined || snapshot.position >= here.after) return true;
  if (here.after === Number.POSITIVE_INFINITY) return false;
  return (await snapshots.records(snapshot.partition, snapshot.position, here.after)) === 0;
}

async function withClock(snapshot: Snapshot, notes: readonly string[], snapshots: Snapshots): Promise<AgentStart> {
  const { partition, position } = snapshot;
  const { first } = await snapshots.log(partition, position);
  const tick = await snapshots.checkpointTick(partition, position);
  const known = first === 0 || (tick !== undefined && tick.position >= first - 1);
  if (known) return { snapshot, notes, doubtful: false };
  const note = `The clock of partition ${partition} at position ${position} is not stored any more, nor are the models of kinds of before.`;
  return { snapshot, notes: [...notes, note], doubtful: true };
}
