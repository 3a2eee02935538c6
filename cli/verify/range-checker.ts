/** What a check of the log works with, put together for one store. */
import { createDeliveryRecords } from '../../alerts/delivery-store.ts';
import { createHitStore } from '../../alerts/hit-store.ts';
import type { Playbook } from '../../alerts/playbook.ts';
import { DAY_MS } from '../../baselines/periods.ts';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import type { Store } from '../../store/store.ts';
import type { Config } from '../config.ts';
import { sleep as systemSleep } from '../sleep.ts';
import { createLogRows } from './log-rows.ts';
import type { RangeCheckDeps } from './range-check.ts';
import { createStoredOutcomes } from './stored-outcomes.ts';
import type { TopicLook } from './topic-look.ts';

export interface VerifyDeps {
  readonly store: Store;
  readonly config: Config;
  readonly now: () => number;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly topic?: TopicLook | undefined;
  /** Has what is due sent; absent in a process that sends nothing. */
  readonly send?: (() => Promise<unknown>) | undefined;
  readonly sleep?: RangeCheckDeps['sleep'] | undefined;
}

interface CheckOptions extends Pick<RangeCheckDeps, 'pauseMs' | 'stop' | 'lotPositions'> {
  readonly repair: boolean;
}

/** @param playbooks those that the alerts of this store are sent to */
export function rangeChecker(
  { store, config, now, deadLetters, topic, send, sleep = systemSleep }: VerifyDeps,
  playbooks: readonly Playbook[],
  { repair, ...options }: CheckOptions,
): RangeCheckDeps {
  return {
    rows: createLogRows(store),
    outcomes: createStoredOutcomes(store),
    deliveries: createDeliveryRecords(store),
    playbooks,
    topic,
    letterTtlMs: config.deadLetterDays * DAY_MS,
    now,
    sleep,
    ...options,
    repair: repair ? { hits: createHitStore(store), deadLetters, send } : undefined,
  };
}
