/**
 * Goal: verification finds exactly the damage that was done, and nothing where none was. A log of all there is is stored by the worker's own
 * partitions; then rows are deleted and changed by SQL, one damage at a time, and the tables put back after each.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryRecords } from '../../alerts/delivery-store.ts';
import { createHitStore } from '../../alerts/hit-store.ts';
import type { Playbook } from '../../alerts/playbook.ts';
import type { AgentVerification, RangeReport, RangeWish } from '../../api/schemas/verify.ts';
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { decodeState, encodeState } from '../../baselines/state-codec.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { readOnly } from '../../cli/backtest/read-only-store.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { type AgentRunDeps, type AgentWish, CannotVerify, verifyAgent } from '../../cli/verify/agent-run.ts';
import { createLogRows } from '../../cli/verify/log-rows.ts';
import {
  addReport,
  checkStretch,
  emptyReport,
  leftOver,
  type RangeCheckDeps,
  type RangeRepair,
} from '../../cli/verify/range-check.ts';
import { planRange } from '../../cli/verify/range-plan.ts';
import { createReconciler } from '../../cli/verify/reconciler.ts';
import { createStoredOutcomes } from '../../cli/verify/stored-outcomes.ts';
import type { EventEntry, LogEntry } from '../../ingest/log.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';
import { openPartition, processInBatches, recordsOf, scoring, settings } from '../support/partition-run.ts';
import { playbook as examplePlaybook } from '../support/playbook.ts';
import {
  deadLettersOf,
  EPOCH,
  enablePlaybook,
  forgetEnds,
  keepTables,
  LETTER_TTL_MS,
  MARK,
  MOVED,
  NEWCOMER,
  OTHER_TENANT,
  repeatsOf,
  type StoredLog,
  storeLog,
  TENANT,
} from '../support/stored-log.ts';

let temporary: TemporaryStore;
let log: StoredLog;
let putBack: () => Promise<void>;
let damaged = false;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  log = await storeLog(temporary.store);
  putBack = await keepTables(temporary.store);
});
afterEach(async () => {
  if (damaged) await putBack();
  damaged = false;
});
afterAll(() => temporary.close());

async function damage(sql: string): Promise<void> {
  damaged = true;
  await temporary.store.command(sql);
}

const query = <Row>(sql: string) => temporary.store.query<Row>(sql);

async function first<Row>(sql: string): Promise<Row> {
  const [row] = await query<Row>(sql);
  if (row === undefined) throw new Error('There is one.');
  return row;
}

const verify = (wish: Partial<AgentWish> = {}, more: Partial<AgentRunDeps> = {}): Promise<AgentVerification> =>
  verifyAgent(
    { tenant: TENANT, agent: log.reset, mode: 'judge', ...wish },
    {
      store: readOnly(temporary.store),
      scoring,
      settings,
      mark: MARK,
      eventsMax: 1_000_000,
      onProgress: () => {},
      stop: new AbortController().signal,
      ...more,
    },
  );

function checker(repair?: Partial<RangeRepair>, playbooks: readonly Playbook[] = []): RangeCheckDeps {
  const { store } = temporary;
  return {
    rows: createLogRows(store),
    outcomes: createStoredOutcomes(store),
    deliveries: createDeliveryRecords(store),
    playbooks,
    letterTtlMs: LETTER_TTL_MS,
    now: () => log.endMs + 86_400_000,
    sleep: (ms) => sleep(Math.min(ms, 1)),
    stop: new AbortController().signal,
    pauseMs: 0,
    repair:
      repair === undefined ? undefined : { hits: createHitStore(store), deadLetters: deadLettersOf(store), ...repair },
  };
}

async function check(deps = checker(), range: RangeWish = {}): Promise<RangeReport> {
  const { stretches } = await planRange(range, deps.rows, undefined);
  const sum = emptyReport([]);
  for (const stretch of stretches) addReport(sum, await checkStretch(stretch, deps));
  return sum;
}

describe('an agent recomputed from an undamaged log', () => {
  it('is what is stored, for every agent of both tenants, judged anew and replayed', async () => {
    let compared = 0;
    for (const agent of log.agents) {
      for (const mode of ['judge', 'replay'] as const) {
        const report = await verify({ agent, mode });
        expect(report).toMatchObject({ agent, mode, outcome: 'equal', differences: 0, listed: [], notes: [] });
        expect(report.snapshots.equal).toBe(report.snapshots.compared);
        compared += report.snapshots.compared;
      }
    }
    expect(await verify({ tenant: OTHER_TENANT })).toMatchObject({ outcome: 'equal', events: 200 });
    expect(compared).toBeGreaterThan(4 * log.agents.length);
  });

  it('is the same from every retained snapshot, straight to the newest', async () => {
    const states = await query<{ position: number }>(
      `SELECT position FROM agent_state FINAL WHERE tenant = '${TENANT}' AND agent = '${log.reset}' AND partition = ${MOVED} ORDER BY position`,
    );
    expect(states.length).toBeGreaterThan(2);
    for (const { position } of states) {
      for (const mode of ['judge', 'replay'] as const) {
        const report = await verify({ mode, from: Number(position) });
        expect(report).toMatchObject({ outcome: 'equal', start: { from: 'snapshot', position: Number(position) } });
      }
    }
  });

  it.each([
    [{ agent: 'nobody' }, 'nothing_stored', 'Nothing is stored of this agent.'],
    [{ from: 1 }, 'no_start', 'No snapshot of position 1 is retained. There are: '],
  ])('%j cannot be', async (wish, code, message) => {
    const failed = await verify(wish).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CannotVerify);
    expect(failed).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('a damaged agent', () => {
  const someEvent = async () => {
    const [row] = await query<{ position: number; score: number }>(
      `SELECT position, score FROM event_log FINAL WHERE tenant = '${TENANT}' AND agent = '${log.reset}' AND partition = ${MOVED}
       AND kind = 'event' AND status = 'learn' AND score > 0 ORDER BY position LIMIT 1 OFFSET 5`,
    );
    if (row === undefined) throw new Error('There are events.');
    return { position: Number(row.position), score: row.score };
  };
  const rewrite = (replace: string, where: string, table = 'event_log') =>
    damage(`INSERT INTO ${table} SELECT * REPLACE(${replace}) FROM ${table} FINAL WHERE ${where}`);

  it('has one score that is not the one that was given', async () => {
    const { position, score } = await someEvent();
    await rewrite('score + 1e-12 AS score', `partition = ${MOVED} AND position = ${position}`);
    const [row] = await query<{ score: number }>(
      `SELECT score FROM event_log FINAL WHERE partition = ${MOVED} AND position = ${position}`,
    );
    const found = {
      partition: MOVED,
      position,
      what: 'verdict',
      field: 'score',
      stored: JSON.stringify(row?.score),
      recomputed: JSON.stringify(score),
    };
    expect(row?.score).not.toBe(score);
    expect(await verify()).toMatchObject({ outcome: 'different', differences: 1, listed: [found] });
    // The score takes no part in learning.
    expect(await verify({ mode: 'replay' })).toMatchObject({ outcome: 'equal' });
  });

  it('has a status that would teach otherwise', async () => {
    const { position } = await someEvent();
    await rewrite(`'late' AS status`, `partition = ${MOVED} AND position = ${position}`);
    const field = { what: 'verdict', field: 'status', stored: '"late"', recomputed: '"learn"', position };
    expect(await verify()).toMatchObject({ outcome: 'different', differences: 1, listed: [field] });
    const replayed = await verify({ mode: 'replay' });
    expect(replayed).toMatchObject({ outcome: 'different', listed: [{ what: 'state', partition: MOVED }] });
    // Every leg begins with what is stored: the others are as they should be.
    expect(replayed.differences).toBe(1);
  });

  it('has a hit of another alert', async () => {
    const [hit] = await query<{ position: number; agent: string; alert: string }>(
      `SELECT position, agent, alert_ids[1] AS alert FROM event_log FINAL WHERE partition = ${MOVED} AND hits != '' ORDER BY position LIMIT 1`,
    );
    await rewrite(
      `replaceOne(hits, '${hit?.alert}', 'x') AS hits`,
      `partition = ${MOVED} AND position = ${hit?.position}`,
    );
    expect(await verify({ agent: hit?.agent ?? '' })).toMatchObject({
      outcome: 'different',
      differences: 1,
      listed: [{ what: 'verdict', field: 'hits.0.alertId', stored: '"x"', recomputed: `"${hit?.alert}"` }],
    });
  });

  it('has a state with one number changed', async () => {
    const [row] = await query<{ position: number; format: number; state: string }>(
      `SELECT position, format, state FROM agent_state FINAL
       WHERE tenant = '${TENANT}' AND agent = '${log.reset}' AND partition = ${MOVED} ORDER BY position DESC LIMIT 1`,
    );
    const codec = slotCodec(scoring);
    const state = decodeState(row?.state ?? '', Number(row?.format), codec);
    const clock = state.clockMs;
    await rewrite(
      `'${encodeState({ ...state, clockMs: clock + 1 }, codec)}' AS state`,
      `tenant = '${TENANT}' AND agent = '${log.reset}' AND partition = ${MOVED} AND position = ${row?.position}`,
      'agent_state',
    );
    const found = {
      what: 'state',
      field: 'clockMs',
      stored: `${clock + 1}`,
      recomputed: `${clock}`,
      position: Number(row?.position),
    };
    for (const mode of ['judge', 'replay'] as const)
      expect(await verify({ mode })).toMatchObject({ outcome: 'different', differences: 1, listed: [found] });
  });

  it('has a checkpoint that claims more than the states have taken in', async () => {
    const [row] = await query<{ last: number }>(
      `SELECT max(position) AS last FROM event_log WHERE partition = ${MOVED} AND agent = '${log.reset}' AND kind = 'event'`,
    );
    await damage(
      `DELETE FROM agent_state WHERE partition = ${MOVED} AND agent = '${log.reset}' AND position > ${Number(row?.last) - 50}`,
    );
    expect(await verify()).toMatchObject({
      outcome: 'different',
      differences: 1,
      listed: [{ what: 'checkpoint', recomputed: expect.stringContaining('records are between') }],
    });
  });

  it('has a repeat that passes for a conflict', async () => {
    const [row] = await query<{ position: number; agent: string }>(
      `SELECT position, agent FROM event_log FINAL WHERE partition = 0 AND status = 'duplicate' LIMIT 1`,
    );
    await rewrite(`'conflict' AS status`, `partition = 0 AND position = ${row?.position}`);
    const found = { what: 'repeat', stored: '"conflict"', recomputed: '"duplicate"', position: Number(row?.position) };
    expect(await verify({ agent: row?.agent ?? '' })).toMatchObject({
      outcome: 'different',
      differences: 1,
      listed: [found],
    });
  });

  it('has an event of which the row is gone', async () => {
    const { position } = await someEvent();
    await damage(`DELETE FROM event_log WHERE partition = ${MOVED} AND position = ${position}`);
    const report = await verify();
    expect(report).toMatchObject({
      outcome: 'different',
      notes: [expect.stringContaining('1 position of partition')],
    });
    expect(report.listed[0]?.position).toBeGreaterThan(position);
  });
});

describe('what cannot be told is said', () => {
  it('begins with the oldest state where the beginning of the log is gone', async () => {
    const [row] = await query<{ first: number }>(
      'SELECT min(position) AS first FROM checkpoints WHERE partition = 0 AND position >= 500',
    );
    const begins = Number(row?.first) + 1;
    expect(begins).toBeGreaterThan(500);
    await damage(`DELETE FROM event_log WHERE partition = 0 AND position < ${begins}`);
    const report = await verify();
    expect(report).toMatchObject({ outcome: 'equal', start: { from: 'snapshot', partition: 0 } });
    expect(report.start.position).toBeGreaterThanOrEqual(begins - 1);
    expect(report.notes).toEqual([
      `The log of partition 0 begins at position ${begins}: what was before is not stored any more.`,
    ]);
  });

  it('says what it does not know where the log begins between a checkpoint and the states that belong to it', async () => {
    const [row] = await query<{ oldest: number }>(
      `SELECT min(position) AS oldest FROM agent_state WHERE tenant = '${TENANT}' AND partition = 0 AND agent = '${log.reset}'`,
    );
    const state = Number(row?.oldest);
    const begins = state - 5;
    await damage(`DELETE FROM event_log WHERE partition = 0 AND position < ${begins}`);
    // The next checkpoint before the state is one of which the log does not say what came after it.
    await damage(`DELETE FROM checkpoints WHERE partition = 0 AND position BETWEEN ${begins - 1} AND ${state}`);
    const report = await verify();
    expect(report.start).toMatchObject({ from: 'snapshot', partition: 0, position: state });
    // What differs then is not held against the verdicts.
    expect(['equal', 'unclear']).toContain(report.outcome);
    expect(report.notes).toEqual([
      `The log of partition 0 begins at position ${begins}: what was before is not stored any more.`,
      `The clock of partition 0 at position ${state} is not stored any more, nor are the models of kinds of before.`,
    ]);
  });

  it('begins with the state that moved in where all of the older epoch is gone', async () => {
    await damage('DELETE FROM event_log WHERE partition = 0');
    expect(await verify()).toMatchObject({
      outcome: 'equal',
      start: { from: 'snapshot', partition: MOVED },
      notes: [expect.stringContaining(`The log of before partition ${MOVED} is not stored any more`)],
    });
  });

  it('names what judged otherwise, and begins after it', async () => {
    await damage(
      `INSERT INTO checkpoints SELECT * REPLACE('0.0.9' AS build) FROM checkpoints FINAL WHERE partition = ${MOVED} AND position < 900`,
    );
    const report = await verify();
    expect(report).toMatchObject({ outcome: 'equal', start: { from: 'snapshot', partition: MOVED } });
    expect(report.notes).toEqual([
      expect.stringContaining(`Partition ${MOVED} was judged otherwise up to a position before `),
    ]);
  });

  it('judges nothing where all was judged with other settings', async () => {
    const other = settingsOf({ halfLifeDays: 7, alertBudget: 0.02 });
    const mark = '0.1.0+detectors.aa.half-life.7.budget.0.02.zones.bb';
    const failed = await verify({}, { settings: other, mark }).catch((error: unknown) => error);
    expect(failed).toMatchObject({
      code: 'no_start',
      message: expect.stringContaining(
        'was judged otherwise to its end so far: by build test, which did not say with what settings.',
      ),
    });
    expect(await verify({ mode: 'replay' }, { mark })).toMatchObject({ outcome: 'equal' });
  });

  it('does not blame the verdicts when the models are gone', async () => {
    await damage('TRUNCATE TABLE log_contents');
    const reports: AgentVerification[] = [];
    for (const agent of [log.agents[0] ?? '', `${log.agents[0]}${NEWCOMER}`]) reports.push(await verify({ agent }));
    expect(reports.map(({ outcome }) => outcome)).not.toContain('different');
    expect(reports.map(({ outcome }) => outcome)).toContain('unclear');
    for (const { notes } of reports)
      expect(notes).toEqual([expect.stringContaining('contents that records name are not stored any more')]);
  });
});

describe('a range', () => {
  const clean = async () => expect(leftOver(await check())).toBe(0);

  it('has everything when nothing was damaged', async () => {
    const report = await check();
    const rows = await first<{ n: number; hits: number; changes: number; letters: number }>(
      `SELECT count() AS n, (SELECT count() FROM alert_hits FINAL) AS hits, (SELECT count() FROM alert_changes FINAL) AS changes,
        (SELECT count() FROM dead_letters FINAL) AS letters FROM event_log FINAL`,
    );
    const whole = (expected: number) => ({ expected: Number(expected), missing: 0, repaired: 0 });
    expect(report.parts).toEqual({
      rows: whole(rows.n),
      hits: whole(rows.hits),
      changes: whole(rows.changes),
      dead_letters: whole(rows.letters),
      deliveries: whole(0),
    });
    expect([report.positions, report.findings, Number(rows.letters)]).toEqual([Number(rows.n), [], 4]);
    expect(Number(rows.hits)).toBeGreaterThan(50);
    expect(Number(rows.changes)).toBeGreaterThan(3);
  });

  it('lacks rows, by stretches of positions', async () => {
    await damage(
      'DELETE FROM event_log WHERE (partition = 0 AND position IN (5, 6, 7, 300)) OR (partition = ' +
        MOVED +
        ' AND position = 20)',
    );
    const report = await check(checker({}));
    const gone = { part: 'rows', code: 'row_gone', tenant: '', id: '', repaired: false };
    expect(report.findings.filter(({ part }) => part === 'rows')).toEqual([
      { ...gone, partition: 0, first: 5, last: 7 },
      { ...gone, partition: 0, first: 300, last: 300 },
      { ...gone, partition: MOVED, first: 20, last: 20 },
    ]);
    expect(report.parts.rows).toMatchObject({ missing: 5, repaired: 0 });
    expect(leftOver(report)).toBe(5);
  });

  it.each([
    ['a hit', 'alert_hits', 'hits', 'hit_missing', 'alert_id AS id, tenant, partition, position'],
    [
      'a change of an alert',
      'alert_changes',
      'changes',
      'change_missing',
      'alert_id AS id, tenant, partition, position',
    ],
  ] as const)('lacks %s, and has it again after a repair', async (_what, table, part, code, columns) => {
    const row = await first<{ id: string; tenant: string; partition: number; position: number }>(
      `SELECT ${columns} FROM ${table} FINAL ORDER BY partition, position LIMIT 1`,
    );
    const before = await query(`SELECT * FROM ${table} FINAL ORDER BY ALL`);
    await damage(
      `DELETE FROM ${table} WHERE partition = ${row.partition} AND position = ${row.position} AND alert_id = '${row.id}'`,
    );
    const [partition, position] = [Number(row.partition), Number(row.position)];
    const finding = { part, code, partition, first: position, last: position, tenant: row.tenant, id: row.id };
    expect((await check()).findings).toEqual([{ ...finding, repaired: false }]);
    const repaired = await check(checker({}));
    expect([repaired.findings, leftOver(repaired)]).toEqual([[{ ...finding, repaired: true }], 0]);
    await clean();
    expect(await query(`SELECT * FROM ${table} FINAL ORDER BY ALL`)).toEqual(before);
  });

  it('has a hit that says something else, and the right one after a repair', async () => {
    const row = await first<{ id: string; severity: number }>(
      'SELECT alert_id AS id, severity FROM alert_hits FINAL WHERE severity > 1 ORDER BY alert_id LIMIT 1',
    );
    await damage(
      `INSERT INTO alert_hits SELECT * REPLACE(toUInt8(1) AS severity) FROM alert_hits FINAL WHERE alert_id = '${row.id}' LIMIT 1`,
    );
    const report = await check(checker({}));
    expect(report.findings).toMatchObject([{ code: 'hit_altered', id: row.id, repaired: true }]);
    await clean();
  });

  it('lacks a dead letter, which comes back without what it held', async () => {
    await damage(`DELETE FROM dead_letters WHERE code = 'id_conflict' AND source_position LIKE '0:%'`);
    expect((await check()).findings).toMatchObject([{ code: 'dead_letter_missing', tenant: TENANT, repaired: false }]);
    const repaired = await check(checker({}));
    expect(repaired.findings).toMatchObject([{ code: 'dead_letter_emptied', tenant: TENANT, repaired: true }]);
    await clean();
    const letter = await first<object>(
      `SELECT code, field, message, raw_bytes FROM dead_letters FINAL WHERE code = 'id_conflict' AND source_position LIKE '0:%'`,
    );
    expect(letter).toEqual({
      code: 'id_conflict',
      field: 'id',
      message: expect.stringContaining('written again without what it held'),
      raw_bytes: 0,
    });
  });

  it('lacks deliveries only where a playbook was to be told', async () => {
    damaged = true;
    const playbook: Playbook = examplePlaybook({ name: 'all' });
    const nobody = await check(checker(undefined, [playbook]));
    expect(nobody.parts.deliveries).toEqual({ expected: 0, missing: 0, repaired: 0 });
    expect(nobody.not_sent.before_playbook).toBe(log.notices.length);
    await enablePlaybook(temporary.store, 'all');
    const due = await check(checker(undefined, [playbook]));
    expect(due.parts.deliveries).toEqual({ expected: log.notices.length, missing: log.notices.length, repaired: 0 });
    let sent = 0;
    const send = async () => {
      sent += 1;
    };
    const told = await check(checker({ send }, [playbook]));
    expect([leftOver(told), sent > 0]).toEqual([0, true]);
  });

  it('is looked after by the job: what can be repaired is, and what cannot is counted', async () => {
    await damage('DELETE FROM alert_hits WHERE partition = 0');
    await damage('DELETE FROM event_log WHERE partition = 0 AND position = 9');
    const deps = checker({});
    const stored = await deps.rows.partitions();
    const reconciler = createReconciler(
      { everyMs: 1, windowMs: 365 * 86_400_000, positionsMax: 1_000_000 },
      {
        checker: deps,
        owned: () => stored.map(({ partition, last }) => ({ partition, position: last })),
        now: deps.now,
        log: { warn: () => {}, error: () => {} },
      },
    );
    await reconciler.run();
    const { reconcile_repaired_total, ...metrics } = reconciler.metrics();
    expect(metrics).toMatchObject({
      reconcile_rows_missing: 1,
      reconcile_hits_missing: 0,
      reconcile_failures_total: 0,
    });
    expect(reconcile_repaired_total).toBeGreaterThan(5);
    expect(reconciler.progress).toMatchObject({ ok: false, degraded: true });
    expect((await check()).parts).toMatchObject({ rows: { missing: 1 }, hits: { missing: 0 } });
  });

  it('holds nothing of an epoch that has not begun: a move may take it away again', async () => {
    const { store } = temporary;
    const { stretches } = await planRange({}, createLogRows(store), undefined);
    const record = JSON.stringify({ kind: 'tick', receivedMs: 0, partition: 2 * MOVED });
    damaged = true;
    await store.insert('event_log', [
      { partition: 2 * MOVED, position: 0, kind: 'tick', received: 0, time: 0, status: 'control', record },
    ]);
    expect((await planRange({}, createLogRows(store), undefined)).stretches).toEqual(stretches);
    await createLogEpochStore(store).begin({ ...EPOCH, epoch: 2 }, [], log.endMs);
    const begun = await planRange({}, createLogRows(store), undefined);
    await forgetEnds(store);
    expect(begun.stretches).toEqual([...stretches, { partition: 2 * MOVED, first: 0, last: 0 }]);
  });

  it('is named by positions, times or a partition', async () => {
    const rows = createLogRows(temporary.store);
    const [zero] = await rows.partitions();
    const last = zero?.last ?? 0;
    const plan = async (range: Parameters<typeof planRange>[0]) => (await planRange(range, rows, undefined)).stretches;
    expect(await plan({ partition: 0, from: 10, to: 20 })).toEqual([{ partition: 0, first: 10, last: 20 }]);
    expect(await plan({ partition: 0, from: 10 })).toEqual([{ partition: 0, first: 10, last }]);
    expect(await plan({ partition: 0, from: last + 1 })).toEqual([]);
    const times = await first<{ a: number; b: number }>(
      `SELECT toUnixTimestamp64Milli(min(received)) AS a, toUnixTimestamp64Milli(max(received)) AS b
       FROM event_log WHERE partition = 0 AND position IN (400, 500)`,
    );
    const [sinceMs, untilMs] = [Number(times.a), Number(times.b) + 1];
    const [timed] = await plan({ partition: 0, sinceMs, untilMs });
    const within = `toUnixTimestamp64Milli(received) BETWEEN ${sinceMs} AND ${untilMs - 1}`;
    const found = await first<{ outside: number; ends: number }>(
      `SELECT countIf(${within} AND position NOT BETWEEN ${timed?.first} AND ${timed?.last}) AS outside,
         countIf(${within} AND position IN (${timed?.first}, ${timed?.last})) AS ends FROM event_log WHERE partition = 0`,
    );
    expect(found).toEqual({ outside: 0, ends: 2 });
  });
});

describe('what a forgotten worker has stored behind the end of an epoch', () => {
  const OTHER_MARK = '0.0.9';
  const STRANGER = 'stranger';
  let end = 0;

  beforeEach(async () => {
    damaged = true;
    end = (await createEventLogStore(temporary.store).lastPosition(0)) + 1;
    await createLogEpochStore(temporary.store).begin(EPOCH, [end], log.endMs);
  });
  afterEach(() => forgetEnds(temporary.store));

  /** With the states of the old log, and not of one mind with the new one: it does not see all that went on there, and sees more. */
  async function goOn(mark = MARK): Promise<void> {
    const { store } = temporary;
    const seen: LogEntry[] = [];
    for await (const judged of createEventLogStore(store).between(MOVED, 0, 1_000_000))
      seen.push(...judged.map(({ record }) => record.entry).filter(({ kind }) => kind !== 'unreadable'));
    const some = seen.filter((entry) => entry.kind === 'event').slice(0, 3);
    const entries = [
      ...seen.filter((_, i) => i % 3 === 0),
      ...some.map((one) => asOf(one, TENANT, STRANGER)),
      ...some.map((one) => asOf(one, OTHER_TENANT, log.reset)),
      ...repeatsOf(some),
    ];
    // It may keep fewer states of before the end, as every worker may: that is not what is asked here.
    const prune = async () => {};
    const states = () => ({ ...createStateStore(store, slotCodec(scoring), mark), prune });
    const worker = openPartition(store, { checkpointRecords: 300, states });
    await worker.partition.assign(0);
    await processInBatches(worker.partition, recordsOf(0, entries, end), 150);
    await worker.partition.revoke(0);
    await deadLettersOf(store).write(worker.letters);
  }

  const asOf = (entry: EventEntry, tenant: string, agent: string): EventEntry => ({
    ...entry,
    tenant,
    event: { ...entry.event, agent: { ...entry.event.agent, id: agent } },
  });

  const answer = (wish: Partial<AgentWish>) => verify(wish).catch((error: unknown) => String(error));

  async function answers(): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    const newcomer = `${log.agents[0]}${NEWCOMER}`;
    const ours = [log.reset, newcomer, STRANGER].map((agent) => ({ tenant: TENANT, agent }));
    for (const one of [...ours, { tenant: OTHER_TENANT, agent: log.reset }])
      for (const mode of ['judge', 'replay'] as const)
        found[`${one.tenant} ${one.agent} ${mode}`] = await answer({ ...one, mode });
    const ranges: RangeWish[] = [
      {},
      { partition: 0 },
      { partition: 0, from: end },
      { partition: 0, from: end - 100, to: end + 100 },
      { sinceMs: 0, untilMs: log.endMs + 1 },
    ];
    const deps = checker(undefined, [examplePlaybook({ name: 'all' })]);
    for (const range of ranges) found[JSON.stringify(range)] = await check(deps, range);
    return found;
  }

  it('changes no answer, and would change every one if the epoch had no end', async () => {
    await enablePlaybook(temporary.store, 'all');
    const without = await answers();
    await goOn();
    for (const table of ['event_log', 'alert_hits', 'alert_changes', 'agent_state', 'checkpoints']) {
      const { n } = await first<{ n: number }>(
        `SELECT count() AS n FROM ${table} FINAL WHERE partition = 0 AND position >= ${end}`,
      );
      expect([table, Number(n)]).toEqual([table, expect.toSatisfy((rows: number) => rows > 0)]);
    }
    expect(await answers()).toEqual(without);
    await forgetEnds(temporary.store);
    const endless = await answers();
    for (const [asked, answered] of Object.entries(without))
      expect([asked, endless[asked]]).not.toEqual([asked, answered]);
  });

  it('is nothing to begin with', async () => {
    await goOn();
    const { position } = await first<{ position: number }>(
      `SELECT max(position) AS position FROM agent_state WHERE partition = 0 AND tenant = '${TENANT}' AND agent = '${log.reset}'`,
    );
    expect(Number(position)).toBeGreaterThan(end);
    await expect(verify({ from: Number(position) })).rejects.toMatchObject({ code: 'no_start' });
  });

  it.each([
    ['judged by another build', [], OTHER_MARK, {}],
    [
      'judged by this build again, where the log before was not',
      [
        `INSERT INTO checkpoints SELECT * REPLACE('${OTHER_MARK}' AS build) FROM checkpoints FINAL WHERE partition = 0`,
        'OPTIMIZE TABLE checkpoints FINAL',
      ],
      MARK,
      {},
    ],
    [
      'followed by checkpoints, where the states of the log are gone',
      [`DELETE FROM agent_state WHERE tenant = '${OTHER_TENANT}'`],
      MARK,
      { tenant: OTHER_TENANT },
    ],
  ])('is not of the log when it was %s', async (_what, before, mark, wish) => {
    for (const sql of before) await damage(sql);
    const without = await answer(wish);
    await goOn(mark);
    expect(await answer(wish)).toEqual(without);
  });
});
