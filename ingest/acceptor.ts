import type { DeadLetter, Rejection } from './dead-letter.ts';
import type { Intake } from './intake.ts';
import type { EventEntry, LogSink } from './log.ts';

/** Where a delivery of records came from. */
export interface DeliveryOrigin {
  /** `http`, `file` or `kafka:<topic>`. */
  readonly source: string;
  /** Names the delivery within its source: a request id. Together with the index it is the source position. */
  readonly delivery: string;
  /** Id for a record without one, by its index. */
  readonly fallbackId: (index: number) => string;
}

export interface Accepted {
  readonly accepted: number;
  readonly rejected: readonly (Rejection & { readonly index: number })[];
}

export interface Acceptor {
  /**
   * Admits raw records one by one, appends the good ones to the log and writes the bad ones to the dead letters. Resolves when all
   * are durable. Rejects with `LogUnavailable` when the log cannot take them: nothing counts as accepted then.
   */
  accept(tenant: string, records: readonly Uint8Array[], origin: DeliveryOrigin): Promise<Accepted>;
}

export interface AcceptorDeps {
  readonly intake: Intake;
  readonly sink: LogSink;
  readonly deadLetters: { write(letters: readonly DeadLetter[]): Promise<void> };
  readonly now: () => number;
  /** Lets others have their turn of the event loop. */
  readonly breathe?: () => Promise<void>;
}

/** Work between two breaths of the event loop: one megabyte-sized record, or this many bytes of small ones. */
const STRIDE_BYTES = 512 * 1024;

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve));

export function createAcceptor({ intake, sink, deadLetters, now, breathe = nextTurn }: AcceptorDeps): Acceptor {
  return {
    async accept(tenant, records, { source, delivery, fallbackId }) {
      const entries: EventEntry[] = [];
      const letters: DeadLetter[] = [];
      const rejected: (Rejection & { index: number })[] = [];
      const receivedMs = now();
      let sinceBreath = 0;
      for (const [index, raw] of records.entries()) {
        const context = {
          tenant,
          receivedMs,
          source,
          sourcePosition: `${delivery}:${index}`,
          fallbackId: fallbackId(index),
        };
        const admitted = intake.admit(raw, context);
        if (admitted.ok) entries.push(admitted.entry);
        else {
          const { code, field, message } = admitted.letter;
          letters.push(admitted.letter);
          rejected.push({ index, code, field, message });
        }
        sinceBreath += raw.byteLength;
        if (sinceBreath < STRIDE_BYTES) continue;
        sinceBreath = 0;
        await breathe();
      }
      // Dead letters first: when they cannot be kept the sender must hear of it before anything is acknowledged.
      if (letters.length > 0) await deadLetters.write(letters);
      await sink.append(entries);
      return { accepted: entries.length, rejected };
    },
  };
}
