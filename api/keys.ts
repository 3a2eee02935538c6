/**
 * API keys: `pk_<key id>_<secret><checksum>`. The id finds the row, the secret is 160 random bits, the checksum tells typing
 * errors and foreign tokens apart before anything is looked up. Only SHA-256 of the whole key is stored: with 160 bits of
 * entropy a slow password hash would add nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Problem } from './problems.ts';

export const SCOPES = ['ingest', 'read', 'triage', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const KEY_PATTERN = /^(pk_([0-9a-f]{16})_[0-9a-f]{40})([0-9a-f]{8})$/;
const KEY_ID_BYTES = 8;
const SECRET_BYTES = 20;

/** A key as stored. `expiresMs` 0: never. */
export interface KeyRow {
  readonly tenant: string;
  readonly keyId: string;
  readonly sha256: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly expiresMs: number;
  readonly revoked: boolean;
}

/** Who is asking. The tenant of everything a request touches comes from here and from nowhere else. */
export interface Identity {
  readonly tenant: string;
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export type KeyRefusal = 'malformed' | 'unknown' | 'mismatch' | 'revoked' | 'expired';
export type KeyJudgement =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: KeyRefusal };

const checksum = (body: string) => crc32(body).toString(16).padStart(8, '0');

export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** `randomBytes` must be cryptographically secure. */
export function mintKey(randomBytes: (count: number) => Uint8Array): { keyId: string; key: string } {
  const hex = (count: number) => Buffer.from(randomBytes(count)).toString('hex');
  const keyId = hex(KEY_ID_BYTES);
  const body = `pk_${keyId}_${hex(SECRET_BYTES)}`;
  return { keyId, key: body + checksum(body) };
}

/** The key id, or undefined if the text is not a key with a right checksum. */
export function parseKey(key: string): string | undefined {
  const [, body, keyId, sum] = KEY_PATTERN.exec(key) ?? [];
  return body !== undefined && checksum(body) === sum ? keyId : undefined;
}

/** `admin` implies every scope. */
export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.includes(needed) || scopes.includes('admin');
}

function judge(key: string, row: KeyRow | undefined, nowMs: number): KeyJudgement {
  if (!row) return { ok: false, reason: 'unknown' };
  const given = createHash('sha256').update(key).digest();
  const stored = Buffer.from(row.sha256, 'hex');
  if (stored.length !== given.length || !timingSafeEqual(stored, given)) return { ok: false, reason: 'mismatch' };
  if (row.revoked) return { ok: false, reason: 'revoked' };
  if (row.expiresMs > 0 && row.expiresMs <= nowMs) return { ok: false, reason: 'expired' };
  const { tenant, keyId, name, scopes } = row;
  return { ok: true, identity: { tenant, keyId, name, scopes } };
}

export interface KeyRing {
  /** Rejects with `StoreUnavailable` when a key cannot be looked up: no answer is not a yes. */
  identify(key: string): Promise<KeyJudgement>;
  /** The row of this key was changed: the next request that brings it is judged by what is stored then. */
  forget(keyId: string): void;
}

export interface KeyRingOptions {
  readonly find: (keyId: string) => Promise<KeyRow | undefined>;
  readonly now: () => number;
  /** A key that another process revoked works for at most this long. */
  readonly cacheTtlMs?: number;
  /** Rows remembered, absent ones included. Above: the one looked up first is forgotten. */
  readonly cacheMax?: number;
  /** Look-ups at once. Above: the problem `busy`, so that invented key ids cannot flood the store. */
  readonly lookupsMax?: number;
}

export function createKeyRing({
  find,
  now,
  cacheTtlMs = 5000,
  cacheMax = 10_000,
  lookupsMax = 16,
}: KeyRingOptions): KeyRing {
  const cache = new Map<string, { readonly askedMs: number; readonly row: Promise<KeyRow | undefined> }>();
  let lookups = 0;

  async function lookUp(keyId: string): Promise<KeyRow | undefined> {
    lookups += 1;
    try {
      return await find(keyId);
    } finally {
      lookups -= 1;
    }
  }

  function load(keyId: string): Promise<KeyRow | undefined> {
    if (lookups >= lookupsMax) throw new Problem('busy', 'Too many keys are being checked.', { retryAfterSeconds: 1 });
    const oldest = cache.keys().next();
    if (cache.size >= cacheMax && !oldest.done) cache.delete(oldest.value);
    // Dated at the question, not at the answer: a revocation written in between must not live longer than the TTL.
    const entry = { askedMs: now(), row: lookUp(keyId) };
    cache.delete(keyId);
    cache.set(keyId, entry);
    entry.row.catch(() => {
      if (cache.get(keyId) === entry) cache.delete(keyId);
    });
    return entry.row;
  }

  return {
    async identify(key) {
      const keyId = parseKey(key);
      if (keyId === undefined) return { ok: false, reason: 'malformed' };
      const cached = cache.get(keyId);
      const ageMs = now() - (cached?.askedMs ?? 0);
      // A clock that was set back must not keep a revoked key alive until it has caught up.
      const fresh = cached !== undefined && ageMs >= 0 && ageMs < cacheTtlMs;
      return judge(key, await (fresh ? cached.row : load(keyId)), now());
    },
    forget: (keyId) => void cache.delete(keyId),
  };
}
