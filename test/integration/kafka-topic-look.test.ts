/**
 * Goal: over a real broker, rows that are missing are told from offsets without a record. The topic holds records of Picket with markers of
 * transactions among them, and its beginning is deleted; rows are those that a store would have, but for some.
 */
import { describe, expect, it } from 'vitest';
import { holesBetween, type LogRows } from '../../cli/verify/log-rows.ts';
import { checkStretch, type RangeCheckDeps } from '../../cli/verify/range-check.ts';
import { createTopicLook } from '../../cli/verify/topic-look.ts';
import { encodeEntry } from '../../ingest/kafka/envelope.ts';
import { logPartition } from '../../ingest/log.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { createTestClient } from '../support/kafka/records.ts';
import { createTopic } from '../support/kafka/topic.ts';

const PARTITION = logPartition(2, 0);
const ticks = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const { key, value, headers } = encodeEntry({ kind: 'tick', receivedMs: 1_700_000_000_000 + i });
    return { key, value, headers, partition: 0 };
  });

function checker(topic: RangeCheckDeps['topic'], stored: readonly number[]): RangeCheckDeps {
  const rows: LogRows = {
    partitions: async () => [],
    behindEnds: async () => [],
    holes: async (lot) =>
      holesBetween(
        lot,
        stored.filter((one) => one >= lot.first && one <= lot.last),
      ),
    consequential: async () => [],
    letters: async () => [],
    received: async () => undefined,
    checkpoint: async () => -1,
  };
  return {
    rows,
    outcomes: {
      hitFaults: async () => ({ missing: [], altered: [] }),
      missingChanges: async () => [],
      lettersAt: async () => new Set(),
    },
    deliveries: { enabledSince: async () => new Map(), attempts: async () => [], closings: async () => [] },
    playbooks: [],
    topic,
    letterTtlMs: 0,
    now: Date.now,
    sleep: async () => {},
    stop: new AbortController().signal,
    pauseMs: 0,
  };
}

describeWithKafka('what the topic still has', (brokers) => {
  describe('of positions without a row', () => {
    it('is told from markers of transactions and from what is deleted', async () => {
      const topic = await createTopic(brokers, { partitions: 1 });
      const client = createTestClient(brokers, { retry: { retries: 10 } });
      const producer = client.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
      await producer.connect();
      // Offsets 0..4 and a marker at 5; 6..8 and a marker at 9.
      for (const count of [5, 3]) {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: ticks(count) });
        await transaction.commit();
      }
      await producer.disconnect();
      const admin = client.admin();
      await admin.connect();
      // Makes kafkajs learn where the topic is.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
      await admin.disconnect();

      const look = createTopicLook({ client, epoch: { epoch: 2, topic, partitions: 1, cluster: 'test' } });
      expect(await look.bounds()).toEqual(new Map([[PARTITION, { low: 2, high: 10 }]]));
      const report = await checkStretch({ partition: PARTITION, first: 0, last: 9 }, checker(look, [0, 2, 4, 6]));
      expect(report.findings.map(({ code, first, last }) => [code, first, last])).toEqual([
        ['row_gone', 1, 1],
        ['row_in_topic', 3, 3],
        ['row_in_topic', 7, 8],
      ]);
      expect([report.no_record, report.parts.rows]).toEqual([2, { expected: 8, missing: 4, repaired: 0 }]);
    });
  });
});
