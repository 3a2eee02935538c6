/** All honest changes. To add one: a file in this folder and an entry here. */
import { busyMonday } from './busy-monday.ts';
import type { Change } from './change.ts';
import { monthEnd } from './month-end.ts';
import { newAgent } from './new-agent.ts';
import { reorganisation } from './reorganisation.ts';
import { toolRollout } from './tool-rollout.ts';

export const CHANGES = {
  'tool-rollout': toolRollout,
  'month-end': monthEnd,
  'new-agent': newAgent,
  'busy-monday': busyMonday,
  reorganisation,
} as const satisfies Record<string, Change>;

export type ChangeName = keyof typeof CHANGES;
