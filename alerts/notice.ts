/**
 * What the pipeline hands to playbooks when an alert opens. Everything in it stands in the log, so a notice rebuilt after a
 * restart is equal to the first one, and so is the webhook made from it.
 */
import type { Reason, Severity } from '../baselines/verdict.ts';

export interface AlertNotice {
  readonly tenant: string;
  readonly alertId: string;
  /** When the act that opened the alert finished: epoch ms, as the event says. */
  readonly time: number;
  /** When that event reached intake: epoch ms, our own clock. */
  readonly receivedMs: number;
  readonly agent: string;
  /** Empty when the event named none. */
  readonly agentKind: string;
  readonly session: string;
  readonly detector: string;
  readonly subject: string;
  readonly severity: Severity;
  /** 0..1: probability that a session of this agent looks this odd by chance. */
  readonly p: number;
  /** 0..1. */
  readonly score: number;
  /** Fixed words; never text from an event. */
  readonly title: string;
  /** One sentence; may quote text from an event. */
  readonly why: string;
  readonly reason: Reason;
  readonly tags: readonly string[];
  /** The event that opened the alert. */
  readonly eventId: string;
  /** The event was a day or more old on arrival. */
  readonly backfill: boolean;
}
