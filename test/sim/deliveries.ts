/** Where deliveries stand in the store. */
import type { Tables } from './tables.ts';

/** What the store writes into the row that begins a new round, before who wanted it. */
export const REPLAY = 'replay requested';

/** Since when a playbook has been enabled, by the latest who said so: epoch ms by name. */
export function enabledSince(tables: Tables): Map<string, number> {
  const since = new Map<string, number>();
  for (const { tenant, playbook, time } of tables.all('deliveries')) {
    const name = String(playbook);
    if (tenant === '') since.set(name, Math.max(since.get(name) ?? 0, Number(time)));
  }
  return since;
}
