/** The half of Picket that faces people and forwarders: HTTP intake and API. */
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Dispatcher } from '../alerts/delivery.ts';
import { createDeliveryStore } from '../alerts/delivery-store.ts';
import { systemTimers } from '../alerts/timers.ts';
import { describeAgent } from '../api/describe-agent.ts';
import { createKeyAdministration } from '../api/key-administration.ts';
import { createKey, findKey } from '../api/key-store.ts';
import { createKeyRing } from '../api/keys.ts';
import { API_LIMITS } from '../api/limits.ts';
import type { Intake, Status } from '../api/ports.ts';
import { createApi } from '../api/server.ts';
import type { AgentState } from '../baselines/agent-state.ts';
import type { AgentKey } from '../baselines/state-cache.ts';
import { createAcceptor } from '../ingest/acceptor.ts';
import { createIntake } from '../ingest/intake.ts';
import type { LogSink } from '../ingest/log.ts';
import { createNormaliser } from '../ingest/normalise.ts';
import { open as openSealed } from '../ingest/sealing.ts';
import type { Store } from '../store/store.ts';
import { createBaselines } from './baseline/baselines.ts';
import type { Config } from './config.ts';
import { countedIntake, withCounted } from './counted-intake.ts';
import { ADMIN_KEY_FILE, readAdminKey, writeSecretFile } from './data-folder.ts';
import type { Foundation } from './foundation.ts';
import { httpIntake } from './http-intake.ts';
import { requestLines } from './logger.ts';
import { settingsOf } from './scoring-settings.ts';
import { DEFAULT_TENANT } from './tenant.ts';
import { createApiVerification } from './verify/api-verification.ts';
import { createLocalVerification } from './verify/verification.ts';

export interface Front {
  readonly api: FastifyInstance;
  readonly intake: Intake;
  /** The admin key and its file; made on the first start. */
  readonly adminKey: string;
  readonly adminKeyFile: string;
  readonly firstStart: boolean;
}

export interface FrontDeps {
  readonly log: LogSink;
  /** The state of an agent, live or as it was stored last. */
  readonly peek: (key: AgentKey) => Promise<AgentState | undefined>;
  readonly status: Status;
  /** Has what is due for playbooks sent; absent in a process that sends nothing. */
  readonly send?: () => Promise<unknown>;
  /** Deliveries that it has in hand; absent as well. */
  readonly waiting?: Dispatcher['waiting'];
}

export async function createFront(
  foundation: Foundation,
  { log, peek, status, send, waiting }: FrontDeps,
): Promise<Front> {
  const { config, store, now, logger, deadLetters, topic, redactionKey, sealKey } = foundation;
  const { baseline } = settingsOf(config);
  const intake = countedIntake(
    httpIntake(
      createAcceptor({
        intake: createIntake({ normalise: createNormaliser({ redactionKey }) }),
        sink: log,
        deadLetters,
        now,
      }),
    ),
  );
  const admin = await adminKeyFor(config, store, now);
  const closing = new AbortController();
  const keys = createKeyRing({ find: (keyId) => findKey(store, keyId), now });
  const api = createApi({
    store,
    keys,
    keyAdministration: createKeyAdministration({
      store,
      now,
      randomBytes,
      forget: (keyId) => keys.forget(keyId),
      keysMax: API_LIMITS.keysMax,
    }),
    now,
    timers: systemTimers,
    requestId: randomUUID,
    intake,
    log,
    agents: {
      async describe(tenant, agent) {
        const state = await peek({ tenant, agent });
        return state === undefined ? undefined : describeAgent(state, now(), baseline);
      },
    },
    deliveries: createDeliveryStore(store),
    ...(waiting !== undefined && { waiting }),
    baselines: createBaselines({ store, config, now, peek }),
    verification: createApiVerification(
      createLocalVerification({ store, config, now, deadLetters, topic, send }),
      closing.signal,
    ),
    status: withCounted(status, intake),
    logger: logger.level === 'silent' ? false : { level: logger.level, stream: requestLines() },
    openDeadLetter: (sealed) => openSealed(sealKey, Buffer.from(sealed, 'base64')),
    limits: API_LIMITS,
  });
  api.addHook('preClose', async () => closing.abort());
  return { api, intake, ...admin };
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
