/**
 * Goal: `picket doctor` finds each thing that can be wrong with Kafka, says what to do about it, and finds nothing else: in every test one
 * thing is wrong, and the checks that fail are named exactly. It writes nothing and joins no group.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import kafkajs, { type AclOperationTypes, type AclResourceTypes, type Admin } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { doctorCommand } from '../../cli/commands/doctor.ts';
import { loadConfig } from '../../cli/config.ts';
import type { Check } from '../../cli/doctor/check.ts';
import { bounded } from '../../cli/doctor/check.ts';
import { checkKafka } from '../../cli/doctor/kafka-checks.ts';
import type { Settings } from '../../cli/topics/workspace.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { createKafkaLogSink } from '../../ingest/kafka/log-sink.ts';
import type { IntakeTopic } from '../../ingest/kafka/settings.ts';
import { createMissing, ownTopics } from '../../ingest/kafka/topics.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { describeWithKafka, describeWithOwnKafka } from '../support/kafka/describe.ts';
import { adminOfOne } from '../support/kafka/one-broker.ts';
import { createTestClient } from '../support/kafka/records.ts';
import { addPartitions, configureTopic } from '../support/kafka/topic-changes.ts';
import { entriesOf } from '../support/partition-run.ts';
import { smallestEvent } from '../support/wire-event.ts';

interface Place {
  readonly settings: Settings;
  /** As the store knows the log. */
  readonly epoch: LogEpoch;
  readonly admin: Admin;
}

interface PlaceOptions {
  readonly intake?: readonly Pick<IntakeTopic, 'topic' | 'keyed'>[];
  readonly replicationFactor?: number;
}

