/** Which playbooks should have been told of an alert, and have no attempt to show for it. */
import { closedTimes, isToBeTold, LOOKBACK_MS } from '../../alerts/delivery.ts';
import type { DeliveryRecords } from '../../alerts/delivery-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { matches, type Playbook } from '../../alerts/playbook.ts';

export interface DueDeliveries {
  /** Attempts that should be there. */
  expected: number;
  readonly missing: { readonly notice: AlertNotice; readonly playbook: string }[];
  /** Alerts of which nobody was to be told, or not yet, by reason. */
  readonly notSent: Record<NotSent, number>;
}

export type NotSent = 'none_matches' | 'backfill' | 'before_playbook' | 'too_recent' | 'too_old';

export const nothingSent = (): Record<NotSent, number> => ({
  none_matches: 0,
  backfill: 0,
  before_playbook: 0,
  too_recent: 0,
  too_old: 0,
});

/** An attempt is written down when it has ended; a dispatcher with a full queue looks into the store a minute later. */
const GRACE_MS = 5 * 60_000;

/** Attempts that a throttle kept from being made have a row that says so, and count as made. */
export async function dueDeliveries(
  notices: readonly AlertNotice[],
  playbooks: readonly Playbook[],
  records: DeliveryRecords,
  nowMs: number,
): Promise<DueDeliveries> {
  const due: DueDeliveries = { expected: 0, missing: [], notSent: nothingSent() };
  if (notices.length === 0) return due;
  const since = await records.enabledSince();
  const alerts = notices.map(({ alertId }) => alertId);
  const attempts = await records.attempts(alerts);
  const closed = closedTimes(await records.closings(alerts));
  const attempted = new Set(attempts.map(({ tenant, alertId, playbook }) => keyOf(tenant, alertId, playbook)));
  for (const notice of notices) {
    const told = playbooks.filter((one) => {
      const sinceMs = since.get(one.name);
      return sinceMs !== undefined && isToBeTold(one, notice, sinceMs, closed(notice));
    });
    const missing = told.filter(({ name }) => !attempted.has(keyOf(notice.tenant, notice.alertId, name)));
    const reason =
      told.length === 0 ? whyNobody(notice, playbooks) : missing.length > 0 ? whyNotYet(notice, nowMs) : undefined;
    if (reason !== undefined) due.notSent[reason] += 1;
    due.expected += reason === undefined ? told.length : told.length - missing.length;
    if (reason === undefined) due.missing.push(...missing.map(({ name }) => ({ notice, playbook: name })));
  }
  return due;
}

function whyNobody(notice: AlertNotice, playbooks: readonly Playbook[]): NotSent {
  if (playbooks.some((one) => matches(one, notice))) return 'before_playbook';
  return notice.backfill && playbooks.some((one) => matches(one, { ...notice, backfill: false }))
    ? 'backfill'
    : 'none_matches';
}

function whyNotYet({ receivedMs }: AlertNotice, nowMs: number): NotSent | undefined {
  if (nowMs - receivedMs < GRACE_MS) return 'too_recent';
  return nowMs - receivedMs > LOOKBACK_MS ? 'too_old' : undefined;
}

const keyOf = (tenant: string, alert: string, playbook: string): string => JSON.stringify([tenant, alert, playbook]);
