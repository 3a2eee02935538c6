/**
 * Goal: answers to a fetch are decoded as kafkajs decodes them, but for what it cannot survive: there a message stands in for the
 * records that cannot be read, with their offsets, and neighbours arrive. Method: kafkajs encodes and decodes the same answers.
 */
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { registerCodecs } from '../../ingest/kafka/codecs.ts';
import { decodeFetchResponse } from '../../ingest/kafka/fetch-response.ts';
import type { FetchedMessage, FetchLimits } from '../../ingest/kafka/record-batch.ts';

const LIMITS: FetchLimits = { responseBytesMax: 1_000_000, recordsMax: 1_000, headersMax: 8 };

interface Encoded {
  readonly buffer: Buffer;
}
interface PlainRecord {
  readonly offsetDelta: number;
  readonly timestampDelta?: number;
  readonly key?: string | null;
  readonly value: string | null;
  readonly headers?: Record<string, string | string[]>;
}
interface PlainBatch {
  readonly firstOffset: number;
  readonly lastOffsetDelta: number;
  readonly records: readonly Encoded[];
  readonly compression?: number;
  readonly transactional?: boolean;
  readonly producerId?: number;
  readonly maxTimestamp?: number;
  readonly firstTimestamp?: number;
}
// What kafkajs does not export; it has no types for it either.
const load = createRequire(import.meta.url);
const encodeRecord = load('kafkajs/src/protocol/recordBatch/record/v0') as (record: PlainRecord) => Encoded;
const { RecordBatch } = load('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: PlainBatch) => Promise<Encoded>;
};
const { decode: decodeByKafkajs } = load('kafkajs/src/protocol/requests/fetch/v11/response') as {
  decode: typeof decodeFetchResponse;
};

beforeAll(registerCodecs);

const T0 = Date.UTC(2026, 10, 21);

async function batch(firstOffset: number, values: readonly string[], rest: Partial<PlainBatch> = {}): Promise<Buffer> {
  const records = values.map((value, offsetDelta) =>
    encodeRecord({ offsetDelta, timestampDelta: offsetDelta * 3, key: null, value, headers: {} }),
  );
  const times = { firstTimestamp: T0, maxTimestamp: T0 + 99 };
  return (await RecordBatch({ firstOffset, lastOffsetDelta: values.length - 1, records, ...times, ...rest })).buffer;
}

interface PartitionData {
  readonly partition: number;
  readonly records: Buffer;
  readonly aborted?: readonly { producerId: number; firstOffset: number }[];
}

function answer(topics: Readonly<Record<string, readonly PartitionData[]>>): Buffer {
  const parts: Buffer[] = [int32(7), int16(0), int32(42), int32(Object.keys(topics).length)];
  for (const [name, partitions] of Object.entries(topics)) {
    parts.push(int16(name.length), Buffer.from(name), int32(partitions.length));
    for (const { partition, records, aborted = [] } of partitions) {
      parts.push(int32(partition), int16(0), int64(900), int64(800), int64(1), int32(aborted.length));
      for (const { producerId, firstOffset } of aborted) parts.push(int64(producerId), int64(firstOffset));
      parts.push(int32(-1), int32(records.length), records);
    }
  }
  return Buffer.concat(parts);
}

const written = (write: (buffer: Buffer) => void, bytes: number) => {
  const buffer = Buffer.alloc(bytes);
  write(buffer);
  return buffer;
};
const int16 = (value: number) => written((buffer) => buffer.writeInt16BE(value), 2);
const int32 = (value: number) => written((buffer) => buffer.writeInt32BE(value), 4);
const int64 = (value: number) => written((buffer) => buffer.writeBigInt64BE(BigInt(value)), 8);

/** Of one partition. */
async function decodeRecords(records: Buffer, limits = LIMITS): Promise<FetchedMessage[]> {
  return messagesOf(await decodeFetchResponse(answer({ t: [{ partition: 0, records }] }), limits))[0] ?? [];
}

const messagesOf = (decoded: Awaited<ReturnType<typeof decodeFetchResponse>>): FetchedMessage[][] =>
  decoded.responses.flatMap(({ partitions }) =>
    partitions.map((partition) => (partition as { messages: FetchedMessage[] }).messages),
  );

