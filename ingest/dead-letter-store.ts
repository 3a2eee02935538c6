/**
 * Refused records in the table `dead_letters`: what was wrong in the clear, what was sent encrypted and for a while only.
 */
import { createHash } from 'node:crypto';
import type { Store } from '../store/store.ts';
import type { DeadLetter } from './dead-letter.ts';
import { seal } from './sealing.ts';

export interface DeadLetterStoreDeps {
  /** 32 bytes; see `deriveKey`. */
  readonly sealKey: Uint8Array;
  /** How long a letter is kept, from receipt. */
  readonly ttlMs: number;
}

export interface DeadLetterStore {
  /**
   * Resolves when all letters are durable; rejects with the store's error, and then any number of leading chunks may be stored.
   * Writing the same letters again adds nothing: their ids derive from what they are. A letter with another receipt is another row.
   */
  write(letters: readonly DeadLetter[]): Promise<void>;
}

const RAW_BYTES_KEPT = 64 * 1024;
const CHUNK_ROWS_MAX = 500;
const CHUNK_BYTES_MAX = 8 * 1024 * 1024;
/** Largest value of ClickHouse's DateTime: 2106-02-07. */
const EXPIRES_MAX = 2 ** 32 - 1;

export function createDeadLetterStore(store: Store, { sealKey, ttlMs }: DeadLetterStoreDeps): DeadLetterStore {
  return {
    async write(letters) {
      for (const chunk of chunksOf(letters)) {
        await store.insert(
          'dead_letters',
          chunk.map((letter) => toRow(letter, sealKey, ttlMs)),
        );
      }
    },
  };
}

/** Chunks small enough for one insert; rows are made only when their chunk is written. */
function* chunksOf(letters: readonly DeadLetter[]): Generator<DeadLetter[]> {
  let chunk: DeadLetter[] = [];
  let chunkBytes = 0;
  for (const letter of letters) {
    const bytes = rowBytes(letter);
    if (chunk.length > 0 && (chunk.length >= CHUNK_ROWS_MAX || chunkBytes + bytes > CHUNK_BYTES_MAX)) {
      yield chunk;
      chunk = [];
      chunkBytes = 0;
    }
    chunk.push(letter);
    chunkBytes += bytes;
  }
  if (chunk.length > 0) yield chunk;
}

/** Roughly: base64 adds a third to the raw bytes, everything else stays under a kilobyte or two. */
function rowBytes({ raw, message, sourcePosition }: DeadLetter): number {
  return 1024 + message.length + sourcePosition.length + Math.ceil((Math.min(raw.byteLength, RAW_BYTES_KEPT) * 4) / 3);
}

function toRow(letter: DeadLetter, sealKey: Uint8Array, ttlMs: number): object {
  const { tenant, receivedMs, source, sourcePosition, code, field, message, raw } = letter;
  const rawSha256 = createHash('sha256').update(raw).digest('hex');
  return {
    tenant,
    id: letterId([tenant, source, sourcePosition, rawSha256]),
    received: receivedMs,
    source,
    source_position: sourcePosition,
    code,
    field,
    message,
    raw: seal(sealKey, raw.subarray(0, RAW_BYTES_KEPT)).toString('base64'),
    raw_bytes: raw.byteLength,
    raw_sha256: rawSha256,
    expires: Math.min(Math.floor((receivedMs + ttlMs) / 1000), EXPIRES_MAX),
  };
}

function letterId(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
