import type { AgentState } from './agent-state.ts';
import type { SessionState } from './session-state.ts';

/** Positions of a partition begin at 0; this one is taken when states move in. */
export const MOVED_POSITION = 0;

/**
 * The state for a partition whose positions start anew: as of `MOVED_POSITION`, with the positions of its sessions before that, in the
 * order they had. Which session is the oldest decides which is closed when too many are open, so an old one must not look newer than
 * the first of the new partition. A baseline named by a number below 0 is one from before the move.
 */
export function movedState(state: AgentState): AgentState {
  const shift = state.position - MOVED_POSITION;
  const moved = (session: SessionState): SessionState => ({
    ...session,
    firstPosition: session.firstPosition - shift,
    lastPosition: session.lastPosition - shift,
  });
  const { baseline } = state;
  return {
    ...state,
    position: MOVED_POSITION,
    baseline: baseline.position < 0 ? baseline : { ...baseline, position: baseline.position - shift },
    sessions: new Map([...state.sessions].map(([key, session]) => [key, moved(session)])),
    held: state.held.map((one) => ({ ...one, session: moved(one.session) })),
  };
}
