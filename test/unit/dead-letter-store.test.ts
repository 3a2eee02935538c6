/** Goal: a dead letter's row holds what went wrong in the clear, the record sealed, and the same id each time it is written. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { open } from '../../ingest/sealing.ts';
import { recordingStore } from '../support/recording-store.ts';

const sealKey = new Uint8Array(32).fill(3);
const ttlMs = 30 * 86_400_000;

function letter(overrides: Partial<DeadLetter> = {}): DeadLetter {
  return {
    code: 'invalid_json',
    field: '',
    message: 'The record is not valid JSON.',
    tenant: 't1',
    receivedMs: 1_795_251_601_234,
    source: 'http',
    sourcePosition: 'r1:0',
    raw: Buffer.from('{"a":'),
    ...overrides,
  };
}

async function written(letters: readonly DeadLetter[]): Promise<Record<string, unknown>[][]> {
  const { store, inserts } = recordingStore();
  await createDeadLetterStore(store, { sealKey, ttlMs }).write(letters);
  return inserts as Record<string, unknown>[][];
}

it('maps a letter to its row', async () => {
  const [[row] = []] = await written([letter()]);
  expect(row).toEqual({
    tenant: 't1',
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    received: 1_795_251_601_234,
    source: 'http',
    source_position: 'r1:0',
    code: 'invalid_json',
    field: '',
    message: 'The record is not valid JSON.',
    raw: expect.any(String),
    raw_bytes: 5,
    raw_sha256: createHash('sha256').update('{"a":').digest('hex'),
    expires: 1_795_251_601 + 30 * 86_400,
  });
  expect(open(sealKey, Buffer.from(String(row?.['raw']), 'base64')).toString()).toBe('{"a":');
});

it('keeps the first 64 KiB of a long record, and its whole length and hash', async () => {
  const raw = Buffer.alloc(1024 * 1024 + 1, 'x');
  const [[row] = []] = await written([letter({ raw })]);
  expect(open(sealKey, Buffer.from(String(row?.['raw']), 'base64'))).toEqual(raw.subarray(0, 65_536));
  expect([row?.['raw_bytes'], row?.['raw_sha256']]).toEqual([
    raw.length,
    createHash('sha256').update(raw).digest('hex'),
  ]);
});

it('gives a letter the same id whenever it is written, and another to any other letter', async () => {
  const others = [{ tenant: 't2' }, { source: 'file' }, { sourcePosition: 'r1:1' }, { raw: Buffer.from('x') }];
  const letters = [letter(), letter({ receivedMs: 1 }), ...others.map(letter)];
  const [rows = []] = await written(letters);
  const ids = rows.map((row) => row['id']);
  expect(ids[0]).toBe(ids[1]);
  expect(new Set(ids).size).toBe(1 + others.length);
});

describe('chunks', () => {
  it('hold at most 500 rows', async () => {
    const chunks = await written(Array.from({ length: 1001 }, (_, index) => letter({ sourcePosition: `r1:${index}` })));
    expect(chunks.map((rows) => rows.length)).toEqual([500, 500, 1]);
  });

  it('hold at most 8 MiB', async () => {
    const raw = Buffer.alloc(65_536, 'x');
    const chunks = await written(
      Array.from({ length: 200 }, (_, index) => letter({ sourcePosition: `r1:${index}`, raw })),
    );
    for (const rows of chunks) expect(JSON.stringify(rows).length).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(chunks.flat()).toHaveLength(200);
    expect(chunks.length).toBe(3);
  });

  it('are none for no letters', async () => expect(await written([])).toEqual([]));
});

it('passes on what the store says', async () => {
  const { store } = recordingStore(() => Promise.reject(new Error('down')));
  await expect(createDeadLetterStore(store, { sealKey, ttlMs }).write([letter()])).rejects.toThrow('down');
});
