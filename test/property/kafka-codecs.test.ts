/**
 * Goal: whatever the bytes of a batch are, decoding ends within its bound or in an `UndecodableError`; and what one side writes the
 * other reads. zstd is only cut here, not changed: its decoder does not end on some inputs, which the broker refuses to store.
 */
import fc from 'fast-check';
import { compress as lz4Frame } from 'lz4js';
import { compress as snappyBlock } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { createCodecs } from '../../ingest/kafka/codecs.ts';
import { decodeRecordSet, type FetchedMessage } from '../../ingest/kafka/record-batch.ts';
import { WireReader } from '../../ingest/kafka/wire-reader.ts';

const BYTES_MAX = 64 * 1024;
const codecs = createCodecs(BYTES_MAX);

/** Text with repeats, so that there is something to match. */
const text = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 60 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));

const writers = {
  gzip: (bytes: Buffer) => codecs.gzip.compress({ buffer: bytes }),
  snappy: (bytes: Buffer) => codecs.snappy.compress({ buffer: bytes }),
  'raw snappy': async (bytes: Buffer) => snappyBlock(bytes),
  lz4: async (bytes: Buffer) => Buffer.from(lz4Frame(bytes)),
};
const readerOf = { gzip: codecs.gzip, snappy: codecs.snappy, 'raw snappy': codecs.snappy, lz4: codecs.lz4 };
const names = Object.keys(writers) as (keyof typeof writers)[];

const outcome = (decoded: Promise<Buffer>): Promise<string> =>
  decoded.then(
    (bytes) => (bytes.length <= BYTES_MAX ? 'bounded' : 'too long'),
    (error: Error) => error.name,
  );

describe.each(names)('%s', (name) => {
  it('reads back what was written', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (bytes) => {
        expect((await readerOf[name].decompress(await writers[name](bytes))).equals(bytes)).toBe(true);
      }),
    );
  });

  it('survives changed and cut bytes', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(text, changes, fc.nat(), async (bytes, changed, cut) => {
        const written = Buffer.from(await writers[name](bytes));
        for (const [at, byte] of changed) written[at % written.length] = byte;
        const kept = written.subarray(0, written.length - (cut % 4 === 0 ? cut % written.length : 0));
        expect(await outcome(readerOf[name].decompress(kept))).toMatch(/^(bounded|UndecodableError)$/);
      }),
      { numRuns: 300 },
    );
  });
});

it('zstd survives cuts', async () => {
  const frame = Buffer.from(
    'KLUv/QBYjAEAhAJUaGUgYWdlbnQgYXNrZWQgZm9yIHRoZSBjdXN0b21lciB0YWJsZS4gAQAoZP2qDAEAAA==',
    'base64',
  );
  for (let length = 0; length < frame.length; length += 1) {
    expect(await outcome(codecs.zstd.decompress(frame.subarray(0, length)))).toBe('UndecodableError');
  }
});

it('a record set of any bytes gives whole messages and no error', async () => {
  const limits = { responseBytesMax: BYTES_MAX, recordsMax: 100, headersMax: 8 };
  /** A batch whose length is right and whose format is current, so that the rest is looked at. */
  const batch = fc.uint8Array({ minLength: 61, maxLength: 200 }).map((bytes) => {
    const buffer = Buffer.from(bytes);
    buffer.writeInt32BE(buffer.length - 12, 8);
    buffer.writeInt8(2, 16);
    // zstd excepted.
    buffer.writeInt16BE(buffer.readInt16BE(21) & 0x3b, 21);
    buffer.writeInt32BE(buffer.readInt32BE(57) & 3, 57);
    return buffer;
  });
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { maxLength: 4 }), async (batches) => {
      const messages = await decodeRecordSet(Buffer.concat(batches), limits, { bytes: 0, records: 0 });
      expect(messages.length).toBeLessThanOrEqual(limits.recordsMax);
      expect(messages.filter((message) => !isWhole(message))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Either the fields of a record or what was lost, and an offset that kafkajs can compare. */
function isWhole({ offset, timestamp, undecodable, key, value }: FetchedMessage): boolean {
  const numbers = [offset, timestamp].every((number) => /^-?\d+$/.test(number));
  return (
    numbers && (undecodable === undefined || (key === null && value === null && undecodable.lastOffset === offset))
  );
}

it('reads every varlong exactly, in as many bytes as it has', () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const anySize = fc.tuple(int64, fc.nat(63)).map(([value, bits]) => value >> BigInt(bits));
  fc.assert(
    fc.property(anySize, (value) => {
      const reader = new WireReader(Buffer.concat([zigzag(value), Buffer.from([0x7f])]));
      expect([BigInt(reader.varlong()), reader.remaining]).toEqual([value, 1]);
    }),
    { numRuns: 1_000 },
  );
});

function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