/** Topics and groups of its own on these brokers, all as they should be. */
async function createPlace(brokers: readonly string[], options: PlaceOptions = {}): Promise<Place> {
  const name = randomBytes(6).toString('hex');
  const { kafka } = loadConfig({ cwd: '/nowhere', env: { KAFKA_BROKERS: brokers.join(',') } });
  if (kafka === undefined) throw new Error('no Kafka in the configuration');
  const { intake = [], replicationFactor = 1 } = options;
  const settings: Settings = {
    ...kafka,
    eventsTopic: `events-${name}`,
    deadLettersTopic: `dead-${name}`,
    workerGroup: `worker-${name}`,
    intakeGroup: `intake-${name}`,
    partitions: 3,
    replicationFactor,
    connectTimeoutMs: 10_000,
    intake: intake.map((one) => ({ ...one, topic: `${one.topic}-${name}`, tenant: 'default', dialect: 'picket' })),
  };
  const admin = createTestClient(brokers, { retry: { retries: 10 } }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await createMissing(admin, ownTopics(settings));
  const { clusterId } = await admin.describeCluster();
  return { settings, admin, epoch: { epoch: 0, topic: settings.eventsTopic, partitions: 3, cluster: clusterId } };
}

const failed = (checks: readonly Check[]): Check[] => checks.filter(({ ok }) => !ok);
const expectSound = (checks: readonly Check[]) =>
  expect(failed(checks), JSON.stringify(failed(checks), null, 2)).toEqual([]);
const namesOf = (checks: readonly Check[]): string[] => checks.map(({ name }) => name);

async function write(brokers: readonly string[], topic: string, messages: kafkajs.Message[]): Promise<void> {
  const producer = createTestClient(brokers, { retry: { retries: 10 } }).producer();
  await producer.connect();
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

async function writeLog({ settings }: Place, count: number): Promise<void> {
  const client = createTestClient(settings.brokers, { retry: { retries: 10 } });
  const queue = { queueMax: 1e5, queueBytesMax: 1e9, compression: 'gzip' } as const;
  const sink = createKafkaLogSink(client, { topic: settings.eventsTopic, partitions: 3, ...queue });
  const events = Array.from(
    { length: count },
    (_, i) => ({ ...smallestEvent(), id: `e${i}`, agent: { id: `agent-${i % 20}` } }) as WireEvent,
  );
  await sink.start();
  await sink.append([0, 1, 2].map((partition) => ({ kind: 'tick', receivedMs: Date.now(), partition }) as const));
  await sink.append(entriesOf('default', events));
  await sink.stop();
}

describeWithKafka('picket doctor and Kafka', (brokers) => {
  it('is content with what is as it should be, and leaves nothing behind', async () => {
    const place = await createPlace(brokers, {
      intake: [
        { topic: 'in', keyed: true },
        { topic: 'any', keyed: false },
      ],
    });
    const { settings, admin, epoch } = place;
    const [intake = '', unkeyed = ''] = settings.intake.map(({ topic }) => topic);
    const topics = [intake, unkeyed].map((topic) => ({ topic, numPartitions: 2 }));
    await admin.createTopics({ topics, waitForLeaders: true });
    await writeLog(place, 2000);
    const checks = await checkKafka(settings, epoch);
    expect(checks).toEqual([
      { name: `broker ${brokers[0]}`, ok: true, found: expect.any(String) },
      expect.objectContaining({ name: 'kafka cluster', ok: true }),
      { name: `topic ${settings.eventsTopic}`, ok: true, found: '3 partitions, 1 replica, all in sync' },
      { name: `topic ${settings.deadLettersTopic}`, ok: true, found: '1 partition, 1 replica, all in sync' },
      { name: `topic ${intake}`, ok: true, found: '2 partitions, 1 replica, all in sync' },
      { name: `topic ${unkeyed}`, ok: true, found: '2 partitions, 1 replica, all in sync' },
      { name: `group ${settings.workerGroup}`, ok: true, found: 'Dead, 0 members, 2003 records behind' },
      { name: `group ${settings.intakeGroup}`, ok: true, found: 'Dead, 0 members, 0 records behind' },
      { name: `keys of ${settings.eventsTopic}`, ok: true, found: '600 newest records are where they belong' },
      { name: `keys of ${intake}`, ok: true, found: 'in 0 newest records of 0 agents each agent is in one partition' },
      { name: `records of ${unkeyed}`, ok: true, found: 'can be read' },
    ]);
    const { groups } = await admin.listGroups();
    expect(
      groups.filter(({ groupId }) => groupId.startsWith('picket') || groupId.includes(settings.workerGroup)),
    ).toEqual([]);
  });

  it('does not ask for topics that the first start makes', async () => {
    const { settings } = await createPlace(brokers);
    const fresh = {
      ...settings,
      eventsTopic: `${settings.eventsTopic}-2`,
      deadLettersTopic: `${settings.deadLettersTopic}-2`,
    };
    expectSound(await checkKafka(fresh, undefined));
    expect(namesOf(failed(await checkKafka(fresh, 'unknown')))).toEqual([
      `topic ${fresh.eventsTopic}`,
      `topic ${fresh.deadLettersTopic}`,
    ]);
  });

  it('names a broker that does not answer, and asks the others', async () => {
    const { settings, epoch } = await createPlace(brokers);
    const checks = await checkKafka({ ...settings, brokers: ['127.0.0.1:1', ...brokers] }, epoch);
    expect(failed(checks)).toEqual([
      expect.objectContaining({ name: 'broker 127.0.0.1:1', found: expect.stringContaining('ECONNREFUSED') }),
    ]);
    expect(checks.length).toBeGreaterThan(5);
    expect(namesOf(await checkKafka({ ...settings, brokers: ['127.0.0.1:1'] }, epoch))).toEqual(['broker 127.0.0.1:1']);
  });

  it('sees that it is another cluster', async () => {
    const { settings, epoch } = await createPlace(brokers);
    const checks = await checkKafka(settings, { ...epoch, cluster: 'another' });
    expect(failed(checks)).toEqual([
      expect.objectContaining({ name: 'kafka cluster', found: expect.stringContaining('is in cluster another') }),
    ]);
  });

  it.each([
    {
      wrong: 'the log is gone',
      // Another topic than the one there is.
      break: async () => {},
      epoch: { topic: 'gone' },
      fails: () => 'topic gone',
      found: 'does not exist, or this Kafka user may not see it',
      advice: 'picket topics repartition',
    },
    {
      wrong: 'somebody added partitions',
      break: ({ admin, settings }: Place) => addPartitions(admin, settings.eventsTopic, 4),
      fails: ({ settings }: Place) => `topic ${settings.eventsTopic}`,
      found: '4 partitions, and the log began with 3',
      advice: 'picket topics repartition',
    },
    {
      wrong: 'the log is compacted',
      break: ({ admin, settings }: Place) =>
        configureTopic(admin, settings.eventsTopic, { 'max.message.bytes': '4194304', 'cleanup.policy': 'compact' }),
      fails: ({ settings }: Place) => `topic ${settings.eventsTopic}`,
      found: 'its settings break a promise',
      advice: 'cleanup.policy=delete',
    },
    {
      wrong: 'more replicas have to be in sync than there are',
      break: ({ admin, settings }: Place) =>
        configureTopic(admin, settings.deadLettersTopic, {
          'max.message.bytes': '4194304',
          'min.insync.replicas': '2',
        }),
      fails: ({ settings }: Place) => `topic ${settings.deadLettersTopic}`,
      found: '1 partition cannot be written: fewer than 2 replicas are in sync',
      advice: 'min.insync.replicas',
    },
    {
      wrong: 'somebody else writes to the log',
      break: ({ settings }: Place) =>
        write(brokers, settings.eventsTopic, [{ key: 'k', value: 'hello', partition: 1 }]),
      fails: ({ settings }: Place) => `keys of ${settings.eventsTopic}`,
      found: "of 1 newest records 1 are not Picket's and 0 in a partition of others, such as 1:0",
      advice: 'allow WRITE on it to Picket alone',
    },
  ])('sees that $wrong', async ({ break: damage, epoch = {}, fails, found, advice }) => {
    const place = await createPlace(brokers);
    await damage(place);
    const wrong = failed(await checkKafka(place.settings, { ...place.epoch, ...epoch }));
    expect(wrong).toEqual([{ name: fails(place), ok: false, found, advice: expect.stringContaining(advice) }]);
  });

  it('sees an event of Picket in the partition of another owner', async () => {
    const place = await createPlace(brokers);
    await writeLog(place, 100);
    // As a log of 3 partitions sees what was written for one of 2.
    const wider = { ...place.epoch, partitions: 2 };
    const { settings } = place;
    const checks = failed(await checkKafka(settings, wider));
    expect(namesOf(checks)).toEqual([`topic ${settings.eventsTopic}`, `keys of ${settings.eventsTopic}`]);
    expect(checks[1]?.found).toMatch(
      /of 1\d\d newest records 0 are not Picket's and [1-9]\d* in a partition of others/,
    );
  });

  it('sees missing topics of others, and agents in several partitions of a keyed one', async () => {
    const place = await createPlace(brokers, {
      intake: [
        { topic: 'missing', keyed: false },
        { topic: 'torn', keyed: true },
      ],
    });
    const { settings, admin, epoch } = place;
    const [missing = '', torn = ''] = settings.intake.map(({ topic }) => topic);
    await admin.createTopics({ topics: [{ topic: torn, numPartitions: 3 }], waitForLeaders: true });
    const of = (id: string, partition: number) => ({ partition, value: JSON.stringify({ agent: { id } }) });
    await write(brokers, torn, [
      of('calm', 1),
      of('torn\u202e', 2),
      of('calm', 1),
      of('torn\u202e', 0),
      { partition: 0, value: 'no' },
    ]);
    expect(failed(await checkKafka(settings, epoch))).toEqual([
      expect.objectContaining({ name: `topic ${missing}`, advice: expect.stringContaining('--intake') }),
      expect.objectContaining({
        name: `keys of ${torn}`,
        found: 'in 5 newest records of 2 agents 1 agent is in several partitions, such as "torn" in 0, 2',
      }),
    ]);
  });

  it('prints one object, and ends with 3 when something is wrong', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const printed: string[] = [];
    const terminal = {
      out: (text: string) => void printed.push(text),
      err: () => {},
      interactive: false,
      columns: 100,
    };
    const run = (env: Record<string, string>, args: readonly string[]) =>
      doctorCommand({
        cwd: folder,
        env: { PICKET_DATA_DIR: join(folder, 'data'), ...env },
        terminal,
        stop: new AbortController().signal,
      }).parseAsync([...args], { from: 'user' });
    await run({ KAFKA_BROKERS: brokers.join(',') }, ['--json']);
    const { ok, checks } = JSON.parse(printed[0] ?? '') as { ok: boolean; checks: Check[] };
    expect(ok).toBe(true);
    expect(namesOf(checks)).toEqual(
      expect.arrayContaining(['node', 'store', 'clock', 'kafka cluster', 'topic picket.events', 'playbooks']),
    );
    await expect(run({ KAFKA_BROKERS: '127.0.0.1:1' }, [])).rejects.toMatchObject({ exitCode: 3 });
    expect(printed.join('\n')).toMatch(/FAIL broker 127\.0\.0\.1:1 .+\n {5}-> Is it running/);
  });
});

it('does not wait longer than it may', async () => {
  const check = { name: 'slow', timeoutMs: 5, advice: 'Look.', explain: () => undefined };
  expect(await bounded(check, () => new Promise(() => {}))).toEqual([
    { name: 'slow', ok: false, found: 'no answer within 0.005 s', advice: 'Look.' },
  ]);
  expect(await bounded(check, () => Promise.reject(new RangeError('secret')))).toEqual([
    { name: 'slow', ok: false, found: 'failed (RangeError)', advice: 'Look.' },
  ]);
});

await describeWithOwnKafka('picket doctor and what only some clusters have', (startKafka) => {
  it('sees what a user may not do, and a wrong password', async () => {
    const user = { username: 'picket', password: 'right' };
    const properties = {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    };
    const kafka = await startKafka({ users: [user], properties });
    onTestFinished(() => kafka.stop());
    const { settings: open, admin, epoch } = await createPlace(kafka.brokers);
    const sasl = { mechanism: 'plain', ...user } as const;
    const settings = { ...open, brokers: kafka.saslBrokers, sasl };
    const allow = (resourceType: AclResourceTypes, resourceName: string, operation: AclOperationTypes) =>
      admin.createAcls({
        acl: [
          {
            resourceType,
            resourceName,
            operation,
            principal: 'User:picket',
            host: '*',
            permissionType: kafkajs.AclPermissionTypes.ALLOW,
            resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
          },
        ],
      });
    const { TOPIC, GROUP } = kafkajs.AclResourceTypes;
    const { DESCRIBE, DESCRIBE_CONFIGS, READ } = kafkajs.AclOperationTypes;

    expect(failed(await checkKafka({ ...settings, sasl: { ...sasl, password: 'wrong' } }, epoch))).toEqual([
      expect.objectContaining({ name: 'kafka cluster', advice: expect.stringContaining('kafka.sasl') }),
    ]);
    const { eventsTopic, deadLettersTopic, workerGroup } = settings;
    const blind = failed(await checkKafka(settings, epoch));
    expect(namesOf(blind)).toEqual([`topic ${eventsTopic}`, `topic ${deadLettersTopic}`, `group ${workerGroup}`]);
    expect(blind[0]?.found).toBe('does not exist, or this Kafka user may not see it');
    expect(blind[2]?.advice).toContain('consumer group');
    for (const topic of [eventsTopic, deadLettersTopic]) {
      await allow(TOPIC, topic, DESCRIBE);
      await allow(TOPIC, topic, DESCRIBE_CONFIGS);
    }
    await allow(GROUP, workerGroup, READ);
    const unread = failed(await checkKafka(settings, epoch));
    expect(unread).toEqual([
      expect.objectContaining({ name: `keys of ${eventsTopic}`, advice: expect.stringContaining('ACLs') }),
    ]);
    await allow(TOPIC, eventsTopic, READ);
    expectSound(await checkKafka(settings, epoch));
  });

  it('sees replicas that are missing', async () => {
    const kafka = await startKafka({ nodes: 3 });
    onTestFinished(() => kafka.stop());
    const { settings, epoch, admin } = await createPlace(kafka.brokers, { replicationFactor: 3 });
    const each = await Promise.all(kafka.brokers.map(adminOfOne));
    const inSync = async (asked: readonly Admin[]) => {
      const wanted = { topics: [settings.eventsTopic, settings.deadLettersTopic] };
      const said = await Promise.all(asked.map((one) => one.fetchTopicMetadata(wanted).catch(() => ({ topics: [] }))));
      return said.map(({ topics }) => topics.flatMap(({ partitions }) => partitions.map(({ isr }) => isr.length)));
    };
    // A new topic has a leader before its other replicas have caught up with it, and before all brokers have heard of it.
    await expect.poll(() => inSync(each), { timeout: 30_000 }).toEqual(each.map(() => [3, 3, 3, 3]));
    expectSound(await checkKafka(settings, epoch));

    await configureTopic(admin, settings.eventsTopic, { 'max.message.bytes': '4194304', 'min.insync.replicas': '1' });
    expect(failed(await checkKafka(settings, epoch))).toEqual([
      {
        name: `topic ${settings.eventsTopic}`,
        ok: false,
        found: 'min.insync.replicas is 1, of 3 replicas',
        advice: expect.stringContaining('Set it to 2'),
      },
    ]);
    await configureTopic(admin, settings.eventsTopic, { 'max.message.bytes': '4194304', 'min.insync.replicas': '2' });
    expect(failed(await checkKafka({ ...settings, replicationFactor: 4 }, epoch)).map(({ found }) => found)).toEqual([
      '3 replicas, and kafka.replication_factor is 4',
      '3 replicas, and kafka.replication_factor is 4',
    ]);

    await kafka.kill(3);
    const gone = kafka.brokers[2] ?? '';
    const left = each.slice(0, 2);
    await expect.poll(() => inSync(left), { timeout: 30_000 }).toEqual(left.map(() => [2, 2, 2, 2]));
    expect(failed(await checkKafka(settings, epoch))).toEqual([
      expect.objectContaining({ name: `broker ${gone}` }),
      expect.objectContaining({
        name: `topic ${settings.eventsTopic}`,
        found: '3 of 3 partitions have a replica that is not in sync',
      }),
      expect.objectContaining({ name: `topic ${settings.deadLettersTopic}` }),
    ]);
  });
});
