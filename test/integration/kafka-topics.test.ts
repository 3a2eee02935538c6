/**
 * Goal: the log moves to another number of partitions, into Kafka, and on after its topic is lost, and nothing shows it: every event is
 * there once, and the states, scores and alerts of every agent are those of the same events in memory, where nothing ever moved. Also
 * when the move is cut off after any of its steps, and the old log goes on before it is tried again.
 *
 * Where a record stands is a fact of the run: positions are set to 0 before states are compared. The clock stands still, so that
 * times of receipt are equal.
 */
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { encodeState, readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { type App, startApp } from '../../cli/app.ts';
import { topicsCommand } from '../../cli/commands/topics.ts';
import { type Config, loadConfig } from '../../cli/config.ts';
import { type LogMoved, watchEpoch } from '../../cli/epoch-watch.ts';
import { type MoveReport, repartition } from '../../cli/repartition.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { openStore, persistWith } from '../../cli/storage.ts';
import { MOVE_STEPS, type MoveDeps, type MoveStep } from '../../cli/topics/move-deps.ts';
import { statesOf } from '../../cli/topics/settle-states.ts';
import { withCluster } from '../../cli/topics/workspace.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { partitionKey } from '../../ingest/kafka/envelope.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import { TOPIC_BATCH_BYTES_MAX } from '../../ingest/kafka/topics.ts';
import { type EventEntry, logPartition } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { describeWithKafka } from '../support/kafka/describe.ts';
import { configureTopic } from '../support/kafka/topic-changes.ts';
import { entriesOf, recordsOf, runInMemory } from '../support/partition-run.ts';

const NOW = Date.now();
const now = () => NOW;
const fleet = simulateFleet({ seed: 'moved', ...SMALL_FLEET, agents: 20, density: 0.3 });
const ENTRIES = entriesOf('default', fleet.events).map((entry): EventEntry => ({ ...entry, receivedMs: NOW }));
const reference = runInMemory(recordsOf(0, ENTRIES));
/** In the middle of an alert, and well into the log: its next hits must go on in it. */
const SPLIT = middleOfAnAlert(3_500);

function middleOfAnAlert(from: number): number {
  const positions = new Map<string, number[]>();
  for (const [at, { hits }] of reference.verdicts)
    for (const { alertId } of hits) if (at >= from) positions.set(alertId, [...(positions.get(alertId) ?? []), at]);
  const [, last] = [...positions.values()].find(({ length }) => length > 1) ?? [];
  return last ?? Number.NaN;
}

const OF_THE_RUN = new Set(['position', 'firstPosition', 'lastPosition']);
const normalised = (state: string): string =>
  JSON.stringify(
    JSON.parse(readableState({ format: STATE_FORMAT, state }), (key, value: unknown) =>
      OF_THE_RUN.has(key) ? 0 : value,
    ),
  );

interface Place {
  readonly config: Config;
  readonly name: string;
}

/** A data folder, topics and groups of its own; without brokers the log is the embedded one. */
async function createPlace(brokers: readonly string[], partitions = 3): Promise<Place> {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const name = randomBytes(6).toString('hex');
  const kafka = { events_topic: `events-${name}`, dead_letters_topic: `dead-${name}`, worker_group: `worker-${name}` };
  const more = { intake_group: `intake-${name}`, partitions, session_timeout_ms: 6000 };
  await writeFile(join(folder, 'picket.yaml'), JSON.stringify({ kafka: { ...kafka, ...more } }));
  const env = { KAFKA_BROKERS: brokers.join(','), PICKET_DATA_DIR: join(folder, 'data') };
  return { name, config: loadConfig({ cwd: folder, env }) };
}

const LARGE = [{ name: 'max.message.bytes', value: String(TOPIC_BATCH_BYTES_MAX) }];
const logger = pino({ level: 'silent' });

async function withApp<T>({ config }: Place, use: (app: App) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  const app = await startApp(config, { now, logger, onFailure: (error) => failures.push(error) });
  try {
    return await use(app);
  } finally {
    await app.stop();
    expect(failures).toEqual([]);
  }
}

const STORED_MS_MAX = 30_000;

/** Resolves when the store holds `total` events: those there were and these, if nothing else is on its way. */
async function feed(place: Place, entries: readonly EventEntry[], total?: number): Promise<void> {
  await withApp(place, async (app) => {
    const rows = async () => Number((await app.store.query<{ rows: number }>(EVENT_ROWS))[0]?.rows);
    const wanted = total ?? (await rows()) + entries.length;
    for (let i = 0; i < entries.length; i += 500) await app.log.append(entries.slice(i, i + 500));
    for (let waitedMs = 0; (await rows()) < wanted && waitedMs < STORED_MS_MAX; waitedMs += 100) await sleep(100);
    expect(await rows()).toBe(wanted);
  });
}

const EVENT_ROWS = `SELECT count() AS rows FROM event_log FINAL WHERE kind = 'event'`;

async function withStore<T>({ config }: Place, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(config, now);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

interface MoveOptions {
  readonly topic?: string;
  readonly acceptGaps?: boolean;
  readonly reached?: MoveDeps['reached'];
}

function move(place: Place, partitions: number, options: MoveOptions = {}): Promise<MoveReport> {
  const { topic, acceptGaps = false, reached = () => {} } = options;
  const { config } = place;
  const persist = persistWith(new AbortController().signal, logger);
  return withCluster(config, (cluster) =>
    withStore(place, (store) =>
      repartition(
        { partitions, acceptGaps, ...(topic === undefined ? {} : { topic }) },
        { ...cluster, config, store, persist, now, sleep: (ms) => sleep(ms), reached },
      ),
    ),
  );
}

class Cut extends Error {}

const cutAfter = (step: MoveStep) => (reached: MoveStep) => {
  if (reached === step) throw new Cut(step);
};

interface Found {
  /** Verdict by event id, as the view of users shows it. */
  readonly events: Map<string, string>;
  /** Ids that count more than once. */
  readonly doubled: number;
  readonly duplicates: number;
  /** Normalised, by agent. */
  readonly states: Map<string, string>;
  /** Agents whose state is in a partition where none of their events will come. */
  readonly astray: string[];
}

const codec = slotCodec(createScoring(DETECTORS, settingsOf({ halfLifeDays: 14, alertBudget: 0.02 }).baseline));

function look(place: Place, epoch: number, partitions: number): Promise<Found> {
  return withStore(place, async (store) => {
    const events = await store.query<{ id: string; score: number; alerts: string[]; status: string }>(
      'SELECT id, status, score, alert_ids AS alerts FROM events',
    );
    const [counts] = await store.query<{ doubled: number; duplicates: number }>(COUNTS);
    const choose = createPartitioning(partitions);
    const states = new Map<string, string>();
    const astray: string[] = [];
    for (let local = 0; local < partitions; local += 1) {
      for await (const batch of statesOf({ store, config: place.config }).all(logPartition(epoch, local))) {
        for (const state of batch) {
          const key = partitionKey(state.tenant, state.agent);
          if (choose(key) !== local || states.has(key)) astray.push(state.agent);
          states.set(key, normalised(encodeState(state, codec)));
        }
      }
    }
    const verdicts = events.map(({ id, ...verdict }) => [id, verdictText(verdict)] as const);
    const { doubled, duplicates } = counts ?? {};
    return { events: new Map(verdicts), doubled: Number(doubled), duplicates: Number(duplicates), states, astray };
  });
}

const COUNTS = `
  SELECT (SELECT count() FROM (SELECT id FROM event_log FINAL WHERE kind = 'event' AND status != 'duplicate' AND ${OF_THE_LOG}
    GROUP BY tenant, agent, id HAVING count() > 1)) AS doubled,
    (SELECT count() FROM event_log FINAL WHERE status = 'duplicate') AS duplicates`;

/** The last records of each partition, judged as if nobody had known the agents, and a checkpoint after them. */
async function storeAsForgotten(
  entries: readonly EventEntry[],
  ends: ReadonlyMap<number, number>,
  { store, config }: Pick<Place, 'config'> & { readonly store: Store },
): Promise<void> {
  const { verdicts } = runInMemory(recordsOf(0, entries));
  const choose = createPartitioning(3);
  const places = entries.map(({ tenant, event }) => choose(partitionKey(tenant, event.agent.id)));
  const records = entries.map((entry, i) => {
    const partition = places[i] ?? 0;
    const position = (ends.get(partition) ?? 0) - places.slice(i).filter((one) => one === partition).length;
    const verdict = verdicts.get(i);
    return { record: { partition, position, entry }, ...(verdict === undefined ? {} : { verdict }) };
  });
  await createEventLogStore(store).write(records);
  for (const [partition, end] of ends)
    await statesOf({ store, config }).writeCheckpoint(partition, { position: end - 1, lastTickMs: NOW }, 0, NOW);
}

const verdictText = ({ status, score, alerts }: { status: string; score: number; alerts: readonly string[] }): string =>
  JSON.stringify([status, Number(score), alerts]);

const expectedEvents = (entries: readonly EventEntry[]): Map<string, string> =>
  new Map(
    entries.map(({ event }, position) => {
      const verdict = reference.verdicts.get(position);
      const { status = '', score = 0, hits = [] } = verdict ?? {};
      return [event.id, verdictText({ status, score, alerts: hits.map(({ alertId }) => alertId) })];
    }),
  );

const expectedStates = (): Map<string, string> =>
  new Map([...reference.states].map(([key, state]) => [key, normalised(state)]));

function expectAsIfUnmoved(found: Found, duplicates: number): void {
  expect(differing(found.events, expectedEvents(ENTRIES))).toEqual([]);
  expect(differing(found.states, expectedStates())).toEqual([]);
  expect({ ...found, events: 0, states: 0 }).toEqual({ events: 0, states: 0, doubled: 0, duplicates, astray: [] });
}

const differing = (one: Map<string, string>, other: Map<string, string>): string[] =>
  [...new Set([...one.keys(), ...other.keys()])].filter((key) => one.get(key) !== other.get(key));

async function admin<T>(
  brokers: readonly string[],
  use: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await client.connect();
  return use(client).finally(() => client.disconnect());
}

it('compares with a run that has an alert with hits on both sides of the move', () => {
  const alertsOf = (from: number, to: number) =>
    new Set(
      [...reference.verdicts].flatMap(([at, { hits }]) =>
        at >= from && at < to ? hits.map(({ alertId }) => alertId) : [],
      ),
    );
  const [before, after] = [alertsOf(0, SPLIT), alertsOf(SPLIT, ENTRIES.length)];
  expect([...before].filter((alert) => after.has(alert)).length).toBeGreaterThan(0);
});

describeWithKafka('moving the log', (brokers) => {
  it('goes from 3 to 5 partitions, and knows its ids and alerts there', async () => {
    const place = await createPlace(brokers);
    await feed(place, ENTRIES.slice(0, SPLIT));
    const steps: MoveStep[] = [];
    const report = await move(place, 5, { reached: (step) => void steps.push(step) });
    const topic = `events-${place.name}.1`;
    expect(report).toMatchObject({
      moved: true,
      agents: new Set(ENTRIES.slice(0, SPLIT).map(({ event }) => event.agent.id)).size,
      forwarded: 0,
      open: undefined,
      epoch: { epoch: 1, partitions: 5, topic },
    });
    expect(steps).toEqual(MOVE_STEPS);
    // Ids from before the move come again.
    await feed(place, [...ENTRIES.slice(SPLIT - 50, SPLIT), ...ENTRIES.slice(SPLIT)]);
    expectAsIfUnmoved(await look(place, 1, 5), 50);

    expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 0, epoch: { epoch: 1, topic } });
    expect(await move(place, 2)).toMatchObject({ moved: true, epoch: { epoch: 2, partitions: 2 } });
    expectAsIfUnmoved(await look(place, 2, 2), 50);
  });

  it('is as if nothing had happened when it is cut off before the epoch begins, and goes on when it is after', async () => {
    const place = await createPlace(brokers);
    const parts = [0, 1000, 2000, 3000, SPLIT, ENTRIES.length];
    const part = (i: number) => ENTRIES.slice(parts[i], parts[i + 1]);
    await feed(place, part(0));
    for (const [i, step] of (['settled', 'opened', 'copied'] as const).entries()) {
      await expect(move(place, 5, { reached: cutAfter(step) })).rejects.toThrow(Cut);
      // The old log goes on: what was copied is out of date.
      await feed(place, part(i + 1));
    }
    // What was copied to other partitions must not stay there.
    const elsewhere = { topic: `${place.name}.elsewhere`, reached: cutAfter('copied') };
    await expect(move(place, 4, elsewhere)).rejects.toThrow(Cut);
    await expect(move(place, 5, { reached: cutAfter('begun') })).rejects.toThrow(Cut);
    expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 0, epoch: { epoch: 1, partitions: 5 } });
    await feed(place, part(4));
    expectAsIfUnmoved(await look(place, 1, 5), 0);
  });

  it('forwards what somebody wrote to the old topic meanwhile, and closes it', async () => {
    const place = await createPlace(brokers);
    await feed(place, ENTRIES.slice(0, 4800));
    await withCluster(place.config, async ({ client, settings }) => {
      const queue = { queueMax: 1000, queueBytesMax: 1e8, compression: 'none' } as const;
      const late = createKafkaLogSink(client, { topic: settings.eventsTopic, partitions: 3, ...queue });
      await late.start();
      const write = (step: MoveStep) => {
        if (step === 'copied') return late.append(ENTRIES.slice(4800, 4820));
        if (step === 'begun') return late.append(ENTRIES.slice(4820, 4830));
        return undefined;
      };
      // Cut off: what was to be forwarded is forwarded by the second run.
      const reached = async (step: MoveStep) => {
        await write(step);
        cutAfter('begun')(step);
      };
      await expect(move(place, 5, { reached })).rejects.toThrow(Cut);
      expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 30, open: undefined });
      expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 0, open: undefined });
      await expect(late.append(ENTRIES.slice(0, 1))).rejects.toMatchObject({ code: 'log_write_failed' });
      await late.stop();
    });
    // Its other settings stand.
    const configs = await admin(brokers, (client) =>
      client.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: `events-${place.name}` }] }),
    );
    const values = new Map(
      configs.resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
    expect([values.get('max.message.bytes'), values.get('cleanup.policy'), values.get('min.insync.replicas')]).toEqual([
      '0',
      'delete',
      '1',
    ]);
    await feed(place, ENTRIES.slice(4830), ENTRIES.length);
    expectAsIfUnmoved(await look(place, 1, 5), 0);
  });

  it('forwards what a forgotten worker has stored of the old topic, and does not take its word', async () => {
    const place = await createPlace(brokers);
    const late = ENTRIES.slice(4800, 4830);
    await feed(place, ENTRIES.slice(0, 4800));
    await withCluster(place.config, async ({ client, settings, admin: open }) => {
      const queue = { queueMax: 1000, queueBytesMax: 1e8, compression: 'none' } as const;
      const intake = createKafkaLogSink(client, { topic: settings.eventsTopic, partitions: 3, ...queue });
      await intake.start();
      const reached = async (step: MoveStep) => {
        if (step === 'begun') await intake.append(late);
        cutAfter('begun')(step);
      };
      await expect(move(place, 5, { reached })).rejects.toThrow(Cut);
      await intake.stop();
      const offsets = await open.fetchTopicOffsets(settings.eventsTopic);
      const ends = new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
      await withStore(place, (store) => storeAsForgotten(late, ends, { ...place, store }));
    });
    expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 30, open: undefined });
    expect(await move(place, 5)).toMatchObject({ moved: false, forwarded: 0, open: undefined });
    await feed(place, ENTRIES.slice(4830), ENTRIES.length + late.length);
    expectAsIfUnmoved(await look(place, 1, 5), 0);
  });

  it('takes the embedded log into Kafka', async () => {
    const place = await createPlace(brokers);
    const embedded = { ...place, config: { ...place.config, kafka: undefined } };
    await feed(embedded, ENTRIES.slice(0, SPLIT));
    await expect(withApp(place, async () => {})).rejects.toThrow('picket topics repartition');
    expect(await move(place, 4)).toMatchObject({ moved: true, epoch: { epoch: 1, partitions: 4 } });
    await feed(place, ENTRIES.slice(SPLIT - 10));
    expectAsIfUnmoved(await look(place, 1, 4), 10);
  });

  it('goes on after the topic is lost, when it is told that what was not stored is lost', async () => {
    const place = await createPlace(brokers);
    await feed(place, ENTRIES.slice(0, SPLIT));
    await admin(brokers, (client) => client.deleteTopics({ topics: [`events-${place.name}`] }));
    await expect(move(place, 3)).rejects.toThrow('--accept-gaps');
    expect(await move(place, 3, { acceptGaps: true })).toMatchObject({
      moved: true,
      epoch: { epoch: 1, partitions: 3 },
    });
    await feed(place, ENTRIES.slice(SPLIT));
    expectAsIfUnmoved(await look(place, 1, 3), 0);
  });

  it('says what has to be done first', async () => {
    const place = await createPlace(brokers);
    await expect(move(place, 5)).rejects.toThrow('no log to move yet');
    await feed(place, ENTRIES.slice(0, 100));
    await expect(move(place, 0)).rejects.toThrow('1 to 65536');
    await expect(move(place, 5, { topic: `events-${place.name}` })).rejects.toThrow('another topic');

    await withCluster(place.config, async ({ client, settings, admin: open }) => {
      const member = client.consumer({ groupId: settings.workerGroup });
      await member.connect();
      await member.subscribe({ topic: settings.eventsTopic });
      const joined = new Promise((resolve) => member.on(member.events.GROUP_JOIN, resolve));
      await member.run({ autoCommit: false, eachMessage: async () => {} });
      await joined;
      await expect(move(place, 5)).rejects.toThrow(
        new RegExp(`Stop every[^]*worker-${place.name}: picket at /127.0.0.1`),
      );
      await member.disconnect();

      // A tick that no worker has seen does not hold it up, an event does.
      const queue = { queueMax: 1000, queueBytesMax: 1e8, compression: 'none' } as const;
      const sink = createKafkaLogSink(client, { topic: settings.eventsTopic, partitions: 3, ...queue });
      await sink.start();
      await sink.append([{ kind: 'tick', receivedMs: NOW, partition: 1 }]);
      await sink.append(ENTRIES.slice(100, 103));
      await expect(move(place, 5)).rejects.toThrow('3 records of events-');

      await sink.stop();
      await feed(place, [], 103);

      // Another's topic is not taken.
      const mine = `${place.name}.mine`;
      await open.createTopics({
        topics: [{ topic: mine, numPartitions: 5, configEntries: LARGE }],
        waitForLeaders: true,
      });
      const foreign = createKafkaLogSink(client, { topic: mine, partitions: 5, ...queue });
      await foreign.start();
      await expect(move(place, 7, { topic: mine })).rejects.toThrow('with 5 partitions');
      await foreign.append(ENTRIES.slice(0, 1));
      await expect(move(place, 5, { topic: mine })).rejects.toThrow('has records already');
      await foreign.stop();
    });
  });

  it('has the ticks of a later epoch in their partitions', async () => {
    const place = await createPlace(brokers);
    await withCluster(place.config, async ({ client, admin: open }) => {
      const topic = `${place.name}.ticks`;
      await open.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
      const queue = { queueMax: 1000, queueBytesMax: 1e8, compression: 'none' } as const;
      const sink = createKafkaLogSink(client, { topic, partitions: 3, ...queue });
      await sink.start();
      await sink.append(
        [1, 2].map((local) => ({ kind: 'tick', receivedMs: NOW, partition: logPartition(7, local) }) as const),
      );
      await sink.stop();
      const ends = await open.fetchTopicOffsets(topic);
      expect(new Map(ends.map(({ partition, high }) => [partition, high]))).toEqual(
        new Map([
          [0, '0'],
          [1, '1'],
          [2, '1'],
        ]),
      );
    });
  });

  it('tells a process that runs that the log has moved', async () => {
    const place = await createPlace(brokers);
    await feed(place, ENTRIES.slice(0, 10));
    await move(place, 5);
    await withStore(place, async (store) => {
      const epochs = createLogEpochStore(store);
      const [old, current] = await epochs.all();
      if (old === undefined || current === undefined) throw new Error('two epochs were expected');
      const told: LogMoved[] = [];
      const stops = [old, current].map((epoch) => watchEpoch(epochs, epoch, 10, (error) => told.push(error)));
      await sleep(300);
      for (const stop of stops) stop();
      expect(told.map(({ code, message }) => ({ code, message }))).toEqual([
        { code: 'log_moved', message: `The log has moved from ${old.topic} to ${current.topic} (epoch 1).` },
      ]);
    });
  });
});

