/** One key of the tenant as it is stored, also one that has ended. */
import { KEY_COLUMNS, type KeyRecord, type StoredKey, toKeyRecord } from '../key-store.ts';
import type { TenantReader } from '../tenant-reader.ts';

export async function findOwnKey(tenant: TenantReader, keyId: string): Promise<KeyRecord | undefined> {
  const sql = `SELECT ${KEY_COLUMNS} FROM api_keys FINAL WHERE tenant = {tenant:String} AND key_id = {key_id:String} LIMIT 1`;
  const [row] = await tenant.query<StoredKey>(sql, { key_id: keyId });
  return row && toKeyRecord(row);
}
