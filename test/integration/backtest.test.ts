/**
 * Goal: a backtest over the real engine judges what is stored as the worker did. The log of a small fleet is stored by the worker's own
 * partitions: ticks, words of analysts, models of kinds and a reset among the events, moved to another epoch on the way, two tenants. A
 * run without changes must give the very alerts that are stored; a run with changes those that the same records give in memory.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JudgeSettings } from '../../alerts/judge.ts';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { cacheKey } from '../../baselines/state-cache.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { type AlertLedger, createAlertLedger } from '../../cli/backtest/alert-ledger.ts';
import { addGroup, emptyFindings, type Findings } from '../../cli/backtest/findings.ts';
import { readOnly } from '../../cli/backtest/read-only-store.ts';
import { type BacktestOptions, type BacktestResult, runBacktest } from '../../cli/backtest/run.ts';
import { createKindPublisher } from '../../cli/kind-publisher.ts';
import { createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { type EventEntry, type LogEntry, logPartition, type ModelEntry } from '../../ingest/log.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';
import {
  entriesOf,
  openPartition,
  type PartitionRun,
  processInBatches,
  recordsOf,
  scoring,
  settings,
} from '../support/partition-run.ts';

const TENANT = 'acme';
const OTHER_TENANT = 'globex';
const BATCH = 150;
const fleet = simulateFleet({ seed: 'chaos', ...SMALL_FLEET });
const ENTRIES = entriesOf(TENANT, fleet.events);
/** Their alerts are closed as soon as they are opened; nobody looks at those of the others. */
const WATCHED = new Set(fleet.agents.map(({ id }) => id).filter((_, i) => i % 2 === 0));
const RESET = fleet.agents[1]?.id ?? '';

let temporary: TemporaryStore;
/** Everything in the log, in its order, of both epochs. */
const log: LogEntry[] = [];
const contents = new Map<string, string>();
const confirmed: string[] = [];

/** Events with a tick after every batch, and the watched alerts of the batch closed, as attack and false alarm in turns. */
async function append(run: PartitionRun, number: number, first: number, entries: readonly LogEntry[]): Promise<number> {
  let next = first;
  const store = async (more: readonly LogEntry[]) => {
    await processInBatches(run.partition, recordsOf(number, more, next), BATCH);
    log.push(...more);
    next += more.length;
  };
  for (let i = 0; i < entries.length; i += BATCH) {
    const batch = entries.slice(i, i + BATCH);
    const told = run.notices.length;
    await store(batch);
    const receivedMs = batch.at(-1)?.receivedMs ?? 0;
    await store([{ kind: 'tick', receivedMs }, ...wordsOn(run.notices.slice(told), receivedMs)]);
  }
  return next;
}

const wordsOn = (notices: PartitionRun['notices'], receivedMs: number): LogEntry[] =>
  notices
    .filter(({ agent }) => WATCHED.has(agent))
    .map(({ alertId, agent, tenant }, i) => {
      if (i % 2 === 0) confirmed.push(alertId);
      const disposition = i % 2 === 0 ? 'true_positive' : 'false_positive';
      return { kind: 'disposition', tenant, receivedMs, agent, alertId, state: 'closed', disposition, by: 'ann' };
    });

/** As `picket topics repartition` does it. */
async function move(from: number, to: number, receivedMs: number): Promise<void> {
  const states = createStateStore(temporary.store, slotCodec(scoring), 'test');
  for await (const batch of states.all(from)) {
    await states.place(batch.map((state) => ({ partition: to, state: movedState(state) })));
  }
  const tick = { kind: 'tick', receivedMs, partition: to } as const;
  await openPartitionLog(to, tick);
  await states.writeCheckpoint(to, { position: 0, lastTickMs: receivedMs }, 0, receivedMs);
  log.push(tick);
}

const openPartitionLog = (partition: number, tick: LogEntry) =>
  temporary.store.insert('event_log', [
    {
      partition,
      position: 0,
      kind: 'tick',
      received: tick.receivedMs,
      time: tick.receivedMs,
      status: 'control',
      record: JSON.stringify(tick),
    },
  ]);

