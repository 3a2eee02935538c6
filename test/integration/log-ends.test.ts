/**
 * Goal: what a forgotten worker has stored behind the end of an epoch is not of the log, whoever asks. A log of all there is is stored, with a move
 * on the way, and asked for everything; then all that stands after the move is stored once more behind the end of the partition before it, with
 * other verdicts, and asked again. The answers are the same.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decisionsOn } from '../../alerts/decision-store.ts';
import { createDeliveryStore } from '../../alerts/delivery-store.ts';
import { alertChanges } from '../../api/queries/alert-changes.ts';
import { alertHits } from '../../api/queries/alert-hits.ts';
import { alertReceived } from '../../api/queries/alert-received.ts';
import { baselineChanges } from '../../api/queries/baseline-changes.ts';
import { hourlySums } from '../../api/queries/hourly-sums.ts';
import { listAgents } from '../../api/queries/list-agents.ts';
import { listAlerts } from '../../api/queries/list-alerts.ts';
import { listDeadLetters } from '../../api/queries/list-dead-letters.ts';
import { listEvents } from '../../api/queries/list-events.ts';
import { storedBaselines } from '../../api/queries/stored-baselines.ts';
import { createTenantReaders } from '../../api/tenant-reader.ts';
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { createHistoryStore } from '../../baselines/history-store.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { analystWords } from '../../cli/backtest/analyst-words.ts';
import { createHistory } from '../../cli/backtest/history.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { verifyAgent } from '../../cli/verify/agent-run.ts';
import { createLogRows } from '../../cli/verify/log-rows.ts';
import { planRange } from '../../cli/verify/range-plan.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';
import { scoring, settings } from '../support/partition-run.ts';
import { EPOCH, MARK, MOVED, type StoredLog, storeLog, TENANT } from '../support/stored-log.ts';

const FAR = 1_000_000_000;
let temporary: TemporaryStore;
let log: StoredLog;
let end = 0;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  log = await storeLog(temporary.store);
  end = (await createEventLogStore(temporary.store).lastPosition(0)) + 1;
});
afterAll(() => temporary.close());

/** Of large answers it is enough to know that they are the same. */
const brief = (answer: unknown): string => {
  const text = JSON.stringify(answer, (_, value: unknown) => (value instanceof Map ? [...value] : value)) ?? '';
  return `${text.length} ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
};

async function everything(): Promise<Record<string, string>> {
  const { store } = temporary;
  const answers: Record<string, unknown> = {};
  const tenant = createTenantReaders(store, 10)(TENANT);
  for (const view of [
    'events ORDER BY tenant, agent, id',
    'alerts ORDER BY tenant, alert_id',
    'agent_baselines ORDER BY tenant, agent',
  ])
    answers[view] = await store.query(`SELECT * FROM ${view}`);
  answers['events by the API'] = await listEvents(tenant, {}, 20_000, undefined, true);
  answers['agents'] = await listAgents(tenant, {}, 1_000, undefined);
  answers['alerts by the API'] = await listAlerts(tenant, {}, 1_000, undefined);
  answers['letters'] = await listDeadLetters(tenant, {}, 1_000, undefined, { nowMs: log.endMs, openRaw: undefined });
  const alerts = log.notices.map(({ alertId }) => alertId);
  for (const alert of alerts.slice(0, 10).concat(alerts.slice(-10))) {
    answers[`hits of ${alert}`] = await alertHits(tenant, alert);
    answers[`changes of ${alert}`] = await alertChanges(tenant, alert);
    answers[`receipt of ${alert}`] = await alertReceived(tenant, alert);
  }
  const history = createHistoryStore(store);
  for (const agent of log.agents) {
    answers[`baselines of ${agent}`] = await storedBaselines(tenant, agent);
    answers[`resets of ${agent}`] = await baselineChanges(tenant, agent);
    answers[`hours of ${agent}`] = [...(await hourlySums(tenant, agent, 'events', 0, log.endMs))].sort();
    answers[`decisions on ${agent}`] = [...(await decisionsOn(store, TENANT, agent)).dismissed].sort();
    answers[`places of ${agent}`] = await history.places(TENANT, agent, 0, 100_000);
    answers[`sessions of ${agent}`] = (await history.sessionsOf(TENANT, agent, alerts)).sort();
  }
  answers['ticks'] = await history.ticks(0);
  answers['words'] = [...(await analystWords(store, alerts))].sort();
  answers['survey'] = await createHistory(store, { tenant: TENANT }).survey();
  const known = await store.query<{ id: string }>(`SELECT DISTINCT id FROM event_log WHERE kind = 'event' ORDER BY id`);
  const ids = known.map(({ id }) => id);
  for (const position of [1, FAR]) {
    const digests = await createEventLogStore(store).digests(TENANT, ids, { partition: MOVED, position });
    answers[`known ids before ${position}`] = digests.map((one) => JSON.stringify(one)).sort();
  }
  const outbox = { sinceMs: 0, limit: 10_000, partitions: { owned: [MOVED], before: MOVED } };
  answers['outbox'] = await createDeliveryStore(store).pending(outbox);
  answers['closings'] = await createDeliveryStore(store).closings(alerts);
  const states = createStateStore(store, slotCodec(scoring), MARK);
  answers['kinds'] = await states.kinds(1, 10);
  answers['states of kinds'] = (
    await Promise.all((await states.kinds(1, 10)).map(({ kind }) => states.ofKind(TENANT, kind, 1, 100)))
  )
    .flat()
    .map(({ agent, position }) => [agent, position]);
  const { stretches } = await planRange({}, createLogRows(store), undefined);
  answers['positions'] = stretches;
  answers['of a time'] = (
    await planRange({ sinceMs: 0, untilMs: log.endMs }, createLogRows(store), undefined)
  ).stretches;
  return Object.fromEntries(Object.entries(answers).map(([what, answer]) => [what, brief(answer)]));
}

/** As a worker that judges them in the light of the old log: in the end of the old partition, and with other verdicts. */
async function storeBehindTheEnd(): Promise<void> {
  const moved = (more: string) => `SELECT * REPLACE(toUInt32(0) AS partition, position + ${end} AS position${more})`;
  const from = (table: string) => `FROM (SELECT * FROM ${table} FINAL WHERE partition = ${MOVED})`;
  const { store } = temporary;
  await store.command(`INSERT INTO event_log ${moved(", 0.99 AS score, ['stray'] AS alert_ids")} ${from('event_log')}`);
  await store.command(`INSERT INTO alert_hits ${moved(", 5 AS severity, 'stray' AS title")} ${from('alert_hits')}`);
  await store.command(
    `INSERT INTO alert_hits ${moved(", concat('stray ', alert_id) AS alert_id")} ${from('alert_hits')}`,
  );
  await store.command(`INSERT INTO alert_changes ${moved(", 'open' AS state")} ${from('alert_changes')}`);
  await store.command(`INSERT INTO agent_state ${moved(", concat('stray ', agent) AS agent")} ${from('agent_state')}`);
  await store.command(`INSERT INTO agent_state ${moved(', sessions + 99 AS sessions')} ${from('agent_state')}`);
  await store.command(
    `INSERT INTO dead_letters SELECT * REPLACE(concat('0:', toString(${end})) AS source_position, concat('stray', id) AS id)
     FROM (SELECT * FROM dead_letters FINAL WHERE source = 'log')`,
  );
}

it('is not seen by anybody who asks for the log', async () => {
  const before = await everything();
  await createLogEpochStore(temporary.store).begin(EPOCH, [end], log.endMs);
  expect(await everything()).toEqual(before);
  await storeBehindTheEnd();
  expect(await everything()).toEqual(before);
  const { notes } = await planRange({}, createLogRows(temporary.store), undefined);
  expect(notes.find((note) => note.includes('behind its end'))).toMatch(
    new RegExp(`^\\d+ rows of partition 0, from position ${end} on, stand behind its end`),
  );
});

it('changes no verification of an agent', async () => {
  for (const agent of log.agents) {
    for (const mode of ['judge', 'replay'] as const) {
      const deps = { store: temporary.store, scoring, settings, mark: MARK, eventsMax: FAR, onProgress: () => {} };
      const report = await verifyAgent(
        { tenant: TENANT, agent, mode },
        { ...deps, stop: new AbortController().signal },
      );
      expect(report).toMatchObject({ agent, mode, outcome: 'equal', differences: 0 });
    }
  }
});

it('is of the log where the epoch after it names no end', async () => {
  const { store } = temporary;
  await store.command('DELETE FROM log_epochs WHERE epoch = 1');
  await createLogEpochStore(store).begin(EPOCH, [], log.endMs);
  const [first] = (await planRange({}, createLogRows(store), undefined)).stretches;
  expect(first?.last ?? 0).toBeGreaterThan(end);
  const [row] = await store.query<{ n: number }>("SELECT count() AS n FROM events WHERE has(alert_ids, 'stray')");
  expect(Number(row?.n)).toBeGreaterThan(0);
});

it('begins at the later of two ends, whichever row of a move that was done again arrives last', async () => {
  const epochs = createLogEpochStore(temporary.store);
  await epochs.begin({ ...EPOCH, epoch: 2, topic: 'events.2' }, [9], 2_000);
  await epochs.begin({ ...EPOCH, epoch: 2, topic: 'events.2 of before' }, [7], 1_000);
  await temporary.store.command('OPTIMIZE TABLE log_epochs FINAL');
  expect(await epochs.ends()).toEqual(new Map([[MOVED, 9]]));
  expect(await epochs.current()).toEqual({ ...EPOCH, epoch: 2, topic: 'events.2' });
});

it('says how far the leftovers of a partition have gone', async () => {
  const epochs = createLogEpochStore(temporary.store);
  expect(await epochs.forwarded(3)).toBe(-1);
  await epochs.noteForwarded(3, 41, 1_000);
  await epochs.noteForwarded(3, 40, 2_000);
  expect(await epochs.forwarded(3)).toBe(41);
});
