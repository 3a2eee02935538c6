import type { Store } from '../../store/store.ts';

export interface RecordingStore {
  readonly store: Store;
  /** Rows of every insert that was tried, in order. */
  readonly inserts: object[][];
}

/** A store that only takes inserts and remembers them; `insert` may refuse or delay one. */
export function recordingStore(insert: (rows: readonly object[]) => Promise<void> | void = () => {}): RecordingStore {
  const inserts: object[][] = [];
  const unused = () => {
    throw new Error('This store takes inserts only.');
  };
  const store: Store = {
    engine: 'embedded',
    place: 'memory',
    insert: async (_, rows) => {
      inserts.push([...rows]);
      await insert(rows);
    },
    query: unused,
    stream: unused,
    command: unused,
    ping: unused,
    close: unused,
  };
  return { store, inserts };
}
