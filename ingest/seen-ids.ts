import { hash } from 'node:crypto';

/**
 * Bloom filter over (tenant, agent, id): says "certainly new" or "maybe seen". Exactness comes from the store, which is asked about every
 * maybe; the filter only keeps new events from being looked up at all.
 *
 * With `bits` = 2^27 (16 MiB) and 7 probes: 1 % false maybes at 14 million ids. Fuller, it stays exact and grows slow.
 */
export interface SeenIds {
  add(tenant: string, agent: string, id: string): void;
  maybeSeen(tenant: string, agent: string, id: string): boolean;
  /** `maybeSeen`, and `add` for what was not: the hash is most of what either costs. */
  meet(tenant: string, agent: string, id: string): boolean;
  /** The filter itself, to be stored; a filter made of it goes on where this one is. */
  readonly words: Uint32Array;
}

const PROBES = 7;
export const DEFAULT_FILTER_BITS = 2 ** 27;

/** @param words of a filter of as many bits, which from now on are this one's */
export function createSeenIds(
  bits: number = DEFAULT_FILTER_BITS,
  words: Uint32Array = new Uint32Array(bits >>> 5),
): SeenIds {
  if (words.length !== bits >>> 5) throw new RangeError(`A filter of ${bits} bits has ${bits >>> 5} words.`);
  const mask = bits - 1;
  const set = (bit: number): boolean => {
    words[bit >>> 5] = (words[bit >>> 5] ?? 0) | (1 << (bit & 31));
    return true;
  };
  return {
    words,
    add(tenant, agent, id) {
      eachBit(tenant, agent, id, mask, set);
    },
    meet(tenant, agent, id) {
      let met = true;
      eachBit(tenant, agent, id, mask, (bit) => {
        met &&= ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
        return set(bit);
      });
      return met;
    },
    maybeSeen: (tenant, agent, id) =>
      eachBit(tenant, agent, id, mask, (bit) => ((words[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0),
  };
}

/** Calls `visit` per probe until it says no. Ids are chosen by senders, so the hash must be hard to steer: SHA-1 of all three. */
function eachBit(tenant: string, agent: string, id: string, mask: number, visit: (bit: number) => boolean): boolean {
  const digest = hash('sha1', `${tenant}\u0000${agent}\u0000${id}`, 'buffer');
  const a = digest.readUInt32LE(0);
  const b = digest.readUInt32LE(4) | 1;
  for (let i = 0; i < PROBES; i++) if (!visit(((a + Math.imul(i, b)) >>> 0) & mask)) return false;
  return true;
}
