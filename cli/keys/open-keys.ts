/** Opens what changes keys: the server that holds the store, or the store itself. Both by the same rules. */
import { randomBytes } from 'node:crypto';
import { ApiProblem, createApiClient, fetchTransport } from '../../api/client.ts';
import { createKeyAdministration } from '../../api/key-administration.ts';
import { API_LIMITS } from '../../api/limits.ts';
import { PROBLEMS, Problem } from '../../api/problems.ts';
import { listKeys } from '../../api/queries/list-keys.ts';
import type { KeyBody, KeyRequestBody, MintedKeyBody, RotatedKeyBody } from '../../api/schemas/key.ts';
import { createTenantReaders } from '../../api/tenant-reader.ts';
import { parseTime } from '../../api/time.ts';
import type { Config } from '../config.ts';
import { type CommandContext, CommandFailure, EXIT } from '../context.ts';
import { apiKeyOf, runningServer } from '../data-folder.ts';
import { openStore } from '../storage.ts';
import { DEFAULT_TENANT } from '../tenant.ts';

/** All reject with ApiProblem, whoever answers. */
export interface OpenKeys {
  /** Whose keys, for people: a tenant, or a server, which knows it by the key. */
  readonly whose: string;
  list(page: { limit: number; cursor?: string }): Promise<{ items: KeyBody[]; next_cursor?: string }>;
  create(wish: KeyRequestBody): Promise<MintedKeyBody>;
  revoke(id: string): Promise<KeyBody>;
  rotate(id: string, graceSeconds: number): Promise<RotatedKeyBody>;
  close(): Promise<void>;
}

export interface OpenKeysOptions {
  readonly url?: string;
  readonly key?: string;
  readonly tenant?: string;
}

export async function openKeys(context: CommandContext, config: Config, options: OpenKeysOptions): Promise<OpenKeys> {
  const { url, key, tenant = DEFAULT_TENANT } = options;
  const running = url === undefined ? runningServer(config.dataDir)?.url : url;
  if (running === undefined && key !== undefined)
    throw new CommandFailure(`--key is for a server, and none runs on ${config.dataDir}: pass --url.`, EXIT.usage);
  // A ClickHouse server belongs to nobody: it is asked directly, unless a server of Picket was named or a key for one.
  const direct = config.clickhouse !== undefined && url === undefined && key === undefined;
  return running === undefined || direct ? onStore(config, tenant) : overApi(running, context, config, options);
}

function overApi(url: string, { env }: CommandContext, config: Config, { key, tenant }: OpenKeysOptions): OpenKeys {
  if (tenant !== undefined)
    throw new CommandFailure(
      `${url} knows the tenant by the key: leave out --tenant, and pass --key with one of ${tenant} that has scope admin.`,
      EXIT.usage,
    );
  const credential = apiKeyOf(key, env, config.dataDir);
  if (credential === undefined)
    throw new CommandFailure(
      `No API key for ${url}: pass --key, or set PICKET_API_KEY, to one with scope admin.`,
      EXIT.usage,
    );
  const client = createApiClient(fetchTransport({ url, key: credential, fetch }));
  return {
    whose: `the tenant that ${url} knows by the key`,
    list: (page) => client.listKeys(page),
    create: (wish) => client.createKey(wish),
    revoke: (id) => client.revokeKey(id),
    rotate: (id, graceSeconds) => client.rotateKey(id, { grace_seconds: graceSeconds }),
    close: async () => {},
  };
}

async function onStore(config: Config, tenant: string): Promise<OpenKeys> {
  const store = await openStore(config, Date.now);
  const reader = createTenantReaders(store, 1)(tenant);
  const { keysMax } = API_LIMITS;
  const administration = createKeyAdministration({ store, now: Date.now, randomBytes, keysMax, forget: () => {} });
  return {
    whose: `tenant ${tenant}`,
    list: ({ limit, cursor }) => listKeys(reader, limit, cursor, Date.now()),
    create: ({ name, scopes, expires }) =>
      asAnswered(async () => {
        const expiry = expires === undefined ? {} : { expiresMs: parseTime(expires, 'expires') };
        return administration.create(reader, { name, scopes, ...expiry });
      }),
    revoke: (id) => asAnswered(() => administration.revoke(reader, id)),
    rotate: (id, graceSeconds) => asAnswered(() => administration.rotate(reader, id, graceSeconds * 1000)),
    close: () => store.close(),
  };
}

/** What the API would have answered. */
async function asAnswered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const { status, code, message: detail, facts } = error;
    const field = facts.field === undefined ? {} : { field: facts.field };
    throw new ApiProblem(status, { code, detail, action: PROBLEMS[code].action, ...field });
  }
}
