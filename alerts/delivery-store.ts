/**
 * The outbox and the log of deliveries, in one table. Nothing is written when an alert opens: that an alert has still to be
 * delivered follows from `alert_hits`, which is stored before its position in the log is passed. So no crash can lose it.
 */
import type { Reason, Severity } from '../baselines/verdict.ts';
import { OF_THE_LOG } from '../ingest/log-ends.ts';
import type { Store } from '../store/store.ts';
import type { AlertNotice } from './notice.ts';

export type DeliveryOutcome = 'delivered' | 'retry' | 'failed';

/** One attempt. `failed` is final until somebody asks for a replay: it is the dead letter of a delivery. */
export interface DeliveryRow {
  readonly tenant: string;
  readonly alertId: string;
  readonly playbook: string;
  readonly webhookId: string;
  /** From 1, over all rounds of a replayed delivery. */
  readonly attempt: number;
  readonly timeMs: number;
  /** Scheme, host and port; the path of a webhook may be a secret. */
  readonly target: string;
  readonly outcome: DeliveryOutcome;
  /** 0: no answer. */
  readonly httpStatus: number;
  /** Our words or an error code, never text of the receiver; empty when delivered. */
  readonly error: string;
  readonly durationMs: number;
  /** 0 unless the outcome is `retry`. */
  readonly nextAttemptMs: number;
}

/** Where one playbook stands with one alert. */
export interface DeliveryState {
  readonly playbook: string;
  /** Number of the last row. */
  readonly attempt: number;
  /** Attempts since the beginning or since the last replay. */
  readonly tries: number;
  readonly outcome: DeliveryOutcome;
  readonly nextAttemptMs: number;
}

/** Since when an alert is closed, epoch ms. */
export interface Closing {
  readonly tenant: string;
  readonly alertId: string;
  readonly closedMs: number;
}

/** An opened alert, and the playbooks that have a row for it. */
export interface OutboxEntry {
  readonly notice: AlertNotice;
  readonly states: readonly DeliveryState[];
}

export interface OutboxPartitions {
  readonly owned: readonly number[];
  /** And all before this one: nobody owns partitions of a log that has moved on. */
  readonly before?: number;
}

export interface OutboxPage {
  /** Alerts received before this are not looked at. */
  readonly sinceMs: number;
  /** The last alert of the page before; pages go by receipt time. */
  readonly after?: AlertNotice;
  readonly limit: number;
  /** Only alerts that opened in these partitions of the log; absent: all. */
  readonly partitions?: OutboxPartitions;
}

/** An enabled playbook and its condition: changing the condition makes it a new one. */
export interface Activation {
  readonly playbook: string;
  readonly condition: string;
}

export interface DeliveryStore {
  /** Rows of one attempt are written once; writing the same attempt again replaces it. */
  record(row: DeliveryRow): Promise<void>;
  pending(page: OutboxPage): Promise<OutboxEntry[]>;
  /** Those of the alerts that analysts have closed, by the first word that did. */
  closings(alerts: readonly string[]): Promise<Closing[]>;
  /**
   * Since when each playbook has been enabled with its present condition: epoch ms by name. One that was not enabled before is
   * written down as of `nowMs`, one that no longer is loses its time. Keeps a new playbook from being sent every old alert.
   */
  activate(activations: readonly Activation[], nowMs: number): Promise<Map<string, number>>;
  /**
   * Puts a delivery that has ended back into the outbox as a new round: the next rescan sends it, with the same `webhook-id`. One that has
   * not ended is left alone: it is sent anyway, and a row of ours would take the place of the attempt under way.
   *
   * @param by who wants it; stands in the log of deliveries. At most 200 characters are kept
   */
  replay(key: DeliveryKey, by: string, nowMs: number): Promise<ReplayAnswer>;
  /** Names of the rounds that were asked for since then, epoch ms; at most `REPLAYS_MAX`, the newest. */
  replaysSince(sinceMs: number): Promise<string[]>;
}

/** `begun`: the next attempt is due at once. `under_way`: it has not ended, and its next attempt is due then. Epoch ms. */
export type ReplayAnswer =
  | { readonly state: 'begun' | 'under_way'; readonly nextAttemptMs: number }
  | { readonly state: 'never_attempted' };

export interface DeliveryKey {
  readonly tenant: string;
  readonly alertId: string;
  readonly playbook: string;
}

/** Begins `error` of the row that begins a new round; who asked for it follows. */
const REPLAY = 'replay requested';
const BY_CHARS_MAX = 200;
/** More of them within minutes are one rescan all the same. */
const REPLAYS_MAX = 1_000;

interface HitRow extends Omit<AlertNotice, 'severity' | 'reason' | 'backfill'> {
  readonly severity: number;
  readonly reason: string;
  readonly backfill: number;
}

interface StateRow extends DeliveryState {
  readonly tenant: string;
  readonly alertId: string;
}

