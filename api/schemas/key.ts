/** API keys as their administrators see them: never the secret, but for once. */
import { type Static, Type } from 'typebox';
import { SCOPES } from '../keys.ts';
import { group, Identifier, maybe, oneOf, Time } from './common.ts';

export const KEY_NAME_CHARS_MAX = 128;
export const KEY_GRACE_SECONDS_MAX = 7 * 86_400;

const Scopes = Type.Array(oneOf(SCOPES, '`admin` includes all others'), {
  minItems: 1,
  maxItems: SCOPES.length,
  uniqueItems: true,
});

const shown = {
  id: Identifier,
  name: Type.String({ description: 'What it is for' }),
  scopes: Scopes,
  created: Time,
  expires: maybe(Type.String({ format: 'date-time', description: 'Absent: never' })),
  state: oneOf(['active', 'expired', 'revoked'], 'Only active keys work'),
};

export const KeySchema = group(shown, { title: 'Key' });
export type KeyBody = Static<typeof KeySchema>;

const minted = { ...shown, key: Type.String({ description: 'The key itself. Shown this once: it is not stored' }) };

export const MintedKeySchema = group(minted, { title: 'MintedKey' });
export type MintedKeyBody = Static<typeof MintedKeySchema>;

export const RotatedKeySchema = group({ ...minted, replaced: KeySchema }, { title: 'RotatedKey' });
export type RotatedKeyBody = Static<typeof RotatedKeySchema>;

export const KeyRequestSchema = group({
  name: Type.String({ minLength: 1, maxLength: KEY_NAME_CHARS_MAX, description: 'What it is for' }),
  scopes: Scopes,
  expires: maybe(Type.String({ minLength: 1, maxLength: 40, description: 'RFC 3339 with an offset; absent: never' })),
});
export type KeyRequestBody = Static<typeof KeyRequestSchema>;

export const KeyRotationSchema = group({
  grace_seconds: maybe(
    Type.Integer({
      minimum: 0,
      maximum: KEY_GRACE_SECONDS_MAX,
      description: 'How long the old key works beside the new one; 0 if absent',
    }),
  ),
});
