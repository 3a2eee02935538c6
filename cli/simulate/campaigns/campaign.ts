/** An attack that can be carried out at any pace: what it does is told in doses, `pace.ts` says when. */
import type { AgentKind } from '../agent-kind.ts';
import type { Desk } from '../desk.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import type { Scene } from '../stories/story.ts';

export interface Campaign {
  readonly summary: string;
  /** Whether it can happen to agents of this kind at all. */
  suits(kind: AgentKind): boolean;
  /** Draws what stays the same from the first dose to the last: the place, the target, the amount. */
  prepare(scene: Scene, random: Random): Scheme;
}

export interface Scheme {
  /** What was drawn, for people. */
  readonly words: string;
  /** What an outsider wrote to be obeyed: it stands in a tool result of the first session, before the first act. */
  readonly lure?: string;
  write(session: SessionWriter, desk: Desk, dose: Dose): void;
}

export interface Dose {
  /** Share of the whole that is done now, above 0, at most 1. */
  readonly size: number;
  /** From 0; 0 is the first session of the attack. */
  readonly step: number;
  /** No further one follows. */
  readonly last: boolean;
}

/** How many of `total` fall to this dose: at least one. */
export const portion = (total: number, { size }: Dose): number => Math.max(1, Math.round(total * size));

/** Acts of one dose are so many at most: a large total must not eat the memory. */
export const ACTS_MAX = 120;
