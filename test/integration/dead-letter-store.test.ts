/** Goal: a dead letter survives the real engine byte for byte, and writing it twice leaves one. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { deriveKey, open } from '../../ingest/sealing.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

let place: TemporaryStore;
beforeAll(async () => {
  place = await openTemporaryStore();
});
afterAll(() => place.close());

it('writes, seals and collapses', async () => {
  const sealKey = deriveKey(new Uint8Array(32).fill(9), 'dead-letters');
  const raw = Buffer.from([0x7b, 0x00, 0xff, 0xfe, 0x0a]);
  const letter = {
    code: 'invalid_utf8' as const,
    field: '',
    message: 'The record is not valid UTF-8.',
    tenant: 't1',
    receivedMs: Date.now(),
    source: 'http',
    sourcePosition: "r'1:0",
    raw,
  };
  const letters = createDeadLetterStore(place.store, { sealKey, ttlMs: 86_400_000 });
  await letters.write([letter]);
  await letters.write([letter]);
  const rows = await place.store.query<Record<string, string>>(
    `SELECT tenant, source_position, code, raw, toUnixTimestamp64Milli(received) = {received:Int64} AS same,
      toUnixTimestamp(expires) AS expires, raw_bytes FROM dead_letters FINAL`,
    { received: letter.receivedMs },
  );
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(open(sealKey, Buffer.from(row?.['raw'] ?? '', 'base64'))).toEqual(raw);
  expect([
    row?.['tenant'],
    row?.['source_position'],
    row?.['code'],
    Number(row?.['same']),
    Number(row?.['raw_bytes']),
  ]).toEqual(['t1', "r'1:0", 'invalid_utf8', 1, 5]);
  expect(Number(row?.['expires'])).toBe(Math.floor((letter.receivedMs + 86_400_000) / 1000));
});
