import type { Closing, DeliveryRow, DeliveryStore } from '../../alerts/delivery-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';

export interface MemoryDeliveries extends DeliveryStore {
  readonly rows: DeliveryRow[];
  /** What `alert_hits` holds: alerts that were opened. */
  readonly alerts: AlertNotice[];
  /** Alerts that somebody closed. */
  readonly closed: Closing[];
  /** While true every call rejects. */
  away: boolean;
}

const REPLAY = 'replay requested';

/** The delivery store without an engine; `test/integration/delivery-store.test.ts` holds the real one to the same behaviour. */
export function memoryDeliveries(alerts: readonly AlertNotice[] = []): MemoryDeliveries {
  const activations = new Map<string, { condition: string; sinceMs: number }>();
  const guard = () => {
    if (store.away) throw new Error('store away');
  };
  const rowsOf = (key: { tenant: string; alertId: string }, playbook: string) =>
    store.rows.filter((row) => row.tenant === key.tenant && row.alertId === key.alertId && row.playbook === playbook);
  const stateOf = (alert: AlertNotice, playbook: string) => {
    const rows = rowsOf(alert, playbook);
    const last = rows.reduce((a, b) => (b.attempt > a.attempt ? b : a));
    const roundStart = Math.max(
      0,
      ...rows.filter(({ error }) => error.startsWith(REPLAY)).map(({ attempt }) => attempt),
    );
    const { attempt, outcome, nextAttemptMs } = last;
    return { playbook, attempt, tries: attempt - roundStart, outcome, nextAttemptMs };
  };
  const store: MemoryDeliveries = {
    rows: [],
    alerts: [...alerts],
    closed: [],
    away: false,
    async record(row) {
      guard();
      store.rows.push(row);
    },
    async pending({ sinceMs, after, limit }) {
      guard();
      const sorted = store.alerts
        .filter(({ receivedMs }) => receivedMs >= sinceMs)
        .sort((a, b) => (order(a) < order(b) ? -1 : 1))
        .filter((alert) => after === undefined || order(alert) > order(after));
      return sorted.slice(0, limit).map((notice) => {
        const names = new Set(
          store.rows
            .filter((row) => row.tenant === notice.tenant && row.alertId === notice.alertId)
            .map((row) => row.playbook),
        );
        return { notice, states: [...names].map((name) => stateOf(notice, name)) };
      });
    },
    async closings(wanted) {
      guard();
      return store.closed.filter(({ alertId }) => wanted.includes(alertId));
    },
    async activate(wanted, nowMs) {
      guard();
      const names = new Set(wanted.map(({ playbook }) => playbook));
      for (const name of activations.keys()) if (!names.has(name)) activations.delete(name);
      for (const { playbook, condition } of wanted) {
        if (activations.get(playbook)?.condition !== condition)
          activations.set(playbook, { condition, sinceMs: nowMs });
      }
      return new Map([...activations].map(([name, { sinceMs }]) => [name, sinceMs]));
    },
    async replay({ tenant, alertId, playbook }, by, nowMs) {
      guard();
      const last = rowsOf({ tenant, alertId }, playbook).at(-1);
      if (last === undefined) return { state: 'never_attempted' };
      if (last.outcome === 'retry') return { state: 'under_way', nextAttemptMs: last.nextAttemptMs };
      const cleared = { outcome: 'retry', httpStatus: 0, durationMs: 0, timeMs: nowMs, nextAttemptMs: nowMs } as const;
      store.rows.push({ ...last, ...cleared, attempt: last.attempt + 1, error: `${REPLAY} by ${by}` });
      return { state: 'begun', nextAttemptMs: nowMs };
    },
    async replaysSince(sinceMs) {
      guard();
      return store.rows
        .filter(({ error, timeMs }) => error.startsWith(REPLAY) && timeMs >= sinceMs)
        .map(({ tenant, alertId, playbook, attempt }) => JSON.stringify([tenant, alertId, playbook, String(attempt)]));
    },
  };
  return store;
}

const order = (alert: AlertNotice) => `${String(alert.receivedMs).padStart(16, '0')} ${alert.tenant} ${alert.alertId}`;
