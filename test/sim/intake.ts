/** Who writes to the log what comes from outside: to the topic that it takes for the log, until it hears of another. */
import type { Random } from '../../cli/simulate/random.ts';
import type { EncodedRecord } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import type { Broker } from './broker.ts';
import type { World } from './world.ts';

export interface Intake {
  /** @param partition of the first topic */
  append(partition: number, record: EncodedRecord, timestampMs: number): void;
  /** What comes from now on waits; */
  halt(): void;
  /** goes to the topic that was the log before; */
  letGo(): void;
  /** or to the one that is the log now, like all that follows. */
  resume(): void;
}

type Append = Parameters<Intake['append']>;

const RESTART_MS = { min: 1_000, max: 30_000 };

/** @param current where the log is now */
export function createIntake(world: World, random: Random, first: Broker, current: () => Broker): Intake {
  const waiting: Append[] = [];
  let target = first;
  let halted = false;

  function append(...one: Append): void {
    if (halted) waiting.push(one);
    else if (target.closed) restart(one);
    else place(target, ...one);
  }

  /** Refused, it ends with what it has, which its senders send again to the next one. */
  function restart(one: Append): void {
    halt();
    waiting.push(one);
    world.history.note('an intake finds its topic closed');
    world.scheduler.after(random.int(RESTART_MS.min, RESTART_MS.max), resume);
  }

  function place(to: Broker, partition: number, record: EncodedRecord, timestampMs: number): void {
    if (to === first) to.append(partition, record, timestampMs);
    else if (record.key !== null) to.append(createPartitioning(to.partitions)(record.key), record, timestampMs);
    else if (partition < to.partitions) to.append(partition, record, timestampMs);
  }

  function halt(): void {
    halted = true;
  }

  function letGo(): void {
    halted = false;
    for (const one of waiting.splice(0)) append(...one);
  }

  function resume(): void {
    target = current();
    letGo();
  }

  return { append, halt, letGo, resume };
}
