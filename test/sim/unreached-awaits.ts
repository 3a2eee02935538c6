/** Sites at which no crash of the sweep has met a process, by what stands in the way. `not met yet`: a gap, not a reason. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'a replay is asked for by an operator, through the API': [
    'alerts/delivery-store.ts: await store.query<{ attempt: number; webhookId: string; target: string }>(LAST_A',
    'alerts/delivery-store.ts: await write([{ ...key, ...last, ...beginning, attempt: last.attempt + 1, nextAtt',
    'alerts/delivery.ts: await this.#options.deliveries.replay(key, this.#options.now())',
    'alerts/delivery.ts: await this.#rescan',
    'alerts/delivery.ts: await this.rescan()',
  ],
  'playbooks are enabled before the run begins': ['alerts/delivery-store.ts: await write(changes)'],
  'models of kinds are in the workload; publishing them is not simulated': [
    "baselines/content-store.ts: await store.insert('log_contents', [{ tenant, hash, created: nowMs, content }])",
    'baselines/event-log-store.ts: await store.query<{ newest: number }>(NEWEST_MODEL, { partition })',
    'baselines/state-store.ts: await store.query<KindCount>(KINDS, { sessionsMin, kindsMax })',
    'baselines/state-store.ts: await store.query<StateRow>(OF_KIND, { tenant, kind, sessionsMin, agentsMax })',
    'cli/worker.ts: await eventLog.newestModelMs(first)',
    'cli/worker.ts: await publish()',
  ],
  'moving the log to another epoch is not simulated': [
    'baselines/state-store.ts: for await (const keys of store.stream<AgentKey>(KEYS, { partition })) {',
    'baselines/state-store.ts: await store.query<StateRow>(LOAD, { partition, ...columns(chunk) })',
  ],
  'the store is opened before the simulation begins': [
    'cli/storage.ts: await openUnmigrated(config)',
    'cli/storage.ts: await migrate(store, { now, sleep })',
  ],
  'rows that the check of the sender refuses do not pass intake': [
    'store/batch-insert.ts: await insertBisecting(store, error.table, others, onRejected)',
    'store/batch-insert.ts: await handOver(rows.slice(index, index + 1), new RowsRefused(error.table, [refus',
  ],
  'nothing outside is waited for': [
    'store/batch-insert.ts: await handOver(rows, error, onRejected)',
    'store/batch-insert.ts: await onRejected(row, error)',
    'store/batched-store.ts: await store.close()',
    'ingest/kafka/log-sink.ts: await producer.disconnect()',
    'ingest/kafka/log-source.ts: await admin.disconnect()',
  ],
  'not met yet: needs a batch of more than 128 records': ['cli/partition.ts: await breathe()'],
  'not met yet: an orderly stop with work in hand that dies meanwhile, and one worker at a time': [
    'alerts/delivery.ts: await Promise.race([expiry, ...this.#underWay])',
    'alerts/delivery.ts: await Promise.all([this.#rescan, ...this.#underWay])',
    'baselines/state-cache.ts: await save(entries)',
    'cli/partition.ts: await cache.flush()',
    'cli/partition.ts: await withinGrace(finished)',
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
    'alerts/row-writer.ts: await this.#pause(waitMs)',
    'cli/partition.ts: await takeInModels(await log.modelsAt(partition, checkpointed))',
    'cli/partition.ts: await bringIn(records, Number.MAX_SAFE_INTEGER)',
    'cli/partition.ts: await repeatsAmong(records, seen, log, batch.refused)',
    'ingest/kafka/partitioned-consumer.ts: await started',
    'store/grouped-store.ts: await commit([one])',
  ],
};

/** Site to reason. */
export const UNREACHED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(GROUPS).flatMap(([why, sites]) => sites.map((site) => [site, why])),
);
