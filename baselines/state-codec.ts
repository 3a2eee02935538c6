import type { AgentState } from './agent-state.ts';
import { emptyAgentState } from './agent-state.ts';

/** Version of the stored form. Older forms stay readable: a new version brings a step that lifts the one before it. */
export const STATE_FORMAT = 1;

/** Slots belong to detectors and the alert book; they bring their own form. */
export interface SlotCodec {
  encode(state: Readonly<AgentState>): Record<string, unknown>;
  decode(state: AgentState, slots: Readonly<Record<string, unknown>>): void;
}

/**
 * The whole state as JSON text. Numbers keep every bit (shortest form that reads back the same), maps and sets keep their order, so
 * `encode(decode(text)) === text`, and two states are equal exactly when their texts are.
 */
export function encodeState(state: Readonly<AgentState>, codec: SlotCodec): string {
  const { slots: _, ...rest } = state;
  return JSON.stringify({ ...rest, slots: codec.encode(state) }, tagContainers);
}

export function decodeState(text: string, format: number, codec: SlotCodec): AgentState {
  if (format !== STATE_FORMAT)
    throw new RangeError(`state format ${format} is not known; this build reads ${STATE_FORMAT}`);
  const { slots, ...rest } = JSON.parse(text, untagContainers) as AgentState & { slots: Record<string, unknown> };
  const state: AgentState = { ...emptyAgentState(rest.tenant, rest.agent), ...rest, slots: new Map() };
  codec.decode(state, slots);
  return state;
}

// JSON knows no maps, sets and typed arrays. Tags cannot clash with data: field names of the state are fixed, and everything
// that comes from events stands in arrays or as a value.
function tagContainers(_key: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  if (value instanceof Float64Array) return { $f64: [...value] };
  if (value instanceof Uint32Array) return { $u32: sparse(value) };
  return value;
}

function untagContainers(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const tagged = value as { $map?: [unknown, unknown][]; $set?: unknown[]; $f64?: number[]; $u32?: [number, number[]] };
  if (tagged.$map !== undefined) return new Map(tagged.$map);
  if (tagged.$set !== undefined) return new Set(tagged.$set);
  if (tagged.$f64 !== undefined) return Float64Array.from(tagged.$f64);
  if (tagged.$u32 !== undefined) return dense(tagged.$u32);
  return value;
}

/** Eviction filters are empty for nearly every agent: length, then index and value of each word that is not 0. */
const sparse = (words: Uint32Array): [number, number[]] => [
  words.length,
  [...words].flatMap((word, i) => (word === 0 ? [] : [i, word])),
];

function dense([length, pairs]: [number, number[]]): Uint32Array {
  const words = new Uint32Array(length);
  for (let i = 0; i < pairs.length; i += 2) words[pairs[i] ?? 0] = pairs[i + 1] ?? 0;
  return words;
}
