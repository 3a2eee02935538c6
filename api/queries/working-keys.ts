/** How many keys of the tenant work at an instant. */
import type { TenantReader } from '../tenant-reader.ts';

export interface WorkingKeys {
  readonly keys: number;
  /** Those of them with scope admin. */
  readonly admins: number;
}

export async function workingKeys(tenant: TenantReader, nowMs: number): Promise<WorkingKeys> {
  const sql = `SELECT count() AS keys, countIf(has(scopes, 'admin')) AS admins
FROM api_keys FINAL
WHERE tenant = {tenant:String} AND revoked = 0
  AND (toUnixTimestamp64Milli(expires) = 0 OR toUnixTimestamp64Milli(expires) > {now:Int64})`;
  const [row] = await tenant.query<{ keys: number | string; admins: number | string }>(sql, { now: nowMs });
  return { keys: Number(row?.keys ?? 0), admins: Number(row?.admins ?? 0) };
}