async function publishedModels(partition: number, nowMs: number): Promise<ModelEntry[]> {
  const written: ModelEntry[] = [];
  const store = createContentStore(temporary.store);
  const publisher = createKindPublisher({
    states: createStateStore(temporary.store, slotCodec(scoring), 'test'),
    contents: store,
    log: { append: async (more) => void written.push(...(more as ModelEntry[])) },
    partitions: [partition],
    settings: settings.baseline,
    lend: scoring.lend,
    now: () => nowMs,
  });
  await publisher.publish();
  for (const [hash, content] of await store.get(
    TENANT,
    written.map((one) => one.content),
  ))
    contents.set(hash, content);
  return written;
}

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const [early, late] = [Math.floor(ENTRIES.length * 0.4), Math.floor(ENTRIES.length * 0.6)];
  const before = openPartition(temporary.store);
  await before.partition.assign(0);
  // One agent of another tenant, by a name that both have.
  const others = entriesOf(
    OTHER_TENANT,
    fleet.events.filter(({ agent }) => agent.id === RESET),
  );
  await append(before, 0, 0, [...others.slice(0, 200), ...ENTRIES.slice(0, early)]);
  await before.partition.revoke(0);

  const moved = logPartition(1, 0);
  const atMs = ENTRIES[early]?.receivedMs ?? 0;
  await move(0, moved, atMs);
  const after = openPartition(temporary.store, { checkpointRecords: 400 });
  expect(await after.partition.assign(moved)).toBe(1);
  const next = await append(after, moved, 1, ENTRIES.slice(early, late));
  const nowMs = ENTRIES[late]?.receivedMs ?? 0;
  await append(after, moved, next, [
    ...(await publishedModels(moved, nowMs)),
    { kind: 'reset', tenant: TENANT, receivedMs: nowMs, agent: RESET, by: 'ops' },
    ...ENTRIES.slice(late),
  ]);
});
afterAll(() => temporary.close());

const LIMITS = { agentsMax: 1000, alertsMax: 10_000, listedMax: 1000 };
const TRIED = settingsOf({ halfLifeDays: 4, alertBudget: 0.5 });

async function backtest(
  tried: JudgeSettings,
  options: BacktestOptions = {},
  limits: Partial<typeof LIMITS> = {},
): Promise<BacktestResult> {
  const result = await runBacktest(options, {
    store: readOnly(temporary.store),
    now: settings,
    tried,
    limits: { ...LIMITS, ...limits },
    onProgress: () => {},
    stop: new AbortController().signal,
  });
  if (result === undefined) throw new Error('nothing is stored');
  return result;
}

/** The same records in memory, one after the other, as if the log had never moved. */
function inMemory(judging: JudgeSettings, agent: string): AlertLedger {
  const own = createScoring(DETECTORS, judging.baseline);
  const states = new Map<string, AgentState>();
  const state = {
    ...emptyPipelineState((key) => {
      const known = states.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
      states.set(cacheKey(key), known);
      return known;
    }),
    content: (hash: string) => contents.get(hash),
  };
  const pipeline = createPipeline(state, own, judging);
  const ledger = createAlertLedger(10_000);
  for (const [position, entry] of log.entries()) {
    const { verdict } = pipeline.step({ partition: 0, position, entry }, 'new');
    if (entry.kind !== 'event' || verdict === undefined || entry.event.agent.id !== agent) continue;
    if (entry.tenant === TENANT) ledger.observe(entry, verdict);
  }
  return ledger;
}

const brief = ({ appeared, disappeared, severityChanged, moved, totals, stored }: Findings) => ({
  appeared: appeared.count,
  disappeared: disappeared.count,
  severityChanged: severityChanged.count,
  moved: moved.count,
  totals,
  stored,
});

describe('without changes', () => {
  it('gives the very alerts that are stored, and no difference', async () => {
    const rows = await temporary.store.query<{ id: string }>('SELECT alert_id AS id FROM alerts');
    const { findings, survey, agents, eventsLearnedOnly } = await backtest(settings);
    expect(rows.length).toBeGreaterThan(10);
    expect(confirmed.length).toBeGreaterThan(1);
    expect(brief(findings)).toEqual({
      appeared: 0,
      disappeared: 0,
      severityChanged: 0,
      moved: 0,
      totals: { now: rows.length, tried: rows.length },
      stored: { alerts: rows.length, missing: 0, missingConfirmed: 0, additional: 0, severityChanged: 0, moved: 0 },
    });
    const events = log.filter((entry) => entry.kind === 'event');
    expect([survey.events, agents, eventsLearnedOnly]).toEqual([events.length, fleet.agents.length + 1, 0]);
    expect(survey.stretches.map(({ partition }) => partition)).toEqual([0, logPartition(1, 0)]);
  });
});

