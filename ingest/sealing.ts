/**
 * Authenticated encryption of what must be kept but not read by everyone, and the keys for it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

export type KeyPurpose = 'redaction' | 'dead-letters' | 'webhooks';

const KEY_BYTES = 32;
const MASTER_BYTES_MIN = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** First byte of everything sealed; another number will mean another layout. */
const FORMAT = 1;

/**
 * A 32-byte key for one purpose, by HKDF-SHA256 (RFC 5869): whoever learns it learns neither the master key nor another purpose's.
 * Throws RangeError when the master key is shorter than 16 bytes.
 */
export function deriveKey(master: Uint8Array, purpose: KeyPurpose): Uint8Array {
  if (master.byteLength < MASTER_BYTES_MIN) {
    throw new RangeError(`The master key has ${master.byteLength} bytes; it needs at least ${MASTER_BYTES_MIN}.`);
  }
  return new Uint8Array(hkdfSync('sha256', master, '', `picket/1/${purpose}`, KEY_BYTES));
}

/**
 * AES-256-GCM: format, nonce, tag, ciphertext. `key` has 32 bytes. Nonces are random, so one key should not seal more than 2^32
 * times (NIST SP 800-38D, section 8.3).
 */
export function seal(key: Uint8Array, bytes: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), body]);
}

/** The bytes that were sealed. Throws `SealBroken` for another key, another format, or a changed byte. */
export function open(key: Uint8Array, sealed: Uint8Array): Buffer {
  const body = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed[0] !== FORMAT || sealed.byteLength < body) throw new SealBroken('The sealed text has an unknown format.');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, body));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(body)), decipher.final()]);
  } catch (cause) {
    throw new SealBroken('The sealed text was changed, or sealed with another key.', { cause });
  }
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  readonly code = 'seal_broken';
}
