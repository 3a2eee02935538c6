import { createDispatcher, type Dispatcher, type DispatcherOptions } from '../../alerts/delivery.ts';
import type { Post } from '../../alerts/http-post.ts';
import type { Playbook } from '../../alerts/playbook.ts';
import { NOTICE_MS } from './alert-notice.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { type MemoryDeliveries, memoryDeliveries } from './memory-deliveries.ts';

export interface DispatcherRig {
  readonly dispatcher: Dispatcher;
  readonly deliveries: MemoryDeliveries;
  readonly clock: ManualClock;
  /** Everything that was logged, as one text. */
  logged(): string;
}

/** A dispatcher on a clock that stands still, without jitter, over deliveries in memory. */
export function dispatcherRig(
  playbooks: readonly Playbook[],
  post: Post,
  overrides: Partial<DispatcherOptions> & { deliveries?: MemoryDeliveries; clock?: ManualClock } = {},
): DispatcherRig {
  const { deliveries = memoryDeliveries(), clock = manualClock(NOTICE_MS), ...rest } = overrides;
  const lines: unknown[] = [];
  const write = (facts: object, message: string) => void lines.push([facts, message]);
  const dispatcher = createDispatcher({
    playbooks,
    post,
    deliveries,
    now: clock.now,
    random: () => 0.5,
    timers: clock.timers,
    log: { info: write, warn: write },
    ...rest,
  });
  return { dispatcher, deliveries, clock, logged: () => JSON.stringify(lines) };
}
