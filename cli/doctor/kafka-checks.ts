/**
 * What can be wrong between Picket and Kafka. Everything is asked for in the way a worker, the intake stage or the API asks for it, so
 * that what is missing in the ACLs shows, too; but nothing is written, and no group is joined. So the right to write is not tried.
 */
import type { Admin, Kafka } from 'kafkajs';
import { createAdmin } from '../../ingest/kafka/admin.ts';
import { type BrokerCheck, checkBrokers } from '../../ingest/kafka/api-versions.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { explainKafkaError } from '../../ingest/kafka/kafka-errors.ts';
import { openRecordReader, type RecordReader } from '../../ingest/kafka/record-reader.ts';
import type { KafkaSettings } from '../../ingest/kafka/settings.ts';
import type { LogEpoch } from '../../ingest/log-epoch-store.ts';
import { createLogger } from '../logger.ts';
import { bounded, type Check } from './check.ts';
import { checkGroup } from './kafka-group-check.ts';
import { checkAgentsApart, checkLogKeys, checkReadable } from './kafka-key-checks.ts';
import { checkTopic, type ExpectedTopic } from './kafka-topic-check.ts';

const CHECK_MS_MAX = 10_000;

/** @param epoch the log as the store knows it: none has begun, or nobody could ask the store */
export async function checkKafka(settings: KafkaSettings, epoch: LogEpoch | undefined | 'unknown'): Promise<Check[]> {
  const brokers = await checkBootstrap(settings);
  // Asking for more would only wait.
  if (!brokers.some(({ ok }) => ok)) return brokers;
  const client = createKafkaClient(settings, createLogger('silent'));
  const admin = createAdmin(client);
  try {
    const cluster = await within('kafka cluster', () => checkCluster(admin, settings, epoch));
    if (cluster.some(({ name, ok }) => name === 'kafka cluster' && !ok)) return [...brokers, ...cluster];
    const others = await checkInside(
      client,
      admin,
      settings,
      epoch === 'unknown' ? undefined : epoch,
      epoch === 'unknown',
    );
    return [...brokers, ...cluster, ...others];
  } finally {
    await admin.disconnect();
  }
}

const within = (name: string, run: () => Promise<Check | readonly Check[]>): Promise<readonly Check[]> =>
  bounded({ name, timeoutMs: CHECK_MS_MAX, advice: UNKNOWN_ADVICE, explain: explainKafkaError }, run);

const UNKNOWN_ADVICE = 'Look at the brokers: do all of them run, and do all partitions have a leader?';

async function checkBootstrap(settings: KafkaSettings): Promise<Check[]> {
  const checks = await checkBrokers({
    ...settings,
    connectTimeoutMs: Math.min(settings.connectTimeoutMs, CHECK_MS_MAX),
  });
  return checks.map((check, i) => brokerCheck(`broker ${settings.brokers[i]}`, check));
}

function brokerCheck(name: string, check: BrokerCheck): Check {
  if (check.kind === 'usable') return { name, ok: true, found: 'answers, and speaks what Picket needs' };
  const advice =
    check.kind === 'unreachable'
      ? 'Is it running, is the address right, and does a firewall let it through? Picket waits for a broker that is away.'
      : 'See the message; Picket refuses to start with this broker.';
  return { name, ok: false, found: check.sentence, advice };
}

/** The cluster, and the brokers that it names to its clients: those are who Picket really talks to. */
async function checkCluster(
  admin: Admin,
  settings: KafkaSettings,
  epoch: LogEpoch | undefined | 'unknown',
): Promise<Check[]> {
  await admin.connect();
  const { clusterId, brokers } = await admin.describeCluster();
  const known = epoch === 'unknown' ? undefined : epoch;
  const isTheOne = known === undefined || known.cluster === clusterId;
  const cluster: Check = {
    name: 'kafka cluster',
    ok: isTheOne,
    found: isTheOne
      ? `${clusterId}, ${brokers.length} brokers`
      : `${clusterId}; the log of this store is in cluster ${known?.cluster}`,
    advice: 'Check KAFKA_BROKERS; after a move to another cluster begin a new epoch with `picket topics repartition`.',
  };
  const named = brokers.map(({ host, port }) => `${host}:${port}`).filter((one) => !settings.brokers.includes(one));
  const connectTimeoutMs = Math.min(settings.connectTimeoutMs, CHECK_MS_MAX / 2);
  const checks = await checkBrokers({ ...settings, brokers: named, connectTimeoutMs });
  return [cluster, ...checks.map((check, i) => advertisedCheck(`broker ${named[i]}`, check))];
}

const advertisedCheck = (name: string, check: BrokerCheck): Check => ({
  ...brokerCheck(name, check),
  ...(check.kind === 'unreachable'
    ? {
        advice:
          'The cluster names this address to its clients: is it right (advertised.listeners), and reachable from here?',
      }
    : {}),
});

async function checkInside(
  client: Kafka,
  admin: Admin,
  settings: KafkaSettings,
  epoch: LogEpoch | undefined,
  hasRun: boolean,
): Promise<Check[]> {
  const { intake, workerGroup, intakeGroup } = settings;
  const log = epoch?.topic ?? settings.eventsTopic;
  const checks: Check[] = [];
  const look = async (name: string, run: () => Promise<Check | readonly Check[]>) => {
    checks.push(...(await within(name, run)));
  };
  for (const topic of expectedTopics(settings, epoch, hasRun)) {
    await look(`topic ${topic.topic}`, () => checkTopic(admin, topic));
  }
  await look(`group ${workerGroup}`, () => checkGroup(admin, workerGroup, [log]));
  if (intake.length > 0) {
    await look(`group ${intakeGroup}`, () =>
      checkGroup(
        admin,
        intakeGroup,
        intake.map(({ topic }) => topic),
      ),
    );
  }
  await look(`keys of ${log}`, () =>
    withReader(client, (reader) => checkLogKeys(admin, reader, log, epoch?.partitions)),
  );
  for (const { topic, keyed } of intake) {
    const check = keyed ? checkAgentsApart : checkReadable;
    await look(`${keyed ? 'keys' : 'records'} of ${topic}`, () =>
      withReader(client, (reader) => check(admin, reader, topic)),
    );
  }
  return checks;
}

async function withReader<T>(client: Kafka, use: (reader: RecordReader) => Promise<T>): Promise<T> {
  const reader = await openRecordReader(client);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

function expectedTopics(settings: KafkaSettings, epoch: LogEpoch | undefined, hasRun: boolean): ExpectedTopic[] {
  const { eventsTopic, deadLettersTopic, replicationFactor, intake } = settings;
  const own = { isOwn: true, isMade: epoch !== undefined || hasRun, replicationFactor };
  return [
    { ...own, topic: epoch?.topic ?? eventsTopic, isLog: true, partitions: epoch?.partitions },
    { ...own, topic: deadLettersTopic, isLog: false, partitions: undefined },
    ...[...new Set(intake.map(({ topic }) => topic))].map(
      (topic): ExpectedTopic => ({
        topic,
        isOwn: false,
        isMade: true,
        isLog: false,
        partitions: undefined,
        replicationFactor: 1,
      }),
    ),
  ];
}
