/** An API whose neighbours are recorded and can be told how to answer; the store and the keys are the caller's. */
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { systemTimers } from '../../alerts/timers.ts';
import { createKeyRing, type KeyRow, mintKey, type Scope } from '../../api/keys.ts';
import { API_LIMITS, type ApiLimits } from '../../api/limits.ts';
import type { AgentDescription, ApiDeps, IntakeContext, IntakeResult } from '../../api/ports.ts';
import { createApi } from '../../api/server.ts';
import type { LogEntry } from '../../ingest/log.ts';

export const NOW = Date.UTC(2026, 2, 1, 12);

export interface AcceptCall {
  readonly tenant: string;
  readonly records: string[];
  readonly context: IntakeContext;
}

/** What the neighbours saw, and what they answer next. Change `answers` between requests. */
export interface ApiWorld {
  readonly app: FastifyInstance;
  readonly clock: { ms: number };
  readonly accepted: AcceptCall[];
  readonly appended: LogEntry[];
  readonly answers: {
    accept: (records: string[]) => Promise<IntakeResult>;
    append: () => Promise<void>;
    describe: (tenant: string, agent: string) => Promise<AgentDescription | undefined>;
    ready: ApiDeps['status']['ready'];
    counters: Record<string, number>;
  };
  close(): Promise<void>;
}

export interface ApiWorldOptions {
  readonly store?: ApiDeps['store'];
  readonly keys?: ApiDeps['keys'];
  /** Default: whatever is asked fails. */
  readonly keyAdministration?: ApiDeps['keyAdministration'];
  /** Shared with whatever else must see the same time; default: one of its own that stands at NOW. */
  readonly clock?: { ms: number };
  readonly limits?: Partial<ApiLimits>;
  /** Default: no agent has one. */
  readonly deliveries?: ApiDeps['deliveries'];
  readonly waiting?: NonNullable<ApiDeps['waiting']>;
  readonly baselines?: ApiDeps['baselines'];
  /** Default: whatever is asked fails. */
  readonly verification?: ApiDeps['verification'];
  readonly logger?: ApiDeps['logger'];
  readonly addRoutes?: (app: FastifyInstance) => void;
}

const utf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
const emptyStore: ApiDeps['store'] = { query: async () => [] };

const NO_BASELINES: ApiDeps['baselines'] = {
  describe: async () => undefined,
  expect: async () => undefined,
  keep: async () => ({ content: '' }),
  build: () => Promise.reject(new Error('no events')),
};

const NO_ADMINISTRATION: ApiDeps['keyAdministration'] = {
  create: () => Promise.reject(new Error('no keys to change')),
  revoke: () => Promise.reject(new Error('no keys to change')),
  rotate: () => Promise.reject(new Error('no keys to change')),
};

const NO_VERIFICATION: ApiDeps['verification'] = {
  operator: 'acme',
  agent: () => Promise.reject(new Error('nothing to verify')),
  plan: () => Promise.reject(new Error('nothing to verify')),
  check: () => Promise.reject(new Error('nothing to verify')),
};

function defaultAnswers(): ApiWorld['answers'] {
  return {
    accept: async (records) => ({ accepted: records.length, rejected: [] }),
    append: async () => {},
    describe: async () => undefined,
    ready: async () => ({ ready: true, checks: [{ name: 'store', ok: true, detail: 'answers' }] }),
    counters: {},
  };
}

export async function openApi(options: ApiWorldOptions = {}): Promise<ApiWorld> {
  const { clock = { ms: NOW } } = options;
  const accepted: AcceptCall[] = [];
  const appended: LogEntry[] = [];
  const answers = defaultAnswers();
  let requests = 0;
  const app = createApi({
    store: options.store ?? emptyStore,
    keys: options.keys ?? keysOf([]).ring,
    keyAdministration: options.keyAdministration ?? NO_ADMINISTRATION,
    now: () => clock.ms,
    timers: systemTimers,
    requestId: () => `request-${++requests}`,
    intake: {
      accept(tenant, records, context) {
        const texts = records.map(utf8);
        accepted.push({ tenant, records: texts, context });
        return answers.accept(texts);
      },
    },
    log: {
      async append(entries) {
        await answers.append();
        appended.push(...entries);
      },
    },
    baselines: options.baselines ?? NO_BASELINES,
    ...(options.waiting !== undefined && { waiting: options.waiting }),
    deliveries: options.deliveries ?? { replay: async () => ({ state: 'never_attempted' }) },
    verification: options.verification ?? NO_VERIFICATION,
    agents: { describe: (tenant, agent) => answers.describe(tenant, agent) },
    status: { ready: () => answers.ready(), counters: () => answers.counters },
    logger: options.logger ?? false,
    openDeadLetter(sealed) {
      if (!sealed.startsWith('sealed:')) throw new Error('sealed under another key');
      return Buffer.from(sealed.slice('sealed:'.length), 'base64');
    },
    limits: { ...API_LIMITS, readsPerSecond: 1e6, readBurst: 1e6, ...options.limits },
  });
  options.addRoutes?.(app);
  await app.ready();
  return { app, clock, accepted, appended, answers, close: () => app.close() };
}

/** Keys for a test without a store: a tenant and a scope each. */
export function keysOf(wanted: readonly { tenant: string; scope: Scope }[]) {
  const rows = new Map<string, KeyRow>();
  const keys = wanted.map(({ tenant, scope }, index) => {
    const seeded = (count: number) => createHash('sha256').update(`${index}:${count}`).digest().subarray(0, count);
    const { keyId, key } = mintKey(seeded);
    const sha256 = createHash('sha256').update(key).digest('hex');
    rows.set(keyId, { tenant, keyId, sha256, name: scope, scopes: [scope], expiresMs: 0, revoked: false });
    return key;
  });
  return { keys, ring: createKeyRing({ find: async (keyId) => rows.get(keyId), now: () => NOW }) };
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
