/** What is found in the store that no worker of this build has left there. */
import type { Random } from '../../cli/simulate/random.ts';
import type { Row, Tables } from './tables.ts';
import type { World } from './world.ts';

const STRANGE_FORMAT = 99;

export interface StoreTrouble {
  /** While nobody is there: the store comes back as it was at an older checkpoint, or a newer build was here for a moment. */
  spoil(): void;
  /** An operator sees to what a worker can only complain of. */
  seeTo(): void;
}

interface StoreTroubleDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly partitions: number;
  readonly random: Random;
  /** Written by workers: what is put there here is not. */
  readonly stateRows: Row[];
}

export function createStoreTrouble({ world, tables, partitions, random, stateRows }: StoreTroubleDeps): StoreTrouble {
  let seeTo = () => {};

  function toOlderCheckpoint(partition: number): void {
    const positions = tables
      .final('checkpoints')
      .filter((row) => row['partition'] === partition)
      .map((row) => Number(row['position']))
      .sort((a, b) => b - a);
    const [newest, older] = positions;
    if (newest === undefined || older === undefined || older < (tables.pruned.get(partition) ?? -1)) return;
    const isNewer = (row: Row) => row['partition'] === partition && Number(row['position']) > older;
    tables.delete('checkpoints', isNewer);
    tables.delete('agent_state', isNewer);
    world.history.note(`partition ${partition} is as of its checkpoint ${older}`);
  }

  function leaveUnknownState(): void {
    const [row] = tables.final('agent_state');
    if (row === undefined || tables.all('agent_state').some(({ format }) => format === STRANGE_FORMAT)) return;
    const rows = tables.final('agent_state').filter(({ agent }) => agent === row['agent']);
    const newest = Math.max(...rows.map(({ position }) => Number(position)));
    const real = rows.find(({ position }) => Number(position) === newest);
    tables.delete('agent_state', (one) => one['agent'] === row['agent'] && Number(one['position']) === newest);
    const written = stateRows.length;
    tables.insert('agent_state', [{ ...row, position: newest, format: STRANGE_FORMAT, state: 'of another build' }]);
    stateRows.length = written;
    world.history.note(`a state of ${String(row['agent'])} is of an unknown format`);
    seeTo = () => {
      seeTo = () => {};
      tables.delete('agent_state', (one) => one['format'] === STRANGE_FORMAT);
      if (real !== undefined) tables.insert('agent_state', [real]);
      world.history.note('somebody has seen to the unknown state');
    };
    world.scheduler.after(random.int(60_000, 600_000), () => seeTo());
  }

  return {
    spoil() {
      if (world.strikes('olderSnapshot'))
        for (let partition = 0; partition < partitions; partition++) toOlderCheckpoint(partition);
      if (world.strikes('unknownFormat')) leaveUnknownState();
    },
    seeTo: () => seeTo(),
  };
}
