/** Message format 2, the only one since Kafka 4 (https://kafka.apache.org/documentation/#messageformat), with bounds. */
import kafkajs, { type CompressionTypes } from 'kafkajs';
import type { Codec } from './codec.ts';
import { BATCH_BYTES_MAX } from './codecs.ts';
import { type Undecodable, type UndecodableCode, UndecodableError } from './undecodable.ts';
import { WireReader } from './wire-reader.ts';

const { CompressionCodecs } = kafkajs;

/** What one answer to a fetch may cost. */
export interface FetchLimits {
  /** Batches are decoded until they hold this much together, then the rest is left for the next fetch. */
  readonly responseBytesMax: number;
  /** As above; and a single batch of more is undecodable. */
  readonly recordsMax: number;
  /** A record with more is undecodable. */
  readonly headersMax: number;
}

/** What of `FetchLimits` is spent. */
export interface FetchCost {
  bytes: number;
  records: number;
}

export interface BatchContext {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly partitionLeaderEpoch: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly maxTimestamp: string;
  readonly timestampType: number;
  readonly magicByte: number;
}

type HeaderValue = Buffer | null;

/** A message as kafkajs hands it to a consumer. */
export interface FetchedMessage {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, HeaderValue | HeaderValue[]>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
  /** Present: this stands for records that cannot be read, `offset` is their last, and key, value and headers are empty. */
  readonly undecodable?: Undecodable;
}

const HEAD_BYTES = 61;
const OFFSET_AND_LENGTH_BYTES = 12;

/**
 * The messages of `recordSet`, in order; stops at a batch that is cut off, and when `limits` are reached. `cost` grows by what was
 * decoded. Never throws: a batch that cannot be read becomes one message with `undecodable`, so that one producer cannot stop the
 * others.
 */
export async function decodeRecordSet(
  recordSet: Buffer,
  limits: FetchLimits,
  cost: FetchCost,
): Promise<FetchedMessage[]> {
  const messages: FetchedMessage[] = [];
  for (let at = 0; at + HEAD_BYTES <= recordSet.length && !isSpent(limits, cost); ) {
    const length = recordSet.readInt32BE(at + 8);
    const end = at + OFFSET_AND_LENGTH_BYTES + Math.max(length, 0);
    if (end > recordSet.length) break;
    const batch = recordSet.subarray(at, end);
    if (isForNextFetch(batch, limits, cost)) {
      cost.records = limits.recordsMax;
      break;
    }
    for (const message of await decodeBatch(batch, limits, cost)) messages.push(message);
    at = end;
  }
  return messages;
}

const isSpent = (limits: FetchLimits, cost: FetchCost): boolean =>
  cost.bytes >= limits.responseBytesMax || cost.records >= limits.recordsMax;

/** A batch that would fit alone waits; one that never will is told of now. */
function isForNextFetch(batch: Buffer, { recordsMax }: FetchLimits, cost: FetchCost): boolean {
  const count = announcedRecords(batch);
  return count <= recordsMax && cost.records + count > recordsMax;
}

const announcedRecords = (batch: Buffer): number => (batch.length < HEAD_BYTES ? 0 : batch.readInt32BE(HEAD_BYTES - 4));

async function decodeBatch(batch: Buffer, limits: FetchLimits, cost: FetchCost): Promise<FetchedMessage[]> {
  const context = readContext(batch);
  try {
    if (context.magicByte !== 2)
      throw new UndecodableError('old_record_format', 'A batch has a message format from before Kafka 0.11.');
    const { codec, count } = readContent(batch, limits);
    // What compaction leaves of a batch may be its header.
    if (count === 0) return [];
    const records = batch.subarray(HEAD_BYTES);
    const bytes = codec === undefined ? records : await codec.decompress(records);
    cost.bytes += bytes.length;
    cost.records += count;
    return readRecords(bytes, count, context, limits);
  } catch (error) {
    cost.records += 1;
    // A bomb has cost its bytes, though they are gone.
    if (error instanceof UndecodableError && error.code === 'batch_too_large') cost.bytes += BATCH_BYTES_MAX;
    return [standIn(context, error)];
  }
}