describeWithKafka('the topics command', (brokers) => {
  async function run(place: Place, args: readonly string[]): Promise<{ out: string; error: unknown }> {
    const printed: string[] = [];
    const terminal = {
      out: (text: string) => void printed.push(text),
      err: () => {},
      interactive: false,
      columns: 200,
    };
    const cwd = join(place.config.dataDir, '..');
    const env = { KAFKA_BROKERS: brokers.join(','), PICKET_DATA_DIR: place.config.dataDir };
    const command = topicsCommand({ cwd, env, terminal, stop: new AbortController().signal });
    const error = await command.parseAsync([...args], { from: 'user' }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { out: printed.join('\n'), error };
  }

  it('makes topics once, lists them, and moves the log', async () => {
    const place = await createPlace(brokers);
    const [events, dead] = [`events-${place.name}`, `dead-${place.name}`];
    expect(await run(place, ['create', '--partitions', '4'])).toEqual({
      out: `created  ${events} (4 partitions)\ncreated  ${dead} (1 partition)`,
      error: undefined,
    });
    expect(await run(place, ['create'])).toEqual({
      out: `exists   ${events} (4 partitions)\nexists   ${dead} (1 partition)`,
      error: undefined,
    });
    await feed(place, ENTRIES.slice(0, 100));
    expect(await run(place, ['repartition', '--partitions', '6'])).toMatchObject({
      out: expect.stringContaining(`The log is now ${events}.1 with 6 partitions (epoch 1)`),
      error: undefined,
    });
    const { out } = await run(place, ['list', '--json']);
    const { topics } = JSON.parse(out) as {
      topics: { topic: string; partitions: { low: number; high: number; lag: number }[] }[];
    };
    expect(topics).toMatchObject([
      { topic: `${events}.1`, role: 'log', epoch: 1, exists: true, replication: 1 },
      { topic: dead, role: 'dead letters', exists: true },
    ]);
    expect(topics[0]?.partitions).toEqual(
      [0, 1, 2, 3, 4, 5].map((partition) => ({ partition, low: 0, high: 1, lag: 1 })),
    );
    expect((await run(place, ['list'])).out).toContain(`${events}.1`);
  });

  it('finds a log that is compacted', async () => {
    const place = await createPlace(brokers);
    await run(place, ['create']);
    await admin(brokers, (client) => configureTopic(client, `events-${place.name}`, { 'cleanup.policy': 'compact' }));
    expect(await run(place, ['create'])).toMatchObject({
      error: { exitCode: 3, message: expect.stringContaining('compacted') },
    });
  });
});

describe('without Kafka', () => {
  it('says which setting is missing', async () => {
    const { config } = await createPlace([]);
    await expect(withCluster(config, async () => {})).rejects.toThrow('KAFKA_BROKERS');
  });
});
