/** States at rest without a store: their stored forms, and who was asked for. */
import { type AgentKey, cacheKey, type StateRepository } from '../../baselines/state-cache.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { scoring } from './partition-run.ts';

const codec = slotCodec(scoring);

export interface MemoryStates extends StateRepository {
  readonly stored: Map<string, string>;
  /** Agents that were looked up, in order. */
  readonly asked: AgentKey[];
  /** Saves that fail before one succeeds again. */
  failures: number;
}

export function createMemoryStates(): MemoryStates {
  const stored = new Map<string, string>();
  const asked: AgentKey[] = [];
  return {
    stored,
    asked,
    failures: 0,
    latestCheckpoint: async () => undefined,
    async load(_partition, keys) {
      asked.push(...keys);
      return keys.flatMap((key) => {
        const text = stored.get(cacheKey(key));
        return text === undefined ? [] : [decodeState(text, STATE_FORMAT, codec)];
      });
    },
    async save(_partition, states) {
      if (this.failures > 0) {
        this.failures -= 1;
        throw new Error('the store is away');
      }
      for (const state of states) stored.set(cacheKey(state), encodeState(state, codec));
    },
    takeDown: (_partition, states) =>
      states.map((state) => ({ key: cacheKey(state), text: encodeState(state, codec) })),
    async write(rows) {
      for (const { key, text } of rows as readonly { key: string; text: string }[]) stored.set(key, text);
    },
  };
}
