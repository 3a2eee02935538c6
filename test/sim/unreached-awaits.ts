/** Sites at which no crash of the sweep has met a process, by what stands in the way. `not met yet`: a gap, not a reason. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'the store is opened and migrated before the simulation begins': [
    'cli/storage.ts: await openUnmigrated(config)',
    'cli/storage.ts: await migrate(store, { now, sleep })',
  ],
  'the wait ends in the turn in which it begins: nothing outside is waited for': [
    'store/batch-insert.ts: await handOver(rows, error, onRejected)',
    'store/batch-insert.ts: await handOver(rows.slice(index, index + 1), new RowsRefused(error.table, [refus',
    'store/batch-insert.ts: await onRejected(row, error)',
  ],
  'forests are not grown: the trainer is a thread of its own': [
    'cli/kind-publisher.ts: await forests.trainer.train(job)',
    'cli/kind-publisher.ts: await withForest(tenant, summary, members)',
  ],
  'topics are not moved, only states': [
    'ingest/log-epoch-store.ts: await store.query<LogEpoch>(ALL)',
    'ingest/log-epoch-store.ts: await all()',
    'ingest/log-epoch-store.ts: await store.query(HAS_RECORDS, { epoch })',
  ],
  'not met yet: an orderly stop with work in hand that dies meanwhile': [
    'alerts/delivery.ts: await Promise.race([expiry, ...this.#underWay])',
    'alerts/delivery.ts: await Promise.all([this.#rescan, ...this.#underWay])',
    'baselines/state-cache.ts: await save(entries)',
    'cli/partition.ts: await cache.flush()',
    'cli/partition.ts: await withinGrace(finished)',
    'cli/topics/settle-states.ts: await partition.revoke()',
    'cli/worker.ts: await dispatcher.drain(DRAIN_MS_MAX)',
    'cli/worker.ts: await dispatcher.stop()',
    'ingest/append-queue.ts: await working',
    'ingest/kafka/log-sink.ts: await queue.close()',
    'ingest/kafka/partitioned-consumer.ts: await Promise.all([...all.map(({ inHand }) => inHand.catch(() => {})), ...leavin',
    'ingest/kafka/partitioned-consumer.ts: await committing',
    'ingest/kafka/partitioned-consumer.ts: await commit()',
    'store/batch-writer.ts: await sending',
    'store/batch-writer.ts: await flush()',
    'store/batched-store.ts: await Promise.all([...writers.values()].map((writer) => writer.close()))',
  ],
  'not met yet: rare in runs of one worker': [
    'alerts/delivery.ts: await this.#rescan',
    'cli/partition.ts: await repeatsAmong(records, seen, log, batch.refused)',
    'store/grouped-store.ts: await commit([one])',
  ],
};

/** Site to reason. */
export const UNREACHED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(GROUPS).flatMap(([why, sites]) => sites.map((site) => [site, why])),
);