describe('with another budget and half-life', () => {
  const unwatched = fleet.agents.map(({ id }) => id).filter((id) => !WATCHED.has(id));

  it.each(unwatched)('finds for %s what the same records give in memory', async (agent) => {
    const [now, tried] = [inMemory(settings, agent), inMemory(TRIED, agent)];
    const { findings, window } = await backtest(TRIED, { tenant: TENANT, agent });
    const expected = emptyFindings(DETECTORS.map(({ name }) => name));
    addGroup(expected, { stored: now, now, tried, words: new Map() }, window, LIMITS.listedMax);
    expect(findings).toEqual(expected);
  });

  it('finds the same for any number of agents at a time', async () => {
    const whole = await backtest(TRIED);
    expect(whole.findings.appeared.count).toBeGreaterThan(5);
    expect(await backtest(TRIED, {}, { agentsMax: 2 })).toEqual(whole);
  });

  it('counts what analysts had confirmed among what is lost', async () => {
    const { findings } = await backtest(settingsOf({ halfLifeDays: 14, alertBudget: 0.0001 }));
    const { disappeared } = findings;
    const lost = disappeared.listed.filter(({ word }) => word === 'true_positive').map(({ storedId }) => storedId);
    expect(disappeared.confirmed).toBeGreaterThan(0);
    expect(lost.length).toBe(disappeared.confirmed);
    expect(lost.filter((id) => !confirmed.includes(id ?? ''))).toEqual([]);
    expect(disappeared.listed.slice(0, lost.length).every(({ word }) => word === 'true_positive')).toBe(true);
    expect(findings.totals.now - findings.totals.tried).toBe(disappeared.count - findings.appeared.count);
  });
});

describe('scope', () => {
  const events = () => log.filter((entry): entry is EventEntry => entry.kind === 'event');
  const sinceMs = fleet.startMs + 6 * 86_400_000;

  it('learns what is before --since and compares what opens after it', async () => {
    const { window, survey, eventsLearnedOnly, findings } = await backtest(settings, { sinceMs });
    expect(window).toEqual({ fromMs: sinceMs, untilMs: survey.newestMs + 1 });
    expect(eventsLearnedOnly).toBe(events().filter(({ event }) => event.time < sinceMs).length);
    const rows = await temporary.store.query<{ id: string }>(
      `SELECT alert_id AS id FROM alerts WHERE first_seen >= fromUnixTimestamp64Milli({sinceMs:Int64})`,
      { sinceMs },
    );
    expect([findings.totals.now, findings.stored.alerts]).toEqual([rows.length, rows.length]);
  });

  it('skips what is before the warm-up, and says that the store knew more', async () => {
    const { survey, eventsLearnedOnly } = await backtest(settings, { sinceMs, warmupDays: 1, tenant: TENANT });
    const fromMs = sinceMs - 86_400_000;
    const kept = ENTRIES.filter(({ event }) => event.time >= fromMs);
    expect([survey.events, survey.oldestMs]).toEqual([kept.length, kept[0]?.event.time]);
    expect(eventsLearnedOnly).toBe(kept.filter(({ event }) => event.time < sinceMs).length);
  });

  it('reads no further than --until', async () => {
    const { survey, findings } = await backtest(settings, { untilMs: sinceMs, tenant: TENANT });
    expect(survey.events).toBe(ENTRIES.filter(({ event }) => event.time < sinceMs).length);
    expect(findings.stored.missing + findings.stored.additional).toBe(0);
  });

  it.each([
    ['a tenant', { tenant: OTHER_TENANT }, 1],
    ['an agent that two tenants have', { agent: RESET }, 2],
    ['one agent', { tenant: TENANT, agent: RESET }, 1],
  ])('%s', async (_name, options, agents) => {
    const result = await backtest(settings, options);
    expect(result.agents).toBe(agents);
    expect(brief(result.findings)).toMatchObject({
      appeared: 0,
      disappeared: 0,
      stored: { missing: 0, additional: 0 },
    });
  });

  it('is empty where nothing is stored', async () => {
    await expect(backtest(settings, { agent: 'nobody' })).rejects.toThrow('nothing is stored');
  });
});

describe('the store', () => {
  it('is as it was', async () => {
    const state = () =>
      temporary.store.query<object>(
        `SELECT name, total_rows, total_bytes FROM system.tables WHERE database = currentDatabase() ORDER BY name`,
      );
    // Parts may be merged at any time: only once they are, do sizes stand still.
    for (const table of ['event_log', 'alert_hits', 'alert_changes', 'agent_state', 'checkpoints'])
      await temporary.store.command(`OPTIMIZE TABLE ${table} FINAL`);
    const before = await state();
    await backtest(TRIED);
    expect(await state()).toEqual(before);
  });

  it('refuses to be written to', async () => {
    const store = readOnly(temporary.store);
    await expect(store.insert('event_log', [])).rejects.toThrow('changes nothing');
    await expect(store.command('DROP TABLE event_log')).rejects.toThrow('changes nothing');
  });
});
