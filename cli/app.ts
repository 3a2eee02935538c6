/**
 * A whole Picket in one process: store, log, partition, playbooks, API. `picket up` listens with it, the demo feeds it, and commands
 * that find no running server use it from inside.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { lookup } from 'node:dns';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import pino, { type Logger } from 'pino';
import { createDispatcher, type Dispatcher } from '../alerts/delivery.ts';
import { createDeliveryStore } from '../alerts/delivery-store.ts';
import { createHitStore } from '../alerts/hit-store.ts';
import { createHttpPost } from '../alerts/http-post.ts';
import { loadPlaybooks, type Playbook } from '../alerts/playbook.ts';
import { systemTimers } from '../alerts/timers.ts';
import { describeAgent } from '../api/describe-agent.ts';
import { createKey, findKey } from '../api/key-store.ts';
import { createKeyRing } from '../api/keys.ts';
import { API_LIMITS } from '../api/limits.ts';
import type { Intake } from '../api/ports.ts';
import { createApi } from '../api/server.ts';
import { DAY_MS, DEFAULT_BASELINE_SETTINGS } from '../baselines/baseline.ts';
import { createEventLogStore } from '../baselines/event-log-store.ts';
import { createStateStore } from '../baselines/state-store.ts';
import { DETECTORS } from '../detectors/registry.ts';
import { createScoring } from '../detectors/scoring.ts';
import { createAcceptor } from '../ingest/acceptor.ts';
import { createDeadLetterStore } from '../ingest/dead-letter-store.ts';
import { createEmbeddedLog, DEFAULT_EMBEDDED_LOG } from '../ingest/embedded-log.ts';
import { createIntake } from '../ingest/intake.ts';
import type { LogSink } from '../ingest/log.ts';
import { createNormaliser } from '../ingest/normalise.ts';
import { deriveKey, open as openSealed } from '../ingest/sealing.ts';
import { createBatchedStore } from '../store/batched-store.ts';
import { openEmbedded, openServer } from '../store/connection.ts';
import { migrate } from '../store/migrate.ts';
import { untilAvailable } from '../store/retry.ts';
import type { Store } from '../store/store.ts';
import { type Config, enginePath } from './config.ts';
import { ADMIN_KEY_FILE, masterKeyIn, prepareDataFolder, readAdminKey, writeSecretFile } from './data-folder.ts';
import { createPartition, emptyCounters, type Partition, type PartitionCounters } from './partition.ts';
import { slotCodec } from './scorer.ts';
import { sleep } from './sleep.ts';
import { withholdStandardInput } from './standard-input.ts';

export const DEFAULT_TENANT = 'default';
export const BUILD = '0.1.0';

export interface AppDeps {
  /** Wall clock, epoch ms; the demo's is simulated. */
  readonly now: () => number;
  readonly logger: Logger;
  /** Called once when the process can no longer do its work: it should exit with a failure. */
  readonly onFailure: (error: unknown) => void;
  /** Further playbooks beside the files, for the demo. */
  readonly playbooks?: readonly Playbook[];
}

export interface App {
  readonly api: FastifyInstance;
  readonly intake: Intake;
  readonly log: LogSink;
  readonly store: Store;
  readonly dispatcher: Dispatcher;
  readonly partition: Partition;
  readonly counters: PartitionCounters;
  /** The admin key and its file; made on the first start. */
  readonly adminKey: string;
  readonly adminKeyFile: string;
  readonly firstStart: boolean;
  /** Faults in playbook files; the others work. */
  readonly playbookErrors: readonly string[];
  readonly playbooks: number;
  /** Finishes what is in hand, writes a checkpoint, closes the store. */
  stop(): Promise<void>;
}

