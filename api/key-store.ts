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

/** What may be shown of a key. */
export interface KeyDetails extends Omit<KeyRow, 'sha256'> {
  readonly createdMs: number;
}

interface StoredKey {
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

const COLUMNS = `tenant, key_id, key_sha256, name, scopes, toUnixTimestamp64Milli(created) AS created_ms,
  toUnixTimestamp64Milli(expires) AS expires_ms, revoked, version`;

const isScope = (value: string): value is Scope => (SCOPES as readonly string[]).includes(value);

function toKeyRow(row: StoredKey): KeyRow {
  return {
    tenant: row.tenant,
    keyId: row.key_id,
    sha256: row.key_sha256,
    name: row.name,
    scopes: row.scopes.filter(isScope),
    expiresMs: Number(row.expires_ms),
    revoked: Number(row.revoked) !== 0,
  };
}

/** Makes and stores a key. `key` is the only copy of the secret: it cannot be shown again. */
export async function createKey(
  store: Store,
  deps: KeyStoreDeps,
  request: KeyRequest,
): Promise<{ keyId: string; key: string }> {
  if (request.tenant === '' || request.scopes.length === 0)
    throw new TypeError('A key needs a tenant and at least one scope.');
  const { keyId, key } = mintKey(deps.randomBytes);
  const created = deps.now();
  const row = {
    tenant: request.tenant,
    key_id: keyId,
    key_sha256: hashKey(key),
    name: request.name,
    scopes: [...new Set(request.scopes)],
    created,
    expires: request.expiresMs ?? 0,
    revoked: 0,
    version: created,
  };
  await store.insert('api_keys', [row]);
  return { keyId, key };
}

/** The stored row, revoked and expired ones included. Undefined if there is none. */
export async function findKey(store: Store, keyId: string): Promise<KeyRow | undefined> {
  const sql = `SELECT ${COLUMNS} FROM api_keys FINAL WHERE key_id = {key_id:String} LIMIT 1`;
  const [row] = await store.query<StoredKey>(sql, { key_id: keyId });
  return row && toKeyRow(row);
}

export async function listKeys(store: Store, tenant: string): Promise<KeyDetails[]> {
  const sql = `SELECT ${COLUMNS} FROM api_keys FINAL WHERE tenant = {tenant:String} ORDER BY created, key_id LIMIT 10000`;
  const rows = await store.query<StoredKey>(sql, { tenant });
  return rows.map((row) => {
    const { sha256: _, ...shown } = toKeyRow(row);
    return { ...shown, createdMs: Number(row.created_ms) };
  });
}

/** Takes effect within the cache time of every key ring. False if the tenant has no such key. */
export async function revokeKey(
  store: Store,
  deps: Pick<KeyStoreDeps, 'now'>,
  tenant: string,
  keyId: string,
): Promise<boolean> {
  const sql = `SELECT ${COLUMNS} FROM api_keys FINAL WHERE tenant = {tenant:String} AND key_id = {key_id:String} LIMIT 1`;
  const [row] = await store.query<StoredKey>(sql, { tenant, key_id: keyId });
  if (!row) return false;
  const { created_ms, expires_ms, version, ...kept } = row;
  // A newer version wins even if this machine's clock is behind the one that made the key.
  const next = Math.max(deps.now(), Number(version) + 1);
  const revoked = { ...kept, created: Number(created_ms), expires: Number(expires_ms), revoked: 1, version: next };
  await store.insert('api_keys', [revoked]);
  return true;
}
