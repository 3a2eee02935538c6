import type { AlertState, Disposition } from '../ingest/log.ts';
import type { Store } from '../store/store.ts';

/** What analysts have decided about the alerts of one agent, as of now. */
export interface Decisions {
  readonly confirmed: ReadonlySet<string>;
  /** False alarms and benign changes. */
  readonly dismissed: ReadonlySet<string>;
}

interface Row {
  readonly id: string;
  readonly state: AlertState;
  readonly disposition: Disposition | '';
}

export async function decisionsOn(store: Pick<Store, 'query'>, tenant: string, agent: string): Promise<Decisions> {
  const rows = await store.query<Row>(CLOSED, { tenant, agent });
  const of = (attack: boolean) =>
    new Set(rows.filter(({ disposition }) => (disposition === 'true_positive') === attack).map(({ id }) => id));
  return { confirmed: of(true), dismissed: of(false) };
}

const CLOSED = `
  SELECT alert_id AS id, state, disposition FROM alerts
  WHERE tenant = {tenant:String} AND agent = {agent:String} AND state = 'closed'`;
