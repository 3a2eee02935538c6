import { parseError } from '@clickhouse/client';
import { ROW_FAULTS, STATEMENT_FAULTS } from './fault-codes.ts';
import { EmbeddedEngineMissing, StoreClosed, StoreLocked, StoreRejected, StoreUnavailable } from './store.ts';

export interface Attempt {
  /** Rows can only be at fault where rows were sent; in a query the same codes speak about its literals and parameters. */
  readonly kind: 'insert' | 'statement';
  /** Table or place, for the message. */
  readonly subject: string;
  readonly place: string;
}

/** Turns whatever the client threw into one of the store's errors. Never throws itself; the original stays as `cause`. */
export function classifyFault(error: unknown, attempt: Attempt): Error {
  if (isOurs(error)) return error;
  const fault = asClickHouseFault(error);
  if (fault === undefined) return unreachable(error, attempt);
  const rowFault = ROW_FAULTS[fault.code];
  if (rowFault !== undefined && attempt.kind === 'insert') {
    const message = `ClickHouse refused rows for ${attempt.subject}: ${fault.code} ${rowFault}.`;
    return new StoreRejected(message, fault.code, { cause: error });
  }
  if (rowFault !== undefined || STATEMENT_FAULTS[fault.code] !== undefined) return fault;
  const message = `The store at ${attempt.place} cannot do this now: ClickHouse error ${fault.code}.`;
  return new StoreUnavailable(message, { cause: error });
}

/** An error of ClickHouse itself; `code` is its number, such as `60`. */
export interface ClickHouseFault extends Error {
  readonly code: string;
}

/**
 * The ClickHouse error in whatever was thrown, told by its shape: the embedded engine brings a second copy of the client's error
 * class, and its streams throw text that begins with the code.
 */
export function asClickHouseFault(error: unknown): ClickHouseFault | undefined {
  if (!(error instanceof Error)) return undefined;
  if (hasCodeNumber(error)) return error;
  if (!/^Code: \d+\./.test(error.message)) return undefined;
  const parsed = parseError(error.message);
  return hasCodeNumber(parsed) ? parsed : undefined;
}

function hasCodeNumber(error: Error): error is ClickHouseFault {
  return 'code' in error && typeof error.code === 'string' && /^\d+$/.test(error.code);
}

function isOurs(error: unknown): error is Error {
  return (
    error instanceof StoreRejected ||
    error instanceof StoreUnavailable ||
    error instanceof StoreLocked ||
    error instanceof StoreClosed ||
    error instanceof EmbeddedEngineMissing ||
    // Mistakes of the program, such as a BigInt in a row: waiting would not mend them.
    error instanceof TypeError ||
    error instanceof RangeError
  );
}

function unreachable(error: unknown, attempt: Attempt): StoreUnavailable {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  return new StoreUnavailable(`The store at ${attempt.place} cannot be reached: ${code}.`, { cause: error });
}