interface LastAttempt extends Pick<DeliveryRow, 'attempt' | 'webhookId' | 'target' | 'outcome' | 'nextAttemptMs'> {}

interface ActivationRow {
  readonly playbook: string;
  readonly attempt: number;
  readonly condition: string;
  readonly active: number;
  readonly sinceMs: number;
}

const PENDING_HITS = `
SELECT
  tenant, alert_id AS alertId, toUnixTimestamp64Milli(time) AS time, toUnixTimestamp64Milli(received) AS receivedMs,
  agent, agent_kind AS agentKind, session, detector, subject, severity, p, score, title, why, reason, tags,
  event_id AS eventId, backfill
FROM (SELECT * FROM alert_hits FINAL WHERE opened = 1 AND received >= fromUnixTimestamp64Milli({since:Int64})
    AND ({all:Bool} OR partition IN {partitions:Array(UInt32)} OR partition < {before:UInt32}) AND ${OF_THE_LOG})
WHERE (receivedMs, tenant, alertId) > ({afterReceived:Int64}, {afterTenant:String}, {afterAlert:String})
ORDER BY receivedMs, tenant, alertId
LIMIT 1 BY receivedMs, tenant, alertId
LIMIT {limit:UInt32}`;

const STATES = `
SELECT
  tenant, alert_id AS alertId, playbook, max(attempt) AS attempt,
  attempt - maxIf(d.attempt, startsWith(error, {replay:String})) AS tries,
  argMax(d.outcome, d.attempt) AS outcome,
  toUnixTimestamp64Milli(argMax(d.next_attempt, d.attempt)) AS nextAttemptMs
FROM deliveries AS d FINAL
WHERE alert_id IN {alerts:Array(String)} AND tenant != ''
GROUP BY tenant, alert_id, playbook`;

const CLOSINGS = `
SELECT tenant, alert_id AS alertId, toUnixTimestamp64Milli(min(c.time)) AS closedMs
FROM alert_changes AS c FINAL
WHERE state = 'closed' AND alert_id IN {alerts:Array(String)} AND ${OF_THE_LOG}
GROUP BY tenant, alert_id
ORDER BY tenant, alert_id`;

const LAST_ATTEMPT = `
SELECT
  max(attempt) AS attempt, argMax(webhook_id, d.attempt) AS webhookId, argMax(target, d.attempt) AS target,
  argMax(d.outcome, d.attempt) AS outcome, toUnixTimestamp64Milli(argMax(d.next_attempt, d.attempt)) AS nextAttemptMs
FROM deliveries AS d FINAL
WHERE tenant = {tenant:String} AND alert_id = {alertId:String} AND playbook = {playbook:String}`;

const REPLAYS = `
SELECT DISTINCT toJSONString([tenant, alert_id, playbook, toString(attempt)]) AS round, time
FROM deliveries
WHERE startsWith(error, {replay:String}) AND time >= fromUnixTimestamp64Milli({since:Int64}) AND tenant != ''
ORDER BY time DESC
LIMIT ${REPLAYS_MAX}`;

/**
 * Activations stand in the same table under the empty tenant, which no credential has: `attempt` counts changes, `webhook_id`
 * holds the condition, `delivered` means enabled and `failed` disabled.
 */
const ACTIVATIONS = `
SELECT
  playbook, max(attempt) AS attempt, argMax(webhook_id, d.attempt) AS condition,
  argMax(outcome = 'delivered', d.attempt) AS active, toUnixTimestamp64Milli(argMax(time, d.attempt)) AS sinceMs
FROM deliveries AS d FINAL
WHERE tenant = ''
GROUP BY playbook`;

