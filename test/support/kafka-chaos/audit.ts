/** What the store holds after all, against what was sent and what an undisturbed run makes of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Verdict } from '../../../baselines/verdict.ts';
import type { WireEvent } from '../../../ingest/event.ts';
import type { Store } from '../../../store/store.ts';
import type { Fleet } from '../kafka-fleet.ts';
import { logDifferences, readLog, stored, undisturbed } from '../log-oracle.ts';
import { entriesOf, recordsOf, runInMemory } from '../partition-run.ts';
import type { WebhookReceiver } from '../webhook-receiver.ts';

export interface Audit {
  /** Records of the log, repeats and ticks among them. */
  readonly records: number;
  readonly hits: number;
  readonly alerts: number;
  /** States that were compared byte for byte. */
  readonly states: number;
  /** Ids that were sent and are not visible; that are visible or counted more than once; that nobody has sent. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly strangers: readonly string[];
  /** Events whose verdict is not that of an undisturbed run over what was sent. */
  readonly otherVerdicts: readonly string[];
  /** Rows, hits and states that are not those of an undisturbed run over the log; a few of each. */
  readonly differences: readonly string[];
  /** Alerts that opened and no webhook told of. */
  readonly untold: readonly string[];
}

const WEBHOOKS_MS_MAX = 60_000;

/** Waits for webhooks that are still under way; a worker must run. */
export async function untoldAlerts(fleet: Fleet, { received }: WebhookReceiver): Promise<string[]> {
  const opened = await fleet.withStore(openedAlerts);
  const told = () => new Set(received.flatMap(({ body }) => /"uid":"(al_[0-9a-f]{32})"/.exec(body)?.[1] ?? []));
  const untold = () => {
    const known = told();
    return opened.filter((alert) => !known.has(alert));
  };
  for (let waitedMs = 0; untold().length > 0 && waitedMs < WEBHOOKS_MS_MAX; waitedMs += 250) await sleep(250);
  return untold();
}

const openedAlerts = async (store: Store): Promise<string[]> =>
  (
    await store.query<{ alert: string }>('SELECT DISTINCT alert_id AS alert FROM alert_hits FINAL WHERE opened = 1')
  ).map(({ alert }) => alert);

export async function auditStore(
  fleet: Fleet,
  brokers: readonly string[],
  events: readonly WireEvent[],
  untold: readonly string[],
): Promise<Audit> {
  const log = await readLog(brokers, fleet.eventsTopic);
  const expected = undisturbed(log);
  const found = await fleet.withStore(stored);
  const seen = await fleet.withStore(visibleVerdicts);
  const wanted = sentVerdicts(events);
  return {
    records: [...log.values()].reduce((sum, { length }) => sum + length, 0),
    hits: expected.hits.size,
    alerts: (await fleet.withStore(openedAlerts)).length,
    states: expected.states.size,
    lost: [...wanted.keys()].filter((id) => !seen.verdicts.has(id)),
    strangers: [...seen.verdicts.keys()].filter((id) => !wanted.has(id)),
    doubled: [...seen.doubled, ...(await fleet.withStore(countedTwice))],
    otherVerdicts: [...wanted]
      .filter(([id, verdict]) => (seen.verdicts.get(id) ?? verdict) !== verdict)
      .map(([id]) => id),
    differences: logDifferences(expected, found),
    untold,
  };
}

/** By event id, of the same events in the same order without any log or store in between. */
function sentVerdicts(events: readonly WireEvent[]): Map<string, string> {
  const entries = entriesOf('default', events);
  const { verdicts } = runInMemory(recordsOf(0, entries));
  return new Map(
    entries.map(({ event }, i) => [event.id, verdicts.get(i)] as const).map(([id, verdict]) => [id, textOf(verdict)]),
  );
}

const textOf = (verdict: Verdict | undefined): string =>
  verdict === undefined
    ? ''
    : verdictText(
        verdict.status,
        verdict.session,
        verdict.knowledge,
        verdict.score,
        verdict.hits.map(({ alertId }) => alertId),
      );

const verdictText = (
  ...verdict: [status: string, session: string, knowledge: string, score: number, alerts: string[]]
) => JSON.stringify(verdict);

interface VisibleRow {
  readonly id: string;
  readonly status: string;
  readonly session: string;
  readonly knowledge: string;
  readonly score: number;
  readonly alerts: string[];
}

async function visibleVerdicts(store: Store): Promise<{ verdicts: Map<string, string>; doubled: string[] }> {
  const rows = await store.query<VisibleRow>(
    'SELECT id, status, session, knowledge, score, alert_ids AS alerts FROM events',
  );
  const verdicts = new Map<string, string>();
  const doubled: string[] = [];
  for (const { id, status, session, knowledge, score, alerts } of rows) {
    if (verdicts.has(id)) doubled.push(id);
    verdicts.set(id, verdictText(status, session, knowledge, Number(score), alerts));
  }
  return { verdicts, doubled };
}

/** Ids that more than one row of the log takes for something other than a repeat. */
const countedTwice = async (store: Store): Promise<string[]> =>
  (
    await store.query<{ id: string }>(`
      SELECT id FROM event_log FINAL WHERE kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')
      GROUP BY tenant, agent, id HAVING count() > 1`)
  ).map(({ id }) => id);
