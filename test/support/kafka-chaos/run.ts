/**
 * Workers and intake processes over a real broker and one ClickHouse front, killed (-9), stopped and started, from one worker to several
 * and back, while events come; then the store must hold what the log leads to when nobody disturbs it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { simulateFleet } from '../../../cli/simulate/fleet.ts';
import type { WireEvent } from '../../../ingest/event.ts';
import type { Store } from '../../../store/store.ts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { createTestClient } from '../kafka/records.ts';
import { createTopic } from '../kafka/topic.ts';
import { FLEET_SESSION_TIMEOUT_MS, type Fleet, openFleet, untilEqual } from '../kafka-fleet.ts';
import { status, type WebhookReceiver, webhookReceiver } from '../webhook-receiver.ts';
import { type Audit, auditStore, untoldAlerts } from './audit.ts';
import { type Crew, createCrew, type Role } from './crew.ts';
import { type Disturbance, disturb, noDisturbance } from './disturb.ts';
import { feed } from './feed.ts';
import type { ChaosOptions } from './plan.ts';

export interface ChaosReport extends Disturbance {
  readonly seed: string;
  readonly events: number;
  readonly seconds: number;
  /** What ended, or did not start, although nobody wanted it to. */
  readonly surprises: readonly string[];
  readonly audit: Audit;
}

export interface Chaos {
  readonly fleet: Fleet;
  readonly events: readonly WireEvent[];
  /** What is sent to it arrives. */
  readonly intakeTopic: string;
  /** Rejects when the events do not all become visible, or a process does not end in order. */
  run(onProgress?: (done: Disturbance, share: number) => void): Promise<ChaosReport>;
  close(): Promise<void>;
}

const DAYS = 8;
/** So much is sent and not yet stored: several batches for each partition's owner. */
const LEAD_EVENTS = 6_000;
const LOOK_MS = 250;
const DRAIN_MS_MAX = 600_000;
const SETTLE_MS_MAX = 60_000;

export async function openChaos(kafka: KafkaCluster, options: ChaosOptions): Promise<Chaos> {
  const { seed, agents, partitions } = options;
  const { events } = simulateFleet({ seed, agents, days: DAYS });
  const intakeTopic = await createTopic(kafka.brokers, { partitions });
  const receiver = await webhookReceiver([status(204)]);
  const fleet = await openFleet({
    brokers: kafka.brokers,
    name: 'chaos',
    partitions,
    intakeTopic,
    lines: ['limits: { checkpoint_records: 2000 }'],
    playbooks: { 'chaos.yaml': playbookTo(receiver) },
  });
  return {
    fleet,
    events,
    intakeTopic,
    run: (onProgress = () => {}) => run({ kafka, options, fleet, events, intakeTopic, receiver, onProgress }),
    async close() {
      await fleet.stop();
      await receiver.close();
    },
  };
}

const playbookTo = ({ origin }: WebhookReceiver): string =>
  [
    'name: chaos',
    'when: { severity_min: info, on_backfill: true }',
    `webhook: { url: "${origin}/soar", allow_private_network: true }`,
  ].join('\n');

interface Scene extends Pick<Chaos, 'fleet' | 'events' | 'intakeTopic'> {
  readonly kafka: KafkaCluster;
  readonly options: ChaosOptions;
  readonly receiver: WebhookReceiver;
  readonly onProgress: (done: Disturbance, share: number) => void;
}

async function run(scene: Scene): Promise<ChaosReport> {
  const { kafka, options, fleet, events, receiver } = scene;
  const crew = createCrew(fleet);
  const done = noDisturbance();
  // The first one migrates and makes the topics.
  await crew.start('worker');
  await Promise.all(Array.from({ length: options.intakes }, () => crew.start('intake')));
  const startedMs = performance.now();
  await underLoad(scene, crew, done);
  const visible = () => fleet.withStore((store) => count(store, 'SELECT count() AS n FROM events'));
  const seen = await untilEqual(visible, events.length, DRAIN_MS_MAX);
  if (seen < events.length) throw new Error(`${events.length} events were sent, ${seen} became visible.`);
  const seconds = (performance.now() - startedMs) / 1000;

  await endAll(crew, 'intake', done);
  await settled(fleet, kafka);
  const untold = await untoldAlerts(fleet, receiver);
  await endAll(crew, 'worker', done);
  const audit = await auditStore(fleet, kafka.brokers, events, untold);
  return { seed: options.seed, events: events.length, ...done, seconds, surprises: crew.surprises, audit };
}

/** Resolves when all is sent and all steps are done. */
async function underLoad(
  { kafka, options, fleet, events, intakeTopic, onProgress }: Scene,
  crew: Crew,
  done: Disturbance,
) {
  let positions = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      positions = await fleet.withStore((store) => count(store, STORED_POSITIONS)).catch(() => positions);
      await sleep(LOOK_MS);
    }
  })();
  const share = () => Math.min(1, positions / events.length);
  try {
    await Promise.all([
      feed(kafka.brokers, intakeTopic, events, () => positions + LEAD_EVENTS),
      disturb(options, {
        crew,
        kafka,
        share,
        sessionTimeoutMs: FLEET_SESSION_TIMEOUT_MS,
        done,
        onStep: () => onProgress(done, share()),
      }),
    ]);
  } finally {
    over = true;
    await watching;
  }
}

const STORED_POSITIONS = `
  SELECT sum(last + 1) AS n FROM (SELECT max(position) AS last FROM event_log GROUP BY partition)`;

const count = async (store: Store, query: string): Promise<number> =>
  Number((await store.query<{ n: number }>(query))[0]?.n ?? 0);

async function endAll(crew: Crew, role: Role, done: Disturbance): Promise<void> {
  for (const member of crew.up(role)) {
    done.rebalances += (await crew.look(member))?.rebalances ?? 0;
    const { code, stderr } = await crew.end(member, 'SIGTERM');
    if (code !== 0) throw new Error(`The last ${role} ended with ${code}: ${stderr}`);
  }
}

/** Every position of the log is stored. */
async function settled(fleet: Fleet, kafka: KafkaCluster): Promise<void> {
  const admin = createTestClient(kafka.brokers, { retry: { retries: 10 } }).admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(fleet.eventsTopic);
  await admin.disconnect();
  const wanted = ends.reduce((sum, { high }) => sum + Number(high), 0);
  const rows = () => fleet.withStore((store) => count(store, 'SELECT count() AS n FROM event_log FINAL'));
  if (!(await untilEqual(async () => (await rows()) >= wanted, true, SETTLE_MS_MAX))) {
    throw new Error(`The log holds ${wanted} records, the store ${await rows()}.`);
  }
}
