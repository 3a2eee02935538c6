/** How many alerts that are not closed each of these agents has. Agents without any are absent. */
import type { TenantReader } from '../tenant-reader.ts';

const SQL = `SELECT agent, count() AS open
FROM alerts
WHERE tenant = {tenant:String} AND state != 'closed' AND agent IN {agents:Array(String)}
GROUP BY agent`;

export async function openAlertCounts(tenant: TenantReader, agents: readonly string[]): Promise<Map<string, number>> {
  if (agents.length === 0) return new Map();
  const rows = await tenant.query<{ agent: string; open: number | string }>(SQL, { agents });
  return new Map(rows.map(({ agent, open }) => [agent, Number(open)]));
}