export function createDeliveryStore(store: Store): DeliveryStore {
  const write = (rows: readonly DeliveryRow[]) => store.insert('deliveries', rows.map(tableRow));
  return {
    record: (row) => write([row]),
    async pending({ sinceMs, after, limit, partitions }) {
      const { owned = [], before = 0 } = partitions ?? {};
      if (partitions !== undefined && owned.length === 0 && before === 0) return [];
      const hits = await store.query<HitRow>(PENDING_HITS, {
        since: sinceMs,
        afterReceived: after?.receivedMs ?? -1,
        afterTenant: after?.tenant ?? '',
        afterAlert: after?.alertId ?? '',
        limit,
        all: partitions === undefined,
        partitions: owned,
        before,
      });
      const alerts = hits.map(({ alertId }) => alertId);
      const states = alerts.length === 0 ? [] : await store.query<StateRow>(STATES, { alerts, replay: REPLAY });
      return hits.map((hit) => ({ notice: noticeOf(hit), states: states.filter((state) => sameAlert(state, hit)) }));
    },
    closings: (alerts) => closingsIn(store, alerts),
    async activate(activations, nowMs) {
      const known = await store.query<ActivationRow>(ACTIVATIONS);
      const changes = activationChanges(known, activations, nowMs);
      if (changes.length > 0) await write(changes);
      const changed = new Set(changes.map(({ playbook }) => playbook));
      const sinceOf = new Map(known.map(({ playbook, sinceMs }) => [playbook, sinceMs]));
      return new Map(
        activations.map(({ playbook }) => [playbook, changed.has(playbook) ? nowMs : (sinceOf.get(playbook) ?? nowMs)]),
      );
    },
    async replay(key, by, nowMs) {
      const [last] = await store.query<LastAttempt>(LAST_ATTEMPT, { ...key });
      if (last === undefined || last.attempt === 0) return { state: 'never_attempted' };
      if (last.outcome === 'retry') return { state: 'under_way', nextAttemptMs: Number(last.nextAttemptMs) };
      const error = `${REPLAY} by ${by.slice(0, BY_CHARS_MAX)}`;
      const beginning = { outcome: 'retry', httpStatus: 0, error, durationMs: 0, timeMs: nowMs } as const;
      await write([{ ...key, ...last, ...beginning, attempt: last.attempt + 1, nextAttemptMs: nowMs }]);
      return { state: 'begun', nextAttemptMs: nowMs };
    },
    async replaysSince(sinceMs) {
      const rows = await store.query<{ round: string }>(REPLAYS, { replay: REPLAY, since: sinceMs });
      return rows.map(({ round }) => round);
    },
  };
}

function activationChanges(
  known: readonly ActivationRow[],
  activations: readonly Activation[],
  nowMs: number,
): DeliveryRow[] {
  const last = new Map(known.map((row) => [row.playbook, row]));
  const wanted = new Set(activations.map(({ playbook }) => playbook));
  const fresh = activations.filter(({ playbook, condition }) => {
    const row = last.get(playbook);
    return row === undefined || row.active === 0 || row.condition !== condition;
  });
  const gone = known.filter(({ playbook, active }) => active === 1 && !wanted.has(playbook));
  return [...fresh, ...gone].map(({ playbook, condition }) => ({
    tenant: '',
    alertId: '',
    playbook,
    webhookId: condition,
    attempt: (last.get(playbook)?.attempt ?? 0) + 1,
    timeMs: nowMs,
    target: '',
    outcome: wanted.has(playbook) ? 'delivered' : 'failed',
    httpStatus: 0,
    error: wanted.has(playbook) ? 'enabled' : 'disabled',
    durationMs: 0,
    nextAttemptMs: 0,
  }));
}

const closingsIn = (store: Pick<Store, 'query'>, alerts: readonly string[]): Promise<Closing[]> =>
  alerts.length === 0
    ? Promise.resolve([])
    : store
        .query<Closing>(CLOSINGS, { alerts })
        .then((rows) => rows.map((row) => ({ ...row, closedMs: Number(row.closedMs) })));

/** What is written down of deliveries, for reading only. */
export interface DeliveryRecords extends Pick<DeliveryStore, 'closings'> {
  /** Since when each enabled playbook has been enabled with its condition, epoch ms by name. */
  enabledSince(): Promise<Map<string, number>>;
  /** Where the deliveries of these alerts stand; alerts without any attempt are left out. */
  attempts(
    alerts: readonly string[],
  ): Promise<(DeliveryState & { readonly tenant: string; readonly alertId: string })[]>;
}

export const createDeliveryRecords = (store: Pick<Store, 'query'>): DeliveryRecords => ({
  enabledSince: () => store.query<ActivationRow>(ACTIVATIONS).then(enabledSinceIn),
  closings: (alerts) => closingsIn(store, alerts),
  attempts: async (alerts) => (alerts.length === 0 ? [] : store.query<StateRow>(STATES, { alerts, replay: REPLAY })),
});

const enabledSinceIn = (rows: readonly ActivationRow[]): Map<string, number> =>
  new Map(
    rows.filter(({ active }) => Number(active) === 1).map(({ playbook, sinceMs }) => [playbook, Number(sinceMs)]),
  );

const sameAlert = (a: { tenant: string; alertId: string }, b: { tenant: string; alertId: string }) =>
  a.tenant === b.tenant && a.alertId === b.alertId;

function tableRow(row: DeliveryRow) {
  return {
    tenant: row.tenant,
    alert_id: row.alertId,
    playbook: row.playbook,
    webhook_id: row.webhookId,
    attempt: row.attempt,
    time: row.timeMs,
    target: row.target,
    outcome: row.outcome,
    http_status: row.httpStatus,
    error: row.error,
    duration_ms: row.durationMs,
    next_attempt: row.nextAttemptMs,
  };
}

function noticeOf(hit: HitRow): AlertNotice {
  return {
    ...hit,
    severity: hit.severity as Severity,
    reason: JSON.parse(hit.reason) as Reason,
    backfill: hit.backfill === 1,
  };
}