const nodeTimers = {
  setTimeout: (callback: () => void, ms: number) => setTimeout(callback, ms),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
};
const TICK_MS = 60_000;
/** Webhooks under way may finish; what is not sent by then stands in the store and goes out after the next start. */
const DRAIN_MS_MAX = 2_000;
/** What is in hand may finish, also a store that is away may come back; then the process ends, and the log holds what counts. */
const STOP_MS_MAX = 7_000;
/** A store that stays away is waited for as long as it takes: nothing is acknowledged meanwhile, and readiness says so. */
const RETRY = { minDelayMs: 50, maxDelayMs: 5_000, attemptsMax: Number.POSITIVE_INFINITY };

export async function openStore(config: Config, now: () => number): Promise<Store> {
  const store = await openUnmigrated(config);
  await migrate(store, { now, sleep });
  return store;
}

/** The store as it is found. */
export async function openUnmigrated(config: Config): Promise<Store> {
  prepareDataFolder(config.dataDir);
  if (config.clickhouse !== undefined) return openServer(config.clickhouse);
  withholdStandardInput();
  return openEmbedded({ path: enginePath(config) });
}

export const settingsOf = (config: Pick<Config, 'halfLifeDays' | 'alertBudget'>) => ({
  baseline: { ...DEFAULT_BASELINE_SETTINGS, halfLifeMs: config.halfLifeDays * DAY_MS },
  alertBudget: config.alertBudget,
  detectors: DETECTORS.length,
});

export async function startApp(config: Config, deps: AppDeps): Promise<App> {
  const { now, logger, onFailure } = deps;
  const store = createBatchedStore(await openStore(config, now), ['deliveries', 'dead_letters'], nodeTimers);
  const master = config.masterKey ?? masterKeyIn(config.dataDir);
  const stopping = new AbortController();
  const persist = <T>(write: () => Promise<T>) =>
    untilAvailable(write, {
      ...RETRY,
      random: Math.random,
      sleep,
      signal: stopping.signal,
      onRetry: ({ attempt, delayMs }) => logger.warn({ attempt, delayMs }, 'the store is unavailable; trying again'),
    });

  const settings = settingsOf(config);
  const scoring = createScoring(DETECTORS, settings.baseline);
  const sealKey = deriveKey(master, 'dead-letters');
  const deadLetters = createDeadLetterStore(store, { sealKey, ttlMs: config.deadLetterDays * DAY_MS });
  const files = playbookFiles(config.playbooksDir);
  const { playbooks, errors } = loadPlaybooks(
    files,
    config.lookup,
    DETECTORS.map(({ name }) => name),
  );
  const dispatcher = createDispatcher({
    playbooks: [...playbooks, ...(deps.playbooks ?? [])],
    post: createHttpPost({ lookup, connect, timers: systemTimers }),
    deliveries: createDeliveryStore(store),
    now,
    random: Math.random,
    timers: systemTimers,
    log: logger.child({ part: 'playbooks' }),
  });
  const counters = emptyCounters();
  const partition = createPartition(
    { ...settings, agentsMax: config.agentsInMemory, checkpointRecords: config.checkpointRecords },
    {
      log: createEventLogStore(store),
      states: createStateStore(store, slotCodec(scoring), BUILD),
      hits: createHitStore(store),
      scoring,
      deadLetters,
      notify: (notices) => {
        for (const notice of notices) dispatcher.notify(notice);
      },
      persist,
      now,
      counters,
    },
  );
  const log = createEmbeddedLog({ ...DEFAULT_EMBEDDED_LOG, queueMax: config.queueEntries }, onFailure);
  const intake = httpIntake(
    createAcceptor({
      intake: createIntake({ normalise: createNormaliser({ redactionKey: deriveKey(master, 'redaction') }) }),
      sink: log,
      deadLetters,
      now,
    }),
  );
  const admin = await adminKeyFor(config, store, now);
  await log.start(partition);
  await dispatcher.rescan();

  const api = createApi({
    store,
    keys: createKeyRing({ find: (keyId) => findKey(store, keyId), now }),
    now,
    requestId: randomUUID,
    intake,
    log,
    agents: {
      async describe(tenant, agent) {
        const state = await partition.peek({ tenant, agent });
        return state === undefined ? undefined : describeAgent(state, now(), settings.baseline);
      },
    },
    status: {
      ready: () => readiness(store),
      counters: () => ({
        ...countersOf(counters),
        agents_in_memory: partition.agentsInMemory,
        ...deliveryCounters(dispatcher),
      }),
    },
    logger: logger.level === 'silent' ? false : { level: logger.level },
    openDeadLetter: (sealed) => openSealed(sealKey, Buffer.from(sealed, 'base64')),
    limits: API_LIMITS,
  });
  const tick = setInterval(() => {
    log.append([{ kind: 'tick', receivedMs: now() }]).catch((error: unknown) => logger.warn({ error }, 'no tick'));
  }, TICK_MS);
  tick.unref();

  return {
    api,
    intake,
    log,
    store,
    dispatcher,
    partition,
    counters,
    ...admin,
    playbookErrors: errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
    playbooks: playbooks.filter(({ enabled }) => enabled).length,
    async stop() {
      clearInterval(tick);
      const fuse = setTimeout(() => stopping.abort(new Error('The store stayed away.')), STOP_MS_MAX);
      try {
        await api.close();
        await log.stop();
      } catch (error) {
        logger.warn({ err: error }, 'stopped without a checkpoint; the next start reads more of the log instead');
      }
      clearTimeout(fuse);
      await dispatcher.drain(DRAIN_MS_MAX);
      await dispatcher.stop();
      await store.close();
    },
  };
}

