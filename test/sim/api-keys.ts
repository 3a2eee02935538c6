/** Keys of those who send to a single machine, and of those who may not. */
import { createHash } from 'node:crypto';
import { hashKey, mintKey, type Scope } from '../../api/keys.ts';
import { TENANT } from './lives.ts';
import type { Tables } from './tables.ts';

/** Always the same bytes for a name: the simulation knows no other chance than its seed's. */
const minted = (name: string) =>
  mintKey((count) => createHash('sha512').update(`${name} ${count}`).digest().subarray(0, count));

interface SimKey {
  readonly keyId: string;
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly revoked?: boolean;
  readonly expired?: boolean;
}

export const KEYS = {
  forwarder: { ...minted('forwarder'), scopes: ['ingest'] },
  analyst: { ...minted('analyst'), scopes: ['triage'] },
  reader: { ...minted('reader'), scopes: ['read'] },
  revoked: { ...minted('revoked'), scopes: ['admin'], revoked: true },
  expired: { ...minted('expired'), scopes: ['admin'], expired: true },
} as const satisfies Record<string, SimKey>;

/** Nobody has made it. */
export const INVENTED_KEY = minted('invented').key;

/** Of a forwarder, but for the secret. */
export const FORGED_KEY = ((): string => {
  const bytes = [Buffer.from(KEYS.forwarder.keyId, 'hex'), Buffer.alloc(20, 7)];
  return mintKey(() => bytes.shift() ?? Buffer.alloc(0)).key;
})();

export function storeKeys(tables: Tables, nowMs: number): void {
  const rows = Object.entries<SimKey>(KEYS).map(([name, { keyId, key, scopes, revoked = false, expired = false }]) => ({
    tenant: TENANT,
    key_id: keyId,
    key_sha256: hashKey(key),
    name,
    scopes,
    created: nowMs,
    // However far a clock is put back.
    expires: expired ? 1 : 0,
    revoked: Number(revoked),
    version: nowMs,
  }));
  tables.insert('api_keys', rows);
}
