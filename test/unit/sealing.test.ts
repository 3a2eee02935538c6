/** Goal: sealed bytes open with their key only and unchanged only. */
import { expect, it } from 'vitest';
import { deriveKey, open, SealBroken, seal } from '../../ingest/sealing.ts';

const master = new Uint8Array(32).fill(1);
const key = deriveKey(master, 'dead-letters');

it.each([0, 1, 65_536])('opens what it sealed: %i bytes', (size) => {
  const bytes = Buffer.alloc(size, 0xa5);
  expect(open(key, seal(key, bytes))).toEqual(bytes);
});

it('seals the same bytes differently each time', () => {
  expect(seal(key, Buffer.from('x'))).not.toEqual(seal(key, Buffer.from('x')));
});

it('refuses every changed byte, a cut text and another key', () => {
  const sealed = seal(key, Buffer.from('raw record'));
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => open(key, changed)).toThrow(SealBroken);
  }
  expect(() => open(key, sealed.subarray(0, 20))).toThrow(SealBroken);
  expect(() => open(key, sealed.subarray(0, -1))).toThrow(SealBroken);
  expect(() => open(deriveKey(master, 'webhooks'), sealed)).toThrow(SealBroken);
});

it('derives one stable key per purpose and master', () => {
  expect(deriveKey(master, 'dead-letters')).toEqual(key);
  expect(deriveKey(master, 'redaction')).not.toEqual(key);
  expect(deriveKey(new Uint8Array(32).fill(2), 'dead-letters')).not.toEqual(key);
  expect(Buffer.from(key).toString('hex')).toMatchInlineSnapshot(
    `"8422973309585ed5ddf27834ba34926df4141d2c041c4173d2d0719723ae5d5c"`,
  );
});

it('refuses a short master key', () => expect(() => deriveKey(new Uint8Array(15), 'redaction')).toThrow(RangeError));
