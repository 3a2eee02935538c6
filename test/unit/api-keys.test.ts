/**
 * Goal: a key is told apart from everything that is not one, a judgement never outlives its cache time, and neither a flood of
 * invented keys nor a slow store can make the ring grow or answer yes.
 */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { allows, createKeyRing, hashKey, type KeyRow, mintKey, parseKey, type Scope } from '../../api/keys.ts';
import { Problem } from '../../api/problems.ts';

const counting = () => {
  let next = 0;
  return (count: number) => Uint8Array.from({ length: count }, () => next++ % 256);
};

function row(keyId: string, key: string, over: Partial<KeyRow> = {}): KeyRow {
  const scopes: Scope[] = ['read'];
  return { tenant: 'acme', keyId, sha256: hashKey(key), name: 'soc', scopes, expiresMs: 0, revoked: false, ...over };
}

function ringOver(rows: Map<string, KeyRow>, options: { cacheMax?: number; lookupsMax?: number } = {}) {
  const clock = { ms: 1_000_000 };
  const asked: string[] = [];
  const find = async (keyId: string) => {
    asked.push(keyId);
    return rows.get(keyId);
  };
  return { clock, asked, ring: createKeyRing({ find, now: () => clock.ms, ...options }) };
}

describe('the key itself', () => {
  it('has an id, 160 random bits and a checksum', () => {
    const { keyId, key } = mintKey(counting());
    expect(keyId).toBe('0001020304050607');
    expect(key).toBe('pk_0001020304050607_08090a0b0c0d0e0f101112131415161718191a1b7a40eda4');
    expect(parseKey(key)).toBe(keyId);
  });

  it('never repeats', () => {
    const keys = new Set(Array.from({ length: 200 }, () => mintKey(randomBytes).key));
    expect(keys.size).toBe(200);
  });

  const good = mintKey(counting()).key;
  it.each([
    ['empty', ''],
    ['one digit changed', good.replace('_08', '_09')],
    ['checksum cut', good.slice(0, -1)],
    ['upper case', good.toUpperCase()],
    ['space around', ` ${good}`],
    ['newline behind', `${good}\n`],
    ['other prefix', good.replace('pk_', 'sk_')],
    ['prototype key', '__proto__'],
  ])('refuses a key that is %s', (_what, key) => {
    expect(parseKey(key)).toBeUndefined();
  });
});

describe('scopes', () => {
  it.each<[Scope[], Scope, boolean]>([
    [['read'], 'read', true],
    [['read'], 'triage', false],
    [['ingest'], 'read', false],
    [['admin'], 'ingest', true],
    [['admin'], 'triage', true],
    [[], 'read', false],
  ])('%j may %s: %s', (scopes, needed, expected) => {
    expect(allows(scopes, needed)).toBe(expected);
  });
});

describe('the key ring', () => {
  const { keyId, key } = mintKey(counting());

  it('tells who a key belongs to', async () => {
    const { ring } = ringOver(new Map([[keyId, row(keyId, key)]]));
    expect(await ring.identify(key)).toEqual({
      ok: true,
      identity: { tenant: 'acme', keyId, name: 'soc', scopes: ['read'] },
    });
  });

  it.each<[string, KeyRow | undefined]>([
    ['unknown', undefined],
    ['mismatch', row(keyId, 'another key')],
    ['mismatch', row(keyId, key, { sha256: 'abcd' })],
    ['revoked', row(keyId, key, { revoked: true })],
    ['expired', row(keyId, key, { expiresMs: 1_000_000 })],
  ])('refuses as %s', async (reason, stored) => {
    const { ring } = ringOver(new Map(stored ? [[keyId, stored]] : []));
    expect(await ring.identify(key)).toEqual({ ok: false, reason });
  });

  it('asks the store for nothing that is not a key', async () => {
    const { ring, asked } = ringOver(new Map());
    expect(await ring.identify('pk_nonsense')).toEqual({ ok: false, reason: 'malformed' });
    expect(asked).toEqual([]);
  });

  it('refuses a revoked key after 5 seconds, and not by asking every time', async () => {
    const rows = new Map([[keyId, row(keyId, key)]]);
    const { ring, clock, asked } = ringOver(rows);
    await ring.identify(key);
    rows.set(keyId, row(keyId, key, { revoked: true }));
    clock.ms += 4999;
    expect((await ring.identify(key)).ok).toBe(true);
    clock.ms += 1;
    expect(await ring.identify(key)).toEqual({ ok: false, reason: 'revoked' });
    expect(asked).toEqual([keyId, keyId]);
  });

  it('refuses a key at once when it is told that its row was changed, also while it is looked up', async () => {
    const rows = new Map([[keyId, row(keyId, key)]]);
    const { ring, asked } = ringOver(rows);
    const before = ring.identify(key);
    rows.set(keyId, row(keyId, key, { revoked: true }));
    ring.forget(keyId);
    expect((await before).ok).toBe(true);
    expect(await ring.identify(key)).toEqual({ ok: false, reason: 'revoked' });
    expect(asked).toEqual([keyId, keyId]);
    ring.forget('never seen');
  });

  it('asks again when the clock was set back', async () => {
    const rows = new Map([[keyId, row(keyId, key)]]);
    const { ring, clock } = ringOver(rows);
    await ring.identify(key);
    rows.set(keyId, row(keyId, key, { revoked: true }));
    clock.ms -= 1;
    expect(await ring.identify(key)).toEqual({ ok: false, reason: 'revoked' });
  });

  it('judges expiry by the clock, not by when the row was read', async () => {
    const { ring, clock } = ringOver(new Map([[keyId, row(keyId, key, { expiresMs: 1_000_001 })]]));
    expect((await ring.identify(key)).ok).toBe(true);
    clock.ms += 1;
    expect(await ring.identify(key)).toEqual({ ok: false, reason: 'expired' });
  });

  it('remembers absent keys too, and forgets the oldest at its limit', async () => {
    const { ring, asked } = ringOver(new Map(), { cacheMax: 2 });
    const mint = counting();
    const keys = [mintKey(mint), mintKey(mint), mintKey(mint)];
    for (const { key: invented } of keys) await ring.identify(invented);
    for (const { key: invented } of keys) await ring.identify(invented);
    const ids = keys.map((minted) => minted.keyId);
    // The third pushed out the first, which on its return pushed out the second, and so on.
    expect(asked).toEqual([...ids, ...ids]);
    await ring.identify(keys[2]?.key ?? '');
    expect(asked).toHaveLength(6);
  });

  it('asks once for a key that many requests bring at the same time', async () => {
    const { ring, asked } = ringOver(new Map([[keyId, row(keyId, key)]]));
    await Promise.all([ring.identify(key), ring.identify(key), ring.identify(key)]);
    expect(asked).toEqual([keyId]);
  });

  it('does not remember a look-up that failed', async () => {
    let fail = true;
    const find = async () => {
      if (fail) throw new Error('down');
      return row(keyId, key);
    };
    const ring = createKeyRing({ find, now: () => 0 });
    await expect(ring.identify(key)).rejects.toThrow('down');
    fail = false;
    expect((await ring.identify(key)).ok).toBe(true);
  });

  it('answers busy when too many keys are being looked up', async () => {
    const never = new Promise<undefined>(() => {});
    const ring = createKeyRing({ find: () => never, now: () => 0, lookupsMax: 1 });
    const mint = counting();
    void ring.identify(mintKey(mint).key);
    await expect(ring.identify(mintKey(mint).key)).rejects.toMatchObject({ name: 'Problem', code: 'busy' });
    expect(new Problem('busy', '').status).toBe(503);
  });
});