const shown = (messages: readonly FetchedMessage[]) =>
  messages.map(({ offset, value, undecodable }) =>
    undecodable === undefined
      ? `${offset} ${value}`
      : `${undecodable.code} ${undecodable.firstOffset}..${undecodable.lastOffset} at ${offset}`,
  );

describe('as kafkajs decodes them', () => {
  const fullRecord = encodeRecord({
    offsetDelta: 3,
    timestampDelta: -5_000_000_000,
    key: 'key',
    value: 'ü客',
    headers: { one: '1', two: ['a', 'b', 'c'], empty: '' },
  });
  const nothing = encodeRecord({ offsetDelta: 0, key: null, value: null });

  it.each<readonly [string, () => Promise<Buffer>]>([
    ['an empty answer', async () => answer({})],
    ['a partition without records', async () => answer({ t: [{ partition: 0, records: Buffer.alloc(0) }] })],
    [
      'several topics, partitions and batches',
      async () => {
        const two = Buffer.concat([await batch(10, ['a', 'b']), await batch(12, ['c'])]);
        return answer({
          t: [
            { partition: 0, records: two },
            { partition: 3, records: await batch(0, ['d']) },
          ],
          other: [{ partition: 1, records: await batch(2 ** 40, ['e']) }],
        });
      },
    ],
    [
      'null keys and values, negative times, all kinds of headers',
      async () => answer({ t: [{ partition: 0, records: await batch(5, [], { records: [nothing, fullRecord] }) }] }),
    ],
    ['gzip', async () => answer({ t: [{ partition: 0, records: await batch(5, ['a', 'b'], { compression: 1 }) }] })],
    [
      'transactions, one of them aborted',
      async () =>
        answer({
          t: [
            {
              partition: 0,
              records: await batch(5, ['a'], { transactional: true, producerId: 8 }),
              aborted: [{ producerId: 8, firstOffset: 5 }],
            },
          ],
        }),
    ],
    [
      'a batch that is cut off, behind one that is whole',
      async () => {
        const records = Buffer.concat([await batch(1, ['a']), (await batch(2, ['b'])).subarray(0, -1)]);
        return answer({ t: [{ partition: 0, records }] });
      },
    ],
    [
      'a batch of which not even the head is whole',
      async () => answer({ t: [{ partition: 0, records: (await batch(2, ['b'])).subarray(0, 20) }] }),
    ],
  ])('%s', async (_what, encode) => {
    const payload = await encode();
    expect(plain(await decodeFetchResponse(payload, LIMITS))).toEqual(plain(await decodeByKafkajs(payload, LIMITS)));
  });
});

