import type { ConsumerStats, LaneStats } from './partitioned-consumer.ts';

export interface WatchdogDeps {
  readonly stats: () => ConsumerStats | undefined;
  /** Asks the brokers anything; rejects when none answers. */
  readonly probe: () => Promise<unknown>;
  readonly now: () => number;
  /** Without progress for this long, although there is work, something is wrong. */
  readonly stallMs: number;
  /** The consumer is dead while the brokers are alive: nothing but a new process will help. */
  readonly onFailure: (error: Error) => void;
}

export interface Watchdog {
  /** Looks once. Call it every few seconds; never rejects. */
  look(): Promise<void>;
  /** What the last look found. */
  readonly progress: { readonly ok: boolean; readonly detail: string };
}

/** kafkajs may stop to fetch without any sign of it. */
export class ConsumerStalled extends Error {
  override readonly name = 'ConsumerStalled';
  readonly code = 'consumer_stalled';
}

export function createWatchdog({ stats, probe, now, stallMs, onFailure }: WatchdogDeps): Watchdog {
  let progress = { ok: false, detail: 'not a member of the consumer group yet' };

  async function look(): Promise<void> {
    const found = stats();
    if (found === undefined) return;
    const silentMs = now() - found.fetchedMs;
    const idle = found.lanes.filter((lane) => isStuck(lane) && !lane.busy);
    const slow = found.lanes.filter((lane) => isStuck(lane) && lane.busy);
    if (silentMs < stallMs && idle.length === 0) {
      progress =
        slow.length === 0
          ? { ok: true, detail: `${found.lanes.length} partitions` }
          : { ok: false, detail: `${slow.length} partitions wait for the store` };
      return;
    }
    progress = { ok: false, detail: `nothing was read for ${Math.round(silentMs / 1000)} s` };
    try {
      await probe();
    } catch {
      progress = { ok: false, detail: 'no broker answers' };
      return;
    }
    onFailure(new ConsumerStalled(`The brokers answer, but nothing was read for ${Math.round(silentMs / 1000)} s.`));
  }

  const isStuck = ({ lag, advancedMs }: LaneStats): boolean => lag > 0 && now() - advancedMs >= stallMs;

  return {
    look,
    get progress() {
      return progress;
    },
  };
}
