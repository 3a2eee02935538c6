/** What every step of a move of the log works with. */
import type { Store } from '../../store/store.ts';
import type { Config } from '../config.ts';
import type { Persist } from '../partition.ts';
import type { Cluster } from './workspace.ts';

export const MOVE_STEPS = ['checked', 'settled', 'opened', 'copied', 'begun', 'forwarded'] as const;
export type MoveStep = (typeof MOVE_STEPS)[number];

export interface MoveDeps extends Cluster {
  readonly config: Config;
  readonly store: Store;
  readonly persist: Persist;
  readonly now: () => number;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Told of every step when it is done. What it throws ends the move there. */
  readonly reached: (step: MoveStep, facts: string) => void | Promise<void>;
}
