/** The keys of a tenant, newest first, with those that have ended. */
import { createCursor, type Page, toPage } from '../cursor.ts';
import { describeKey } from '../describe-key.ts';
import { KEY_COLUMNS, type StoredKey, toKeyRecord } from '../key-store.ts';
import type { KeyBody } from '../schemas/key.ts';
import type { TenantReader } from '../tenant-reader.ts';

const AFTER = 'AND (created, key_id) < (fromUnixTimestamp64Milli({after_ms:Int64}), {after_id:String})';
const cursors = createCursor('keys', ['integer', 'text']);

export async function listKeys(
  tenant: TenantReader,
  limit: number,
  cursor: string | undefined,
  nowMs: number,
): Promise<Page<KeyBody>> {
  const after = cursor === undefined ? undefined : cursors.decode(cursor);
  const sql = `SELECT ${KEY_COLUMNS}
FROM api_keys FINAL
WHERE tenant = {tenant:String} ${after ? AFTER : ''}
ORDER BY created DESC, key_id DESC
LIMIT {rows:UInt32}`;
  const rows = await tenant.query<StoredKey>(sql, {
    rows: limit + 1,
    ...(after && { after_ms: after[0], after_id: after[1] }),
  });
  return toPage(
    rows,
    limit,
    (row) => describeKey(toKeyRecord(row), nowMs),
    (row) => cursors.encode([Number(row.created_ms), row.key_id]),
  );
}
