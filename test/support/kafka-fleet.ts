/** Processes of Picket over one broker and one ClickHouse front, as they would run on several machines. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openServer } from '../../store/connection.ts';
import type { Store } from '../../store/store.ts';
import { temporaryFolder } from './embedded-store.ts';
import { type FrontProcess, spawnFront } from './front-process.ts';
import { type PicketService, runPicket, startService } from './picket-process.ts';

export interface FleetOptions {
  readonly brokers: readonly string[];
  /** Suffix of all topics and groups, so that fleets can share a broker. */
  readonly name: string;
  readonly partitions: number;
  readonly intakeTopic: string;
  /** Further lines of `picket.yaml`; two spaces of indent for more of the section `kafka`. */
  readonly kafkaLines?: readonly string[];
  readonly lines?: readonly string[];
  /** Name of the file -> its text. */
  readonly playbooks?: Readonly<Record<string, string>>;
}

export interface Fleet {
  readonly front: FrontProcess;
  readonly env: Readonly<Record<string, string>>;
  readonly eventsTopic: string;
  readonly deadLettersTopic: string;
  start(command: 'worker' | 'intake' | 'api', more?: Readonly<Record<string, string>>): Promise<PicketService>;
  run(args: readonly string[]): ReturnType<typeof runPicket>;
  /** The store, read over the front. */
  withStore<T>(use: (store: Store) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

const DATABASE = 'picket';
/** The shortest that the configuration takes. */
export const FLEET_SESSION_TIMEOUT_MS = 6_000;

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const { brokers, name, partitions, intakeTopic, kafkaLines = [], lines = [] } = options;
  const folder = await temporaryFolder();
  const front = await spawnFront({ path: join(folder, 'engine') });
  const playbooks = join(folder, 'playbooks');
  await mkdir(playbooks);
  for (const [file, text] of Object.entries(options.playbooks ?? {})) await writeFile(join(playbooks, file), text);
  const eventsTopic = `picket.events.${name}`;
  const deadLettersTopic = `picket.dead-letters.${name}`;
  const config = join(folder, 'picket.yaml');
  const kafka = [
    `events_topic: ${eventsTopic}`,
    `dead_letters_topic: ${deadLettersTopic}`,
    `worker_group: worker-${name}`,
    `intake_group: intake-${name}`,
    `partitions: ${partitions}`,
    `session_timeout_ms: ${FLEET_SESSION_TIMEOUT_MS}`,
    `intake: [{ topic: ${intakeTopic}, tenant: default }]`,
    ...kafkaLines,
  ];
  await writeFile(config, ['kafka:', ...kafka.map((line) => `  ${line}`), ...lines, ''].join('\n'));
  const env = {
    PICKET_CONFIG: config,
    PICKET_DATA_DIR: join(folder, 'data'),
    PICKET_PLAYBOOKS_DIR: playbooks,
    PICKET_SECRET_KEY: '11'.repeat(32),
    KAFKA_BROKERS: brokers.join(','),
    CLICKHOUSE_URL: front.url,
    CLICKHOUSE_DATABASE: DATABASE,
  };
  const started: PicketService[] = [];
  return {
    front,
    env,
    eventsTopic,
    deadLettersTopic,
    async start(command, more = {}) {
      const service = await startService(command, { env: { ...env, ...more }, cwd: folder });
      started.push(service);
      return service;
    },
    run: (args) => runPicket(args, { env, cwd: folder }),
    async withStore(use) {
      const store = await openServer({ url: front.url, database: DATABASE, requestTimeoutMs: 60_000 });
      try {
        return await use(store);
      } finally {
        await store.close();
      }
    },
    async stop() {
      await Promise.all(started.map((service) => service.kill('SIGKILL')));
      await front.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Asks until the answer is what is waited for; what it was last, when it never is. */
export async function untilEqual<T>(ask: () => Promise<T>, wanted: T, waitMsMax: number): Promise<T> {
  const until = performance.now() + waitMsMax;
  let last = await ask();
  while (last !== wanted && performance.now() < until) {
    await sleep(250);
    last = await ask().catch(() => last);
  }
  return last;
}
