/** An attack, told by what happens in the sessions of one agent. */
import type { Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { AgentStream } from '../agent-stream.ts';
import type { Random } from '../random.ts';
import type { SessionDraft } from '../session-writer.ts';

/** How long a story takes. Slow ones choose their agents first: they leave no room beside them. */
export type Pace = 'minutes' | 'hours' | 'days';

export interface Story {
  readonly summary: string;
  readonly pace: Pace;
  /** Whether it can happen to agents of this kind at all. */
  suits(kind: AgentKind): boolean;
  /** Undefined when this agent's days offer no occasion for it; another agent is then tried. */
  plot(scene: Scene, random: Random): Plot | undefined;
}

/** One agent during the days in which stories are planted. */
export interface Scene {
  readonly stream: AgentStream;
  /** Its ordinary sessions of those days, in time order. At least one. */
  readonly sessions: readonly SessionDraft[];
  readonly startMs: number;
  readonly endMs: number;
  /** Tools that agents of other kinds use. */
  readonly foreignTools: readonly Tool[];
}

export interface Plot {
  readonly magnitude: Magnitude;
  /** Ordinary sessions that went otherwise, and how. */
  readonly changed: ReadonlyMap<SessionDraft, SessionDraft>;
  readonly added: readonly SessionDraft[];
}

/** How strong the attack is: stories reach from plain to hardly visible. */
export interface Magnitude {
  readonly amount: number;
  readonly unit: string;
  readonly words: string;
}
