/** Opens what can verify: the server that holds the store, or the store itself, which is changed only by a repair. */
import { type ApiClient, createApiClient, fetchTransport } from '../../api/client.ts';
import type { AgentVerification, RangePlan, RangeReport, RangeWish, StretchBody } from '../../api/schemas/verify.ts';
import { DAY_MS } from '../../baselines/periods.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { createKafkaClient } from '../../ingest/kafka/client.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import { deriveKey } from '../../ingest/sealing.ts';
import type { Store } from '../../store/store.ts';
import { openHistory } from '../backtest/open-history.ts';
import { readOnly } from '../backtest/read-only-store.ts';
import type { Config } from '../config.ts';
import { type CommandContext, CommandFailure, EXIT } from '../context.ts';
import { apiKeyOf, masterKeyIn, runningServer } from '../data-folder.ts';
import { createLogger } from '../logger.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import { CannotVerify } from './agent-run.ts';
import { createTopicLook, type TopicLook } from './topic-look.ts';
import { createLocalVerification } from './verification.ts';

export interface OpenVerification {
  /** Where the answers come from, for people. */
  readonly place: string;
  agent(agent: string, mode: 'judge' | 'replay', from?: number): Promise<AgentVerification>;
  plan(range: RangeWish): Promise<RangePlan>;
  check(stretch: StretchBody, repair: boolean): Promise<RangeReport>;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly tenant?: string | undefined;
  readonly repair: boolean;
  readonly onProgress: (events: number, total: number) => void;
}

export async function openVerification(
  context: CommandContext,
  config: Config,
  options: OpenOptions,
): Promise<OpenVerification> {
  const running = options.url === undefined ? runningServer(config.dataDir) : { url: options.url };
  // A ClickHouse server belongs to nobody: it is asked directly, unless a server of Picket was named.
  const ask = options.url !== undefined || (running !== undefined && config.clickhouse === undefined);
  return ask && running !== undefined
    ? overApi(running.url, context, config, options)
    : onStore(context, config, options);
}

/** Judging some hundred thousand events takes minutes; the server gives up first. */
const PATIENCE_MS = 5 * 60_000;

function overApi(url: string, { env }: CommandContext, config: Config, { key, tenant }: OpenOptions): OpenVerification {
  const credential = apiKeyOf(key, env, config.dataDir);
  if (credential === undefined)
    throw new CommandFailure(`No API key for ${url}: pass --key or set PICKET_API_KEY.`, EXIT.usage);
  if (tenant !== undefined && tenant !== DEFAULT_TENANT && key === undefined)
    throw new CommandFailure(
      `${url} knows the tenant by the key: pass --key with one of ${tenant} that has scope admin, without --tenant.`,
      EXIT.usage,
    );
  const client: ApiClient = createApiClient(fetchTransport({ url, key: credential, fetch, timeoutMs: PATIENCE_MS }));
  return {
    place: url,
    agent: (agent, mode, from) => client.verifyAgent(agent, { mode, ...(from === undefined ? {} : { from }) }),
    plan: ({ sinceMs, untilMs, ...range }) =>
      client.planVerification({ ...range, since: sinceMs?.toString(), until: untilMs?.toString() }),
    check: (stretch, repair) => client.verifyStretch({ ...stretch, repair }),
    close: async () => {},
  };
}

async function onStore(
  { stop }: CommandContext,
  config: Config,
  { tenant = DEFAULT_TENANT, repair, onProgress }: OpenOptions,
): Promise<OpenVerification> {
  const opened = await openHistory(config, 'verify');
  const store = repair ? opened : readOnly(opened);
  const topic = await topicOf(config, store);
  const deadLetters = repair ? lettersOf(store, config) : NO_LETTERS;
  const local = createLocalVerification({ store, config, now: Date.now, deadLetters, topic });
  return {
    place: store.place,
    agent: (agent, mode, from) =>
      local
        .agent({ tenant, agent, mode, from }, { onProgress, stop, eventsMax: Number.POSITIVE_INFINITY })
        .catch(explained),
    plan: (range) => local.plan(range),
    check: (stretch, wanted) => local.check(stretch, wanted, stop),
    close: () => store.close(),
  };
}

/** Nothing is written, and no key is made, by who only looks. */
const NO_LETTERS = { write: () => Promise.reject(new Error('Nothing is repaired.')) };

function lettersOf(store: Store, config: Config) {
  const sealKey = deriveKey(config.masterKey ?? masterKeyIn(config.dataDir), 'dead-letters');
  return createDeadLetterStore(store, { sealKey, ttlMs: config.deadLetterDays * DAY_MS });
}

function explained(error: unknown): never {
  if (!(error instanceof CannotVerify)) throw error;
  throw new CommandFailure(error.message, error.code === 'nothing_stored' ? EXIT.usage : EXIT.failure);
}

/** Only a log that is in Kafka has a topic to be compared with, and only if its brokers are configured. */
async function topicOf(config: Config, store: Store): Promise<TopicLook | undefined> {
  const epoch = await createLogEpochStore(store).current();
  if (config.kafka === undefined || epoch === undefined) return undefined;
  return createTopicLook({ client: createKafkaClient(config.kafka, createLogger('silent')), epoch });
}
