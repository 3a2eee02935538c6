import type { AgentState } from './agent-state.ts';
import { emptyAgentState } from './agent-state.ts';
import { DistinctNames } from './distinct-names.ts';
import { pack } from './packed/pack.ts';
import { unpack } from './packed/unpack.ts';
import { restoredProvenance } from './provenance.ts';
import { SESSION_LIMITS, type SessionState } from './session-state.ts';
import { liftFormat1 } from './state-format-1.ts';
import { liftFormat2 } from './state-format-2.ts';
import { decodeTagged, encodeTagged } from './tagged-json.ts';
import { WaitingEvents } from './waiting-events.ts';

export { decodeTagged, encodeTagged } from './tagged-json.ts';

/** Version of the stored form. Older forms stay readable: a new version brings a step that lifts the one before it. */
export const STATE_FORMAT = 3;
/** Formats with the present fields: 2 has them as JSON, 3 packed. */
export const PRESENT_FORMATS = [2, STATE_FORMAT] as const;

/** Slots belong to detectors and the alert book; they bring their own form. */
export interface SlotCodec {
  encode(state: Readonly<AgentState>): Record<string, unknown>;
  decode(state: AgentState, slots: Readonly<Record<string, unknown>>): void;
}

/** A state as it is stored, and the format it has. */
export interface StoredState {
  readonly format: number;
  readonly state: string;
}

/**
 * The whole state as packed bytes (`packed/pack.ts`) in base64. Exact to the bit and in order, so `encode(decode(text)) === text`, and two
 * states are equal exactly when their texts are. Base64, because rows of the store are JSON; its compression takes the sixth back.
 */
export function encodeState(state: Readonly<AgentState>, codec: SlotCodec): string {
  const { slots: _, ...rest } = state;
  return pack({ ...rest, slots: codec.encode(state) }).toString('base64');
}

/** @throws RangeError for a format that this build does not know, and for a state of it that a later build wrote */
export function decodeState(text: string, format: number, codec: SlotCodec): AgentState {
  const read = readStored(text, format) as AgentState & { slots: Record<string, unknown> };
  const { slots, ...rest } = lifted(read, format);
  const empty = emptyAgentState(rest.tenant, rest.agent);
  const baseline = { ...empty.baseline, ...rest.baseline };
  const state: AgentState = { ...empty, ...rest, baseline, slots: new Map(), ...restoredSessions(rest) };
  codec.decode(state, slots);
  return state;
}

function restoredSessions({ sessions, held }: Pick<AgentState, 'sessions' | 'held'>) {
  const restored = (session: SessionState): SessionState => ({
    ...session,
    resources: new DistinctNames(SESSION_LIMITS.resourcesMax, session.key, session.resources),
    pending: new WaitingEvents(session.pending),
    provenance: restoredProvenance(session.provenance),
  });
  return {
    sessions: new Map([...sessions].map(([key, session]) => [key, restored(session)])),
    held: held.map((one) => ({ ...one, session: restored(one.session) })),
  };
}

function lifted<Read extends Parameters<typeof liftFormat1>[0]>(read: Read, format: number): Read {
  if (format === 1) return liftFormat1(read);
  return format === 2 ? (liftFormat2(read) as Read) : read;
}

function readStored(text: string, format: number): unknown {
  if (format === STATE_FORMAT) return unpack(Buffer.from(text, 'base64'));
  if (format === 1 || format === 2) return decodeTagged(text);
  throw new RangeError(`state format ${format} is not known; this build reads 1 to ${STATE_FORMAT}`);
}

/** A stored state of any format as JSON, for people and their tools: as format 2 had it, containers tagged. */
export const readableState = ({ format, state }: StoredState): string => encodeTagged(readStored(state, format));
