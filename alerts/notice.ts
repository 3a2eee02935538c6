/**
 * What the pipeline hands to playbooks when an alert opens. Everything in it stands in the log, so a notice rebuilt after a
 * restart is equal to the first one, and so is the webhook made from it.
 */
import type { Hit } from '../baselines/verdict.ts';

export interface AlertNotice extends Omit<Hit, 'opened' | 'stored'> {
  readonly tenant: string;
  /** When the act that opened the alert finished: epoch ms, as the event says. */
  readonly time: number;
  /** When that event reached intake: epoch ms, our own clock. */
  readonly receivedMs: number;
  readonly agent: string;
  /** Empty when the event named none. */
  readonly agentKind: string;
  readonly session: string;
  /** The event that opened the alert. */
  readonly eventId: string;
  /** The event was a day or more old on arrival. */
  readonly backfill: boolean;
}
