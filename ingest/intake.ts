/**
 * What happens to one raw record, whichever way it came: decoded, validated, normalised, and bound to its tenant; or refused.
 */
import type { DeadLetter, Rejection } from './dead-letter.ts';
import { decodeRecord } from './decode.ts';
import type { EventEntry } from './log.ts';
import type { Normalise } from './normalise.ts';

export interface IntakeContext {
  /** From the credential or the topic's configuration, never from the event. */
  readonly tenant: string;
  /** Wall clock at receipt, epoch ms. */
  readonly receivedMs: number;
  /** `http`, `file` or `kafka:<topic>`. */
  readonly source: string;
  /** Position within the source: request id and index, line number, or partition and offset. */
  readonly sourcePosition: string;
  /** The event's id when it brings none; 1 to 128 characters. */
  readonly fallbackId: string;
}

export type Admitted =
  | { readonly ok: true; readonly entry: EventEntry }
  | { readonly ok: false; readonly letter: DeadLetter };

export interface Intake {
  /** Pure and synchronous: same record and context, same answer. Never throws, whatever the bytes. */
  admit(raw: Uint8Array, context: IntakeContext): Admitted;
}

export function createIntake({ normalise }: { readonly normalise: Normalise }): Intake {
  return {
    admit(raw, context) {
      const decoded = decodeRecord(raw);
      if (!decoded.ok) return { ok: false, letter: deadLetter(decoded.rejection, raw, context) };
      const normalised = normalise(decoded.value, context);
      if (!normalised.ok) return { ok: false, letter: deadLetter(normalised.rejection, raw, context) };
      const { event, digest } = normalised;
      const { tenant, receivedMs } = context;
      return { ok: true, entry: { kind: 'event', tenant, receivedMs, event, digest } };
    },
  };
}

function deadLetter(rejection: Rejection, raw: Uint8Array, context: IntakeContext): DeadLetter {
  const { tenant, receivedMs, source, sourcePosition } = context;
  return { ...rejection, tenant, receivedMs, source, sourcePosition, raw };
}
