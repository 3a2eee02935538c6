/**
 * A baseline from the events that are stored, by the worker's own steps, with the verdicts that stand in the log: what the agent would
 * have learned had it known from the beginning what analysts found out later. Sessions with a confirmed attack are left out, alerts that
 * were dismissed are forgotten, and sessions whose alerts nobody decided upon are held as they were.
 */
import { type Decisions, decisionsOn } from '../../alerts/decision-store.ts';
import type { JudgeSettings } from '../../alerts/judge.ts';
import { type AgentState, emptyAgentState, turnClock } from '../../baselines/agent-state.ts';
import { knowledgeOf } from '../../baselines/baseline.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import {
  createHistoryStore,
  type HistoryStore,
  type Place,
  type Stretch,
  type Tick,
} from '../../baselines/history-store.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { DAY_MS } from '../../baselines/periods.ts';
import { hasAlerted } from '../../baselines/session-state.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import type { Scoring } from '../../detectors/scoring.ts';
import type { Store } from '../../store/store.ts';
import { createPipeline, emptyPipelineState } from '../pipeline.ts';

export interface BuildDeps {
  readonly store: Pick<Store, 'query'>;
  readonly scoring: Scoring;
  readonly settings: JudgeSettings;
  readonly now: () => number;
  /** More events are refused: the answer would come too late, and old ones count for little. */
  readonly eventsMax: number;
}

export interface Built {
  readonly state: AgentState;
  readonly events: number;
  /** Sessions that hold a confirmed attack. */
  readonly leftOut: number;
}

export type BuildOutcome = Built | 'nothing stored' | 'too many';

/** Events read at a time; between two lots others get their turn. */
const LOT = 500;

export async function buildBaseline(
  tenant: string,
  agent: string,
  sinceMs: number,
  deps: BuildDeps,
): Promise<BuildOutcome> {
  const { store, eventsMax, now } = deps;
  const history = createHistoryStore(store);
  const places = await history.places(tenant, agent, sinceMs, eventsMax + 1);
  if (places.length === 0) return 'nothing stored';
  if (places.length > eventsMax) return 'too many';
  const decisions = await decisionsOn(store, tenant, agent);
  const attacked = new Set(await history.sessionsOf(tenant, agent, [...decisions.confirmed]));
  const learner = createLearner(emptyAgentState(tenant, agent), deps);
  let events = 0;
  for (const lots of byPartition(places)) {
    await learner.enter(lots, history);
    for (const lot of lots) {
      const judged = (await history.events(tenant, agent, lot)).filter(
        ({ verdict }) => !attacked.has(verdict?.session ?? ''),
      );
      for (const one of judged) learner.learn(inHindsight(one, decisions));
      events += judged.length;
      await new Promise(setImmediate);
    }
  }
  return { state: learner.finish(now()), events, leftOut: attacked.size };
}

/** One partition after the other: an agent's records are in one of each epoch of the log. */
function byPartition(places: readonly Place[]): Stretch[][] {
  const partitions = new Map<number, Stretch[]>();
  const starts = new Map<number, number[]>();
  for (const { partition, position } of places) {
    const positions = starts.get(partition);
    if (positions === undefined) starts.set(partition, [position]);
    else positions.push(position);
  }
  for (const [partition, positions] of starts) {
    const lots: Stretch[] = [];
    for (let i = 0; i < positions.length; i += LOT) {
      const lot = positions.slice(i, i + LOT);
      lots.push({ partition, first: lot[0] ?? 0, last: lot.at(-1) ?? 0 });
    }
    partitions.set(partition, lots);
  }
  return [...partitions.values()];
}

/** A hit that was dismissed never was. */
function inHindsight({ record, verdict }: JudgedRecord, { dismissed }: Decisions): JudgedRecord {
  if (verdict === undefined || verdict.hits.length === 0) return { record, ...(verdict && { verdict }) };
  const hits = verdict.hits.filter(({ alertId }) => !dismissed.has(alertId));
  const seen: Verdict = { ...verdict, hits };
  return { record, verdict: seen };
}

function createLearner(empty: AgentState, { scoring, settings }: BuildDeps) {
  let state = empty;
  const states = emptyPipelineState(() => state);
  const pipeline = createPipeline(states, scoring, settings);
  let partition = -1;
  let ticks: readonly Tick[] = [];
  let next = 0;

  /** The clock that stood in the log before the record: sessions close as they did. */
  function tickUntil(position: number): void {
    let receivedMs: number | undefined;
    for (let tick = ticks[next]; tick !== undefined && tick.position < position; tick = ticks[++next]) {
      receivedMs = tick.receivedMs;
    }
    if (receivedMs !== undefined)
      pipeline.replay({ record: { partition, position: 0, entry: { kind: 'tick', receivedMs } } });
  }

  return {
    async enter([first]: readonly Stretch[], history: HistoryStore): Promise<void> {
      if (partition !== -1) state = movedState(state);
      partition = first?.partition ?? 0;
      ticks = await history.ticks(partition);
      next = 0;
    },
    learn(one: JudgedRecord): void {
      tickUntil(one.record.position);
      pipeline.replay(one);
    },
    finish(nowMs: number): AgentState {
      turnClock(state, undefined, Math.max(nowMs, states.tickMs), settings.baseline, scoring.learners);
      return state;
    },
  };
}

export const describeBuilt = (
  { state, events, leftOut }: Built,
  nowMs: number,
  { baseline: settings }: JudgeSettings,
) => {
  const { baseline, clockMs, held, sessions } = state;
  return {
    events,
    sessions: baseline.sessionsEver,
    days: Number(((baseline.lastMs - baseline.firstMs) / DAY_MS).toFixed(1)),
    knowledge: knowledgeOf(baseline, Math.min(nowMs, clockMs), settings),
    left_out: leftOut,
    held: held.length + [...sessions.values()].filter(hasAlerted).length,
  };
};
