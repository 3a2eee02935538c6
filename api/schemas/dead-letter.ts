/** Refused records. */
import { type Static, Type } from 'typebox';
import { group, Identifier, maybe, Time } from './common.ts';

export const DeadLetterSchema = group(
  {
    id: Identifier,
    received: Time,
    source: Type.String(),
    source_position: Type.String(),
    code: Type.String(),
    field: Type.String({ description: 'Dotted path; empty: the record as a whole' }),
    message: Type.String(),
    raw_bytes: Type.Integer({ minimum: 0, description: 'Length of the record as it came' }),
    raw_sha256: Type.String(),
    raw: maybe(Type.String({ description: 'The first 64 KiB, base64; only with raw=true' })),
    raw_error: maybe(Type.String({ description: 'Why the bytes cannot be shown' })),
  },
  { title: 'DeadLetter' },
);
export type DeadLetterBody = Static<typeof DeadLetterSchema>;
