/** What is found in the store that no worker of this build has left there. */
import type { Random } from '../../cli/simulate/random.ts';
import type { Row, Tables } from './tables.ts';
import type { World } from './world.ts';

const STRANGE_FORMAT = 99;
const ROLLED_BACK = ['checkpoints', 'agent_state'];

export interface StoreTrouble {
  /** While nobody is there: the store comes back as it was at an older checkpoint, or a newer build was here for a moment. */
  spoil(): void;
  /** An operator sees to what a worker can only complain of. */
  seeTo(): void;
}

interface StoreTroubleDeps {
  readonly world: World;
  readonly tables: Tables;
  /** Numbers of those that are in use at the moment. */
  readonly partitions: () => readonly number[];
  readonly random: Random;
  /** Written by workers: what is put there here is not. */
  readonly stateRows: Row[];
}

export function createStoreTrouble({ world, tables, partitions, random, stateRows }: StoreTroubleDeps): StoreTrouble {
  let seeTo = () => {};
  const firstStored = rememberFirst(tables);

  /** A checkpoint is written beside the batches: states that belong to it may be of later positions, but none is stored after it. */
  function toOlderCheckpoint(partition: number): void {
    const positions = tables
      .final('checkpoints')
      .filter((row) => row['partition'] === partition)
      .map((row) => Number(row['position']))
      .sort((a, b) => b - a);
    const [newest, older] = positions;
    if (newest === undefined || older === undefined || older < (tables.pruned.get(partition) ?? -1)) return;
    const end = firstStored('checkpoints', { partition, position: older });
    const isNewer = (table: string) => (row: Row) =>
      row['partition'] === partition && Number(row['position']) > older && firstStored(table, row) > end;
    for (const table of ROLLED_BACK) tables.delete(table, isNewer(table));
    tables.restores += 1;
    world.history.note(`partition ${partition} is as of its checkpoint ${older}`);
  }

  function leaveUnknownState(): void {
    const [row] = tables.final('agent_state');
    if (row === undefined || tables.all('agent_state').some(isStrange)) return;
    const isOfIt = ({ agent, partition }: Row) => agent === row['agent'] && partition === row['partition'];
    const rows = tables.final('agent_state').filter(isOfIt);
    const newest = Math.max(...rows.map(({ position }) => Number(position)));
    const real = rows.find(({ position }) => Number(position) === newest);
    tables.delete('agent_state', (one) => isOfIt(one) && Number(one['position']) === newest);
    const written = stateRows.length;
    tables.insert('agent_state', [{ ...row, position: newest, format: STRANGE_FORMAT, state: 'of another build' }]);
    stateRows.length = written;
    world.history.note(`a state of ${String(row['agent'])} is of an unknown format`);
    seeTo = () => {
      seeTo = () => {};
      // A move that did not come to its end clears away what it had copied, and copies again: there is nothing left to see to.
      if (!tables.all('agent_state').some(isStrange)) return;
      tables.delete('agent_state', isStrange);
      if (real !== undefined) tables.insert('agent_state', [real]);
      world.history.note('somebody has seen to the unknown state');
    };
    world.scheduler.after(random.int(60_000, 600_000), () => seeTo());
  }

  return {
    spoil() {
      if (world.strikes('olderSnapshot')) for (const partition of partitions()) toOlderCheckpoint(partition);
      if (world.strikes('unknownFormat')) leaveUnknownState();
    },
    seeTo: () => seeTo(),
  };
}

const isStrange = ({ format }: Row): boolean => format === STRANGE_FORMAT;

/** When a row was stored first, in rows; what a later owner has written again was there before. Negative: from the beginning. */
function rememberFirst(tables: Tables): (table: string, row: Row) => number {
  const first = new Map<string, number>();
  const keyOf = (table: string, row: Row) =>
    JSON.stringify([table, row['partition'], row['tenant'], row['agent'], row['position']]);
  tables.onInsert.push((table, row) => {
    if (!ROLLED_BACK.includes(table)) return;
    const key = keyOf(table, row);
    if (!first.has(key)) first.set(key, first.size);
  });
  return (table, row) => first.get(keyOf(table, row)) ?? -1;
}