/** Ids of events that came without one: the sender's idempotency key and the index, or fresh. */
const httpIntake = (acceptor: ReturnType<typeof createAcceptor>): Intake => ({
  accept(tenant, records, { requestId, idempotencyKey }) {
    const key =
      idempotencyKey === undefined
        ? randomUUID()
        : createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40);
    const origin = { source: 'http', delivery: requestId, fallbackId: (index: number) => `http:${key}:${index}` };
    return acceptor.accept(tenant, records, origin);
  },
});

export function playbookFiles(folder: string): { path: string; text: string }[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort();
  return names.map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), 'utf8') }));
}

async function adminKeyFor(config: Config, store: Store, now: () => number) {
  const adminKeyFile = join(config.dataDir, ADMIN_KEY_FILE);
  const existing = readAdminKey(config.dataDir);
  if (existing !== undefined) return { adminKey: existing, adminKeyFile, firstStart: false };
  const request = { tenant: DEFAULT_TENANT, name: 'admin', scopes: ['admin'] as const };
  const { key } = await createKey(store, { now, randomBytes }, request);
  writeSecretFile(config.dataDir, ADMIN_KEY_FILE, `${key}\n`);
  return { adminKey: key, adminKeyFile, firstStart: true };
}

async function readiness(store: Store) {
  const check = await store.ping().then(
    () => ({ name: 'store', ok: true, detail: `${store.engine} engine answers` }),
    () => ({ name: 'store', ok: false, detail: `${store.engine} engine does not answer` }),
  );
  return { ready: check.ok, checks: [check] };
}

const countersOf = (counters: PartitionCounters): Record<string, number> => ({
  events_total: counters.events,
  events_duplicate_total: counters.duplicates,
  events_conflict_total: counters.conflicts,
  events_rejected_total: counters.rejected,
  events_late_total: counters.late,
  hits_total: counters.hits,
  alerts_opened_total: counters.alerts,
  checkpoints_total: counters.checkpoints,
  log_position: counters.position,
});

function deliveryCounters(dispatcher: Dispatcher): Record<string, number> {
  const { queued, targetsOpen, delivered, retried, failed, overflowed } = dispatcher.stats();
  return {
    deliveries_queued: queued,
    delivery_targets_open: targetsOpen,
    deliveries_delivered_total: delivered,
    deliveries_retried_total: retried,
    deliveries_failed_total: failed,
    deliveries_overflowed_total: overflowed,
  };
}

/** Logs go to standard error: standard output belongs to what a command prints. */
export const createLogger = (level: string): Logger => pino({ level }, pino.destination(2));
