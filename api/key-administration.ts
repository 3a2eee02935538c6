/**
 * Makes, ends and replaces keys of one tenant. Whose keys they are is said by the reader, which comes from the caller's credential.
 *
 * A caller has scope admin, which includes all scopes: no key that it makes can do more than its own.
 */
import type { Store } from '../store/store.ts';
import { createTurns } from '../store/turns.ts';
import { describeKey } from './describe-key.ts';
import { createKey, endKey, type KeyRecord, type KeyStoreDeps } from './key-store.ts';
import type { Scope } from './keys.ts';
import { invalidField, Problem } from './problems.ts';
import { findOwnKey } from './queries/find-own-key.ts';
import { workingKeys } from './queries/working-keys.ts';
import { KEY_NAME_CHARS_MAX, type KeyBody, type MintedKeyBody, type RotatedKeyBody } from './schemas/key.ts';
import type { TenantReader } from './tenant-reader.ts';

export interface KeyWish {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Epoch ms; absent: never. */
  readonly expiresMs?: number;
}

/** All reject with `busy` when too many changes wait; the last two with `not_found` for a key that is not the tenant's. */
export interface KeyAdministration {
  /** Rejects with `invalid_request` and `too_many_keys`. */
  create(tenant: TenantReader, wish: KeyWish): Promise<MintedKeyBody>;
  /** Rejects with `last_admin_key`. A key that has ended already is no error. */
  revoke(tenant: TenantReader, keyId: string): Promise<KeyBody>;
  /** A new key of the same name, scopes and end; the old one works for `graceMs` more. Rejects with `key_ended`, `too_many_keys`. */
  rotate(tenant: TenantReader, keyId: string, graceMs: number): Promise<RotatedKeyBody>;
}

export interface KeyAdministrationDeps extends KeyStoreDeps {
  readonly store: Pick<Store, 'insert'>;
  /** Told of every key that was changed: whoever remembers it has to look again. */
  readonly forget: (keyId: string) => void;
  /** Keys of a tenant that work at a time. Above: `too_many_keys`. Those that have ended do not count: replacing keys must not wear it out. */
  readonly keysMax: number;
}

/** Changes of keys that may wait for one another. Above: `busy`. */
const CHANGES_WAITING_MAX = 32;
/** Times in the store end there. */
const EXPIRES_MS_MAX = Date.UTC(2100, 0, 1);
/** Names stand in tables on terminals and in audit trails. */
const UNFIT_FOR_NAMES = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

function assertWish({ name, expiresMs }: KeyWish, nowMs: number): void {
  if (name.trim() === '' || [...name].length > KEY_NAME_CHARS_MAX)
    throw invalidField('name', `A name has 1 to ${KEY_NAME_CHARS_MAX} characters.`);
  if (UNFIT_FOR_NAMES.test(name))
    throw invalidField('name', 'The name holds control characters, invisible ones or half of a surrogate pair.');
  if (expiresMs === undefined) return;
  if (!(expiresMs > nowMs && expiresMs < EXPIRES_MS_MAX))
    throw invalidField('expires', 'A key expires in the future, and before 2100.');
}

const isWorking = (key: KeyRecord, nowMs: number) => describeKey(key, nowMs).state === 'active';

export function createKeyAdministration(deps: KeyAdministrationDeps): KeyAdministration {
  const { store, now, keysMax, forget } = deps;
  // One change at a time: of the last two admin keys, two callers could each revoke one.
  const turns = createTurns();
  let waiting = 0;

  async function inTurn<T>(change: () => Promise<T>): Promise<T> {
    if (waiting >= CHANGES_WAITING_MAX)
      throw new Problem('busy', 'Too many keys are being changed.', { retryAfterSeconds: 1 });
    waiting += 1;
    try {
      return await turns(change);
    } finally {
      waiting -= 1;
    }
  }

  async function assertRoom(tenant: TenantReader): Promise<void> {
    const { keys } = await workingKeys(tenant, now());
    if (keys >= keysMax)
      throw new Problem('too_many_keys', `This tenant has ${keys} keys that work, and may have ${keysMax}.`);
  }

  async function mint(tenant: TenantReader, wish: KeyWish): Promise<MintedKeyBody> {
    const { key, record } = await createKey(store, deps, { ...wish, tenant: tenant.tenant });
    return { ...describeKey(record, now()), key };
  }

  async function find(tenant: TenantReader, keyId: string): Promise<KeyRecord> {
    const key = await findOwnKey(tenant, keyId);
    if (key === undefined) throw new Problem('not_found', 'There is no such key.', { field: 'id' });
    return key;
  }

  async function end(key: KeyRecord, how: Parameters<typeof endKey>[3]): Promise<KeyBody> {
    try {
      return describeKey(await endKey(store, deps, key, how), now());
    } finally {
      // Also when it failed: the row may have been written.
      forget(key.keyId);
    }
  }

  async function assertNotLastAdmin(tenant: TenantReader, key: KeyRecord): Promise<void> {
    if (!key.scopes.includes('admin') || !isWorking(key, now())) return;
    const { admins } = await workingKeys(tenant, now());
    if (admins <= 1)
      throw new Problem('last_admin_key', 'It is the last key of this tenant with scope admin.', { field: 'id' });
  }

  async function create(tenant: TenantReader, wish: KeyWish): Promise<MintedKeyBody> {
    assertWish(wish, now());
    await assertRoom(tenant);
    return mint(tenant, wish);
  }

  async function revoke(tenant: TenantReader, keyId: string): Promise<KeyBody> {
    const key = await find(tenant, keyId);
    if (key.revoked) return describeKey(key, now());
    await assertNotLastAdmin(tenant, key);
    return end(key, { revoked: true });
  }

  async function rotate(tenant: TenantReader, keyId: string, graceMs: number): Promise<RotatedKeyBody> {
    const old = await find(tenant, keyId);
    const { name, scopes, expiresMs } = old;
    if (!isWorking(old, now())) throw new Problem('key_ended', 'The key has expired or was revoked.', { field: 'id' });
    if (graceMs > 0) await assertRoom(tenant);
    const minted = await mint(tenant, { name, scopes, ...(expiresMs > 0 && { expiresMs }) });
    const graceEndMs = now() + graceMs;
    // A key that ends before its grace does has its own end.
    const endMs = expiresMs > 0 ? Math.min(expiresMs, graceEndMs) : graceEndMs;
    return { ...minted, replaced: await end(old, graceMs > 0 ? { expiresMs: endMs } : { revoked: true }) };
  }

  return {
    create: (tenant, wish) => inTurn(() => create(tenant, wish)),
    revoke: (tenant, keyId) => inTurn(() => revoke(tenant, keyId)),
    rotate: (tenant, keyId, graceMs) => inTurn(() => rotate(tenant, keyId, graceMs)),
  };
}
