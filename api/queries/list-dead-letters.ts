/** Refused records, newest first. Expired ones are hidden even before the engine has removed them. */
import { LETTER_OF_THE_LOG } from '../../ingest/log-ends.ts';
import { createCursor, type Page, toPage } from '../cursor.ts';
import type { DeadLetterBody } from '../schemas/dead-letter.ts';
import type { TenantReader } from '../tenant-reader.ts';
import { formatTime } from '../time.ts';
import { conditions } from './conditions.ts';

export interface DeadLetterFilter {
  readonly code?: string | undefined;
  readonly since?: number | undefined;
}

const FILTERS = {
  code: 'code = {code:String}',
  since: 'received >= fromUnixTimestamp64Milli({since:Int64})',
} as const;

const AFTER = 'AND (received, id) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String})';
const cursors = createCursor('dead-letters', ['integer', 'text']);

interface DeadLetterRow {
  id: string;
  received_ms: number | string;
  source: string;
  source_position: string;
  code: string;
  field: string;
  message: string;
  raw_bytes: number | string;
  raw_sha256: string;
  raw?: string;
}

function openRaw(
  sealed: string,
  open: (sealedBase64: string) => Uint8Array,
): Pick<DeadLetterBody, 'raw' | 'raw_error'> {
  try {
    return { raw: Buffer.from(open(sealed)).toString('base64') };
  } catch {
    // One record sealed under a key that is gone must not hide the rest of the page.
    return { raw_error: 'The bytes cannot be opened with the key of this installation.' };
  }
}

function toDeadLetter(row: DeadLetterRow, open: (sealedBase64: string) => Uint8Array): DeadLetterBody {
  return {
    id: row.id,
    received: formatTime(row.received_ms),
    source: row.source,
    source_position: row.source_position,
    code: row.code,
    field: row.field,
    message: row.message,
    raw_bytes: Number(row.raw_bytes),
    raw_sha256: row.raw_sha256,
    ...(row.raw !== undefined && openRaw(row.raw, open)),
  };
}

export interface DeadLetterView {
  readonly nowMs: number;
  /** Undefined: the bytes are not even read. */
  readonly openRaw: ((sealedBase64: string) => Uint8Array) | undefined;
}

export async function listDeadLetters(
  tenant: TenantReader,
  filter: DeadLetterFilter,
  limit: number,
  cursor: string | undefined,
  view: DeadLetterView,
): Promise<Page<DeadLetterBody>> {
  const where = conditions(FILTERS, filter);
  const after = cursor === undefined ? undefined : cursors.decode(cursor);
  const sql = `SELECT id, toUnixTimestamp64Milli(received) AS received_ms, source, source_position, code, field, message,
  raw_bytes, raw_sha256${view.openRaw ? ', raw' : ''}
FROM dead_letters FINAL
WHERE tenant = {tenant:String} AND expires > fromUnixTimestamp({now:UInt32}) AND ${LETTER_OF_THE_LOG}
  ${where.sql}
  ${after ? AFTER : ''}
ORDER BY received DESC, id DESC
LIMIT {rows:UInt32}`;
  const keys = after && { after_ms: after[0], after_id: after[1] };
  const params = { ...where.params, rows: limit + 1, now: Math.trunc(view.nowMs / 1000), ...keys };
  const rows = await tenant.query<DeadLetterRow>(sql, params);
  const open = view.openRaw ?? (() => new Uint8Array());
  return toPage(
    rows,
    limit,
    (row) => toDeadLetter(row, open),
    (row) => cursors.encode([Number(row.received_ms), row.id]),
  );
}
