/** The table of API keys. The only place where a key is read without a tenant: the tenant is what the key tells. */
import type { Store } from '../store/store.ts';
import { hashKey, type KeyRow, mintKey, SCOPES, type Scope } from './keys.ts';

export interface KeyStoreDeps {
  readonly now: () => number;
  /** Must be cryptographically secure. */
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface KeyRequest {
  readonly tenant: string;
  /** For people: stands in audit trails beside the id. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch ms; absent: never. */
  readonly expiresMs?: number;
}

/** All that is stored of a key. A change is a row with a higher version. */
export interface KeyRecord extends KeyRow {
  readonly createdMs: number;
  readonly version: number;
}

export interface StoredKey {
  tenant: string;
  key_id: string;
  key_sha256: string;
  name: string;
  scopes: string[];
  created_ms: number | string;
  expires_ms: number | string;
  revoked: number | string;
  version: number | string;
}

export const KEY_COLUMNS = `tenant, key_id, key_sha256, name, scopes, toUnixTimestamp64Milli(created) AS created_ms,
  toUnixTimestamp64Milli(expires) AS expires_ms, revoked, version`;

const isScope = (value: string): value is Scope => (SCOPES as readonly string[]).includes(value);

export function toKeyRecord(row: StoredKey): KeyRecord {
  return {
    tenant: row.tenant,
    keyId: row.key_id,
    sha256: row.key_sha256,
    name: row.name,
    scopes: row.scopes.filter(isScope),
    expiresMs: Number(row.expires_ms),
    revoked: Number(row.revoked) !== 0,
    createdMs: Number(row.created_ms),
    version: Number(row.version),
  };
}

async function write(store: Pick<Store, 'insert'>, key: KeyRecord): Promise<void> {
  const row = {
    tenant: key.tenant,
    key_id: key.keyId,
    key_sha256: key.sha256,
    name: key.name,
    scopes: key.scopes,
    created: key.createdMs,
    expires: key.expiresMs,
    revoked: Number(key.revoked),
    version: key.version,
  };
  await store.insert('api_keys', [row]);
}

/** Makes and stores a key. `key` is the only copy of the secret: it cannot be shown again. */
export async function createKey(
  store: Pick<Store, 'insert'>,
  deps: KeyStoreDeps,
  request: KeyRequest,
): Promise<{ keyId: string; key: string; record: KeyRecord }> {
  if (request.tenant === '' || request.scopes.length === 0)
    throw new TypeError('A key needs a tenant and at least one scope.');
  const { keyId, key } = mintKey(deps.randomBytes);
  const created = deps.now();
  const record = {
    tenant: request.tenant,
    keyId,
    sha256: hashKey(key),
    name: request.name,
    scopes: [...new Set(request.scopes)],
    createdMs: created,
    expiresMs: request.expiresMs ?? 0,
    revoked: false,
    version: created,
  };
  await write(store, record);
  return { keyId, key, record };
}

/** The stored row, revoked and expired ones included. Undefined if there is none. */
export async function findKey(store: Pick<Store, 'query'>, keyId: string): Promise<KeyRow | undefined> {
  const sql = `SELECT ${KEY_COLUMNS} FROM api_keys FINAL WHERE key_id = {key_id:String} LIMIT 1`;
  const [row] = await store.query<StoredKey>(sql, { key_id: keyId });
  return row && toKeyRecord(row);
}

/** Revokes a key, or has it expire. Takes effect within the cache time of every key ring that is not told. */
export async function endKey(
  store: Pick<Store, 'insert'>,
  deps: Pick<KeyStoreDeps, 'now'>,
  key: KeyRecord,
  end: { readonly revoked: true } | { readonly expiresMs: number },
): Promise<KeyRecord> {
  // A newer version wins even if this machine's clock is behind the one that made the key.
  const ended = { ...key, ...end, version: Math.max(deps.now(), key.version + 1) };
  await write(store, ended);
  return ended;
}
