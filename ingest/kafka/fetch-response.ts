/**
 * Replaces how kafkajs decodes the answer to a fetch.
 *
 * kafkajs 2.2.4 decodes all batches of an answer before a consumer sees the first: one batch that cannot be read, or is a bomb, fails
 * all partitions of that broker, for good, and its error does not tell the partition. It also dies of a batch with more records than
 * a call may have arguments (about 120,000), and takes quadratic time for the headers of a record. Anyone who may write to one topic
 * could stop all of them.
 */
import fetchResponse, { type DecodedFetch } from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { decodeRecordSet, type FetchCost, type FetchLimits } from './record-batch.ts';
import { WireReader } from './wire-reader.ts';

export const FETCH_LIMITS: FetchLimits = {
  responseBytesMax: 64 * 1024 * 1024,
  recordsMax: 100_000,
  headersMax: 256,
};

/** For all clients of this process: kafkajs has one decoder per version. To install it again changes nothing. */
export function installFetchDecoding(): void {
  fetchResponse.decode = (payload) => decodeFetchResponse(payload, FETCH_LIMITS);
}

/**
 * Version 11 of the Fetch response, in the shape that kafkajs works on. Versions below it need a broker below 2.3, which
 * `checkBroker` refuses. kafkajs asks for the partitions in random order, so that none is always behind a spent limit.
 *
 * Rejects with `WireError` when the broker's own fields make no sense.
 */
export async function decodeFetchResponse(payload: Buffer, limits: FetchLimits): Promise<DecodedFetch> {
  const reader = new WireReader(payload);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const topics = reader.array(TOPIC_BYTES_MIN, () => readTopic(reader));
  const cost: FetchCost = { bytes: 0, records: 0 };
  const responses: DecodedFetch['responses'] = [];
  for (const { topicName, partitions } of topics) {
    const decoded = [];
    for (const { recordSet, ...partition } of partitions) {
      decoded.push({ ...partition, messages: await decodeRecordSet(recordSet, limits, cost) });
    }
    responses.push({ topicName, partitions: decoded });
  }
  // The broker has not waited: it expects the client to. kafkajs does that with the second number.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

const TOPIC_BYTES_MIN = 6;
const PARTITION_BYTES_MIN = 42;
const ABORTED_TRANSACTION_BYTES = 16;

function readTopic(reader: WireReader) {
  return { topicName: reader.string(), partitions: reader.array(PARTITION_BYTES_MIN, () => readPartition(reader)) };
}

function readPartition(reader: WireReader) {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: reader.int64().toString(),
    lastStableOffset: reader.int64().toString(),
    lastStartOffset: reader.int64().toString(),
    abortedTransactions: reader.array(ABORTED_TRANSACTION_BYTES, () => ({
      producerId: reader.int64().toString(),
      firstOffset: reader.int64().toString(),
    })),
    preferredReadReplica: reader.int32(),
    recordSet: reader.take(Math.max(reader.int32(), 0)),
  };
}
