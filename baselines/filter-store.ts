import type { Store } from '../store/store.ts';

/**
 * Filters of a partition as of a position: which ids of events, and which agents, may have been there. Read back, a start needs only what came
 * after it. A filter that knows more than its position says is as good: it says "maybe", and the store is asked.
 */
export interface FilterStore {
  /** The newest that has as many words; undefined when there is none. */
  latest(partition: number, name: FilterName, words: number): Promise<StoredFilter | undefined>;
  /** One atomic insert; replaces filters of earlier positions. */
  write(partition: number, position: number, filters: Readonly<Record<FilterName, Uint32Array>>): Promise<void>;
}

export type FilterName = 'ids' | 'agents';

export interface StoredFilter {
  readonly position: number;
  readonly words: Uint32Array;
}

/** Words of one row: 256 KiB of bits. */
const CHUNK_WORDS = 2 ** 16;

export function createFilterStore(store: Store): FilterStore {
  return {
    async latest(partition, name, words) {
      const rows = await store.query<{ position: number; chunk: number; bits: string }>(LATEST, { partition, name });
      const [first] = rows;
      if (first === undefined || rows.length !== Math.ceil(words / CHUNK_WORDS)) return undefined;
      const filter = new Uint32Array(words);
      const bytes = new Uint8Array(filter.buffer);
      for (const { chunk, bits } of rows) {
        const part = Buffer.from(bits, 'base64');
        // Of another size: the number of partitions, and with it the share of each, has changed.
        if (part.length !== 4 * Math.min(CHUNK_WORDS, words - Number(chunk) * CHUNK_WORDS)) return undefined;
        bytes.set(part, 4 * CHUNK_WORDS * Number(chunk));
      }
      return { position: Number(first.position), words: filter };
    },
    write: (partition, position, filters) =>
      store.insert(
        'partition_filters',
        Object.entries(filters).flatMap(([name, words]) => rowsOf(partition, position, name, words)),
      ),
  };
}

function rowsOf(partition: number, position: number, name: string, words: Uint32Array): object[] {
  return Array.from({ length: Math.ceil(words.length / CHUNK_WORDS) }, (_, chunk) => {
    const part = words.subarray(chunk * CHUNK_WORDS, (chunk + 1) * CHUNK_WORDS);
    const bits = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64');
    return { partition, position, name, chunk, bits };
  });
}

const LATEST = `
  SELECT position, chunk, bits FROM partition_filters
  WHERE partition = {partition:UInt32} AND name = {name:String} AND position = (
    SELECT max(position) FROM partition_filters WHERE partition = {partition:UInt32} AND name = {name:String})
  ORDER BY chunk LIMIT 1 BY chunk`;
