/** An operator's word on a baseline: what was learned is forgotten, or replaced by what was known at another time. */
import { NewerBuild } from '../ingest/newer-build.ts';
import type { AgentState } from './agent-state.ts';
import { type Baseline, emptyBaseline } from './baseline.ts';
import { emptyCalendar } from './calendar.ts';
import { decodeTagged, encodeTagged } from './tagged-json.ts';
import { WaitingEvents } from './waiting-events.ts';

/** What detectors have learned of an agent, in its slots. */
export interface LearnedSlots {
  encodeSlots(state: Readonly<AgentState>): Record<string, unknown>;
  decodeSlots(state: AgentState, slots: Readonly<Record<string, unknown>>): void;
}

interface StoredBaseline {
  readonly format: number;
  readonly baseline: Baseline;
  readonly slots: Readonly<Record<string, unknown>>;
}

/** Of this text, which records of the log name for ever: not that of whole states. */
const BASELINE_FORMAT = 2;

/** What was learned, as text that `restoreBaseline` takes: the baseline and what detectors keep beside it. */
export const encodeBaseline = (state: Readonly<AgentState>, learned: LearnedSlots): string =>
  encodeTagged({ format: BASELINE_FORMAT, baseline: state.baseline, slots: learned.encodeSlots(state) });

/** The agent is new again. Its alerts, its sessions and what waits for an analyst stay. */
export function resetBaseline(state: AgentState, learned: LearnedSlots): void {
  for (const name of Object.keys(learned.encodeSlots(state))) state.slots.delete(name);
  state.baseline = emptyBaseline();
  state.calendar = emptyCalendar();
  dropPending(state);
}

/**
 * Goes on from a stored baseline. Hours since then count as not watched, not as quiet. A text that is none changes nothing.
 *
 * @throws NewerBuild for one of a later format: this build would go on from another baseline than the one that was asked for
 */
export function restoreBaseline(state: AgentState, text: string, learned: LearnedSlots): void {
  const stored = readStored(text);
  if (stored === undefined) return;
  resetBaseline(state, learned);
  state.baseline = stored.baseline;
  learned.decodeSlots(state, stored.slots);
}

function readStored(text: string): StoredBaseline | undefined {
  const stored = decoded(text);
  const format = Number(stored?.format);
  if (Number.isSafeInteger(format) && format > BASELINE_FORMAT)
    throw new NewerBuild('A stored baseline', format, BASELINE_FORMAT);
  return format === BASELINE_FORMAT ? stored : undefined;
}

function decoded(text: string): StoredBaseline | undefined {
  try {
    return decodeTagged(text) as StoredBaseline;
  } catch {
    return undefined;
  }
}

/** What happened before the word was spoken does not enter the baseline after it. */
function dropPending(state: AgentState): void {
  for (const session of state.sessions.values()) {
    session.pending = new WaitingEvents();
    session.holdsLate = true;
  }
}