const CODEC_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** Old formats and short batches have no more than an offset. */
function readContext(batch: Buffer): BatchContext {
  const reader = new WireReader(batch.length < HEAD_BYTES ? Buffer.concat([batch], HEAD_BYTES) : batch);
  const firstOffset = reader.int64().toString();
  reader.int32();
  const partitionLeaderEpoch = reader.int32();
  const magicByte = reader.int8();
  reader.int32();
  const attributes = reader.int16();
  const isCurrent = magicByte === 2 && batch.length >= HEAD_BYTES;
  return {
    firstOffset,
    partitionLeaderEpoch,
    magicByte: batch.length >= HEAD_BYTES ? magicByte : 0,
    inTransaction: isCurrent && (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: isCurrent && (attributes & CONTROL) !== 0,
    timestampType: Number((attributes & LOG_APPEND_TIME) !== 0),
    lastOffsetDelta: isCurrent ? reader.int32() : 0,
    firstTimestamp: isCurrent ? reader.int64().toString() : '0',
    maxTimestamp: isCurrent ? reader.int64().toString() : '0',
    producerId: isCurrent ? reader.int64().toString() : '-1',
    producerEpoch: isCurrent ? reader.int16() : 0,
    firstSequence: isCurrent ? reader.int32() : 0,
  };
}

const ATTRIBUTES_AT = 21;

function readContent(batch: Buffer, limits: FetchLimits): { codec: Codec | undefined; count: number } {
  const count = announcedRecords(batch);
  if (count < 0) throw new UndecodableError('invalid_records', 'A batch announces a negative number of records.');
  if (count > limits.recordsMax) {
    throw new UndecodableError(
      'too_many_records',
      `A batch holds ${count} records where ${limits.recordsMax} are allowed.`,
    );
  }
  const type = batch.readInt16BE(ATTRIBUTES_AT) & CODEC_MASK;
  if (type === 0) return { codec: undefined, count };
  const codecs: Record<number, (() => Codec) | undefined> = CompressionCodecs;
  const codec = codecs[type as CompressionTypes]?.();
  if (codec === undefined)
    throw new UndecodableError('unknown_compression', `A batch is compressed with the unknown codec ${type}.`);
  return { codec, count };
}

function readRecords(bytes: Buffer, count: number, context: BatchContext, limits: FetchLimits): FetchedMessage[] {
  const reader = new WireReader(bytes);
  const batch = { context, offsetOf: sumWith(context.firstOffset), timestampOf: timestampsOf(context) };
  const messages: FetchedMessage[] = [];
  for (let index = 0; index < count; index += 1) {
    messages.push(readRecord(new WireReader(reader.take(reader.varint())), batch, limits));
  }
  return messages;
}

/** What a record of the batch adds its deltas to. */
interface BatchBase {
  readonly context: BatchContext;
  readonly offsetOf: Sum;
  readonly timestampOf: Sum;
}

type Sum = (delta: number | bigint) => string;

/** Exact over the whole range of int64, which producers may use for times; quick where numbers are exact. */
function sumWith(base: string): Sum {
  const near = Number(base);
  return (delta) => {
    const sum = typeof delta === 'number' ? near + delta : Number.NaN;
    return Number.isSafeInteger(near) && Number.isSafeInteger(sum) ? String(sum) : String(BigInt(base) + BigInt(delta));
  };
}

const timestampsOf = (context: BatchContext): Sum =>
  context.timestampType === 1 ? () => context.maxTimestamp : sumWith(context.firstTimestamp);

function readRecord(
  reader: WireReader,
  { context, offsetOf, timestampOf }: BatchBase,
  limits: FetchLimits,
): FetchedMessage {
  const attributes = reader.int8();
  const timestamp = timestampOf(reader.varlong());
  const offset = offsetOf(reader.varint());
  const key = reader.varintBytes();
  const value = reader.varintBytes();
  const headerCount = reader.varint();
  const isReadable = headerCount <= limits.headersMax;
  const message: FetchedMessage = {
    magicByte: context.magicByte,
    attributes,
    timestamp,
    offset,
    key: isReadable ? key : null,
    value: isReadable ? value : null,
    headers: isReadable ? readHeaders(reader, headerCount) : {},
    isControlRecord: context.isControlBatch,
    batchContext: context,
  };
  if (isReadable) return message;
  const reason = `A record has ${headerCount} headers where ${limits.headersMax} are allowed.`;
  return { ...message, undecodable: { code: 'too_many_headers', reason, firstOffset: offset, lastOffset: offset } };
}

/** A key that comes back has a list of its values. Keys are chosen by the producer, hence no prototype. */
function readHeaders(reader: WireReader, count: number): FetchedMessage['headers'] {
  const headers: FetchedMessage['headers'] = Object.create(null);
  for (let index = 0; index < count; index += 1) {
    const key = reader.take(reader.varint()).toString('utf8');
    const value = reader.varintBytes();
    const present = headers[key];
    if (present === undefined) headers[key] = value;
    else if (Array.isArray(present)) present.push(value);
    else headers[key] = [present, value];
  }
  return headers;
}

function standIn(context: BatchContext, error: unknown): FetchedMessage {
  const { firstOffset, magicByte } = context;
  const lastOffset = (BigInt(firstOffset) + BigInt(Math.max(context.lastOffsetDelta, 0))).toString();
  const known = error instanceof UndecodableError ? error : undefined;
  const code: UndecodableCode = known?.code ?? 'invalid_records';
  const reason = known?.message ?? 'A batch is not what its length, its count or its records say.';
  return {
    magicByte,
    attributes: 0,
    timestamp: context.maxTimestamp,
    offset: lastOffset,
    key: null,
    value: null,
    headers: {},
    // Control records are hidden from consumers; this must be seen.
    isControlRecord: false,
    batchContext: context,
    undecodable: { code, reason, firstOffset, lastOffset },
  };
}
