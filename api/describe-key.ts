/** A stored key as it is shown: without its hash. */
import type { KeyRecord } from './key-store.ts';
import type { KeyBody } from './schemas/key.ts';
import { formatTime } from './time.ts';

export type ShownKey = Omit<KeyRecord, 'tenant' | 'sha256' | 'version'>;

function stateOf({ revoked, expiresMs }: ShownKey, nowMs: number): KeyBody['state'] {
  if (revoked) return 'revoked';
  return expiresMs > 0 && expiresMs <= nowMs ? 'expired' : 'active';
}

export function describeKey(key: ShownKey, nowMs: number): KeyBody {
  return {
    id: key.keyId,
    name: key.name,
    scopes: [...key.scopes],
    created: formatTime(key.createdMs),
    ...(key.expiresMs > 0 && { expires: formatTime(key.expiresMs) }),
    state: stateOf(key, nowMs),
  };
}