/** Without prototypes, which differ on purpose. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

describe('what kafkajs does not survive', () => {
  const stub = (at: number, change: (bytes: Buffer) => void) => async () => {
    const bytes = await batch(at, ['x', 'y']);
    change(bytes);
    return bytes;
  };
  it.each<readonly [string, () => Promise<Buffer>, string]>([
    ['an old message format', stub(20, (bytes) => bytes.writeInt8(1, 16)), 'old_record_format 20..20 at 20'],
    ['an unknown codec', stub(20, (bytes) => bytes.writeInt16BE(7, 21)), 'unknown_compression 20..21 at 21'],
    [
      'text where gzip was announced',
      stub(20, (bytes) => bytes.writeInt16BE(1, 21)),
      'invalid_compression 20..21 at 21',
    ],
    ['fewer records than announced', stub(20, (bytes) => bytes.writeInt32BE(3, 57)), 'invalid_records 20..21 at 21'],
    ['a negative number of records', stub(20, (bytes) => bytes.writeInt32BE(-2, 57)), 'invalid_records 20..21 at 21'],
    ['more records than allowed', stub(20, (bytes) => bytes.writeInt32BE(1_001, 57)), 'too_many_records 20..21 at 21'],
    ['2 billion records', stub(20, (bytes) => bytes.writeInt32BE(2 ** 31 - 1, 57)), 'too_many_records 20..21 at 21'],
    ['a record longer than its batch', stub(20, (bytes) => bytes.writeInt8(126, 61)), 'invalid_records 20..21 at 21'],
  ])('a batch with %s becomes one message', async (_what, encode, expected) => {
    const messages = await decodeRecords(
      Buffer.concat([await batch(10, ['before']), await encode(), await batch(30, ['after'])]),
    );
    expect(shown(messages)).toEqual(['10 before', expected, '30 after']);
  });

  it('says what was lost, and nothing of the records', async () => {
    const [message] = await decodeRecords(await stub(20, (bytes) => bytes.writeInt16BE(1, 21))());
    expect(message).toMatchObject({
      offset: '21',
      timestamp: String(T0 + 99),
      key: null,
      value: null,
      headers: {},
      isControlRecord: false,
      undecodable: {
        code: 'invalid_compression',
        reason: 'A batch is not valid gzip; it may have been cut off.',
        firstOffset: '20',
        lastOffset: '21',
      },
    });
  });

  it('loses one record for its headers, and keeps its neighbours', async () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`h${i}`, 'v']));
    const records = [0, 1, 2].map((offsetDelta) =>
      encodeRecord({ offsetDelta, value: 'v', headers: offsetDelta === 1 ? many : { h: 'v' } }),
    );
    const messages = await decodeRecords(await batch(7, [], { records, lastOffsetDelta: 2 }));
    expect(shown(messages)).toEqual(['7 v', 'too_many_headers 8..8 at 8', '9 v']);
  });

  it('keeps headers with the names of built-in properties apart from them', async () => {
    const headers = { ['__proto__']: 'p', constructor: 'c' };
    const [message] = await decodeRecords(
      await batch(7, [], { records: [encodeRecord({ offsetDelta: 0, value: 'v', headers })] }),
    );
    expect(Object.entries(message?.headers ?? {})).toEqual([
      ['__proto__', Buffer.from('p')],
      ['constructor', Buffer.from('c')],
    ]);
  });

  it('takes a batch of which compaction has left the head', async () => {
    const empty = await batch(4, [], { compression: 1, lastOffsetDelta: 8 });
    expect(shown(await decodeRecords(Buffer.concat([empty, await batch(13, ['next'])])))).toEqual(['13 next']);
  });
});

describe('limits of an answer', () => {
  const partitions = async (batches: readonly Buffer[]) =>
    answer({ t: batches.map((records, partition) => ({ partition, records })) });

  it('leaves the rest for the next fetch when the bytes are spent', async () => {
    const limits = { ...LIMITS, responseBytesMax: 100 };
    const long = 'x'.repeat(60);
    const payload = await partitions([
      Buffer.concat([await batch(0, [long]), await batch(1, [long]), await batch(2, [long])]),
      await batch(0, ['other']),
    ]);
    const decoded = messagesOf(await decodeFetchResponse(payload, limits));
    expect(decoded.map(shown)).toEqual([[`0 ${long}`, `1 ${long}`], []]);
  });

  it('leaves a batch for the next fetch that would be too many records with those before it', async () => {
    const limits = { ...LIMITS, recordsMax: 3 };
    const payload = await partitions([
      Buffer.concat([await batch(0, ['a', 'b']), await batch(2, ['c', 'd'])]),
      await batch(0, ['other']),
    ]);
    const decoded = messagesOf(await decodeFetchResponse(payload, limits));
    expect(decoded.map(shown)).toEqual([['0 a', '1 b'], []]);
  });

  it('decodes a batch of more records than a call may have arguments', async () => {
    const count = 150_000;
    const records = gzipSync(Buffer.concat(Array.from({ length: count }, () => Buffer.from([12, 0, 0, 0, 1, 1, 0]))));
    const bytes = Buffer.concat([await batch(0, []), records]);
    bytes.writeInt32BE(bytes.length - 12, 8);
    bytes.writeInt16BE(1, 21);
    bytes.writeInt32BE(count, 57);
    expect(await decodeRecords(bytes, { ...LIMITS, responseBytesMax: 1e9, recordsMax: count })).toHaveLength(count);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['a count that the answer cannot hold', Buffer.concat([int32(0), int16(0), int32(0), int32(2 ** 30)])],
    ['records that are cut off', answer({ t: [{ partition: 0, records: Buffer.alloc(9) }] }).subarray(0, -1)],
  ])('refuses an answer of the broker with %s', async (_what, payload) => {
    await expect(decodeFetchResponse(payload, LIMITS)).rejects.toMatchObject({ name: 'WireError' });
  });
});
