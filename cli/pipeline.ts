/**
 * The event's way through Picket, step by step, in the order in which it happens. The first file to open.
 *
 *   read -> decode -> validate -> normalise       ingest/intake.ts, at the edge
 *   -> log                                         ingest/log.ts: durable, ordered, one owner per partition
 *   -> known id? -> turn clock -> judge -> admit   here, one record at a time, no I/O
 *   -> store -> acknowledge -> deliver             cli/partition.ts, one batch at a time
 *
 * Score before learning, always: `judge` sees the state as it was before the event, `admit` changes it.
 */
import { closeAlert, enterHit, subjectOf } from '../alerts/alert-book.ts';
import { type JudgeSettings, judgeEvent } from '../alerts/judge.ts';
import { type AgentState, admitDisposition, admitEvent, effectiveTime, turnClock } from '../baselines/agent-state.ts';
import { resetBaseline, restoreBaseline } from '../baselines/baseline-change.ts';
import type { JudgedRecord } from '../baselines/event-log-store.ts';
import { acceptGrowth } from '../baselines/growth.ts';
import { decodeKindModel } from '../baselines/kind-model.ts';
import { createKindModels, type KindModels } from '../baselines/kind-models.ts';
import type { AgentKey } from '../baselines/state-cache.ts';
import type { Verdict, VerdictStatus } from '../baselines/verdict.ts';
import type { Scoring } from '../detectors/scoring.ts';
import {
  type AlertChangeEntry,
  agentOf,
  type BaselineChangeEntry,
  type EventEntry,
  type LogEntry,
  type LogRecord,
  type ModelEntry,
} from '../ingest/log.ts';

export interface Pipeline {
  /** Judges and admits one record; the verdict is what must be stored before the record is acknowledged. */
  step(record: LogRecord, repeat: Repeat): JudgedRecord;
  /** Admits a record whose verdict stands in the log: the same change of state, without judging again. */
  replay(judged: JudgedRecord): void;
}

/** Whether the event's id was there before; `rejected` marks events that the store refused. */
export type Repeat = 'new' | Extract<VerdictStatus, 'duplicate' | 'conflict' | 'rejected'>;

export interface PipelineState {
  /** The state of an agent that has been brought in. */
  agent(key: AgentKey): AgentState;
  /** Receipt time of the partition's newest tick. */
  tickMs: number;
  /** What is known of kinds, by the records of this partition. */
  readonly models: KindModels;
  /** A content that a record names, if it has been brought in. */
  content(hash: string): string | undefined;
}

/** A partition without a past whose records name no contents. */
export const emptyPipelineState = (agent: PipelineState['agent']): PipelineState => ({
  agent,
  tickMs: 0,
  models: createKindModels(),
  content: () => undefined,
});

export function createPipeline(states: PipelineState, scoring: Scoring, settings: JudgeSettings): Pipeline {
  const { baseline } = settings;
  const { learners } = scoring;

  function judgeAndAdmit(record: LogRecord, entry: EventEntry): JudgedRecord {
    const state = states.agent({ tenant: entry.tenant, agent: entry.event.agent.id });
    const timeMs = effectiveTime(entry.event, entry.receivedMs);
    turnClock(state, timeMs, states.tickMs, baseline, learners);
    const prior = states.models.prior(entry.tenant, entry.event.agent.kind ?? state.kind, state.agent);
    const verdict = judgeEvent(state, entry, scoring, settings, prior);
    admit(state, record, entry, verdict);
    return { record, verdict };
  }

  function admit(state: AgentState, { position }: LogRecord, entry: EventEntry, verdict: Verdict): void {
    const { event, receivedMs } = entry;
    const timeMs = effectiveTime(event, receivedMs);
    admitEvent(state, event, { position, timeMs, receivedMs }, verdict, baseline, learners);
    for (const hit of verdict.hits) enterHit(state, hit, timeMs);
    state.position = position;
  }

  function admitControl({ position }: LogRecord, entry: Exclude<LogEntry, EventEntry>): void {
    if (entry.kind === 'tick') states.tickMs = Math.max(states.tickMs, entry.receivedMs);
    if (entry.kind === 'model') installModel(entry);
    const about = agentOf(entry);
    if (about === undefined) return;
    const state = states.agent(about);
    if (entry.kind === 'disposition') changeAlert(state, position, entry);
    if (entry.kind === 'reset' || entry.kind === 'rollback') changeBaseline(state, position, entry);
  }

  /**
   * A content that is gone changes nothing: the model before it stays in force. One of a format that a later build wrote stops this one:
   * two owners of two builds would take different verdicts from here on.
   */
  function installModel({ tenant, content }: ModelEntry): void {
    const model = decodeKindModel(states.content(content) ?? '');
    if (model !== undefined) states.models.install(tenant, model);
  }

  function changeBaseline(state: AgentState, position: number, change: BaselineChangeEntry): void {
    turnClock(state, undefined, states.tickMs, baseline, learners);
    if (change.kind === 'reset') resetBaseline(state, scoring);
    else restoreBaseline(state, states.content(change.content ?? '') ?? '', scoring);
    state.position = position;
  }

  function changeAlert(state: AgentState, position: number, change: AlertChangeEntry): void {
    turnClock(state, undefined, states.tickMs, baseline, learners);
    admitDisposition(state, change, baseline, learners);
    const benign = change.state === 'closed' && change.disposition !== 'true_positive';
    if (benign) acceptGrowth(state.baseline, subjectOf(state, change.alertId) ?? '');
    if (change.state === 'closed') closeAlert(state, change.alertId);
    state.position = position;
  }

  return {
    step(record, repeat) {
      const { entry } = record;
      if (entry.kind === 'event') {
        return repeat === 'new' ? judgeAndAdmit(record, entry) : { record, verdict: unjudged(repeat) };
      }
      admitControl(record, entry);
      return { record };
    },
    replay({ record, verdict }) {
      const { entry } = record;
      if (entry.kind !== 'event') {
        const about = agentOf(entry);
        if (about === undefined || !isPast(states, about, record)) admitControl(record, entry);
        return;
      }
      if (verdict === undefined || isPast(states, { tenant: entry.tenant, agent: entry.event.agent.id }, record))
        return;
      const state = states.agent({ tenant: entry.tenant, agent: entry.event.agent.id });
      turnClock(state, effectiveTime(entry.event, entry.receivedMs), states.tickMs, baseline, learners);
      admit(state, record, entry, verdict);
    },
  };
}

/** A state may be newer than the checkpoint: it was written away when its agent had to make room. */
const isPast = (states: PipelineState, about: AgentKey, { position }: LogRecord): boolean =>
  states.agent(about).position >= position;

/** Agents whose states a batch needs. */
export const agentsOf = (records: readonly LogRecord[]): AgentKey[] =>
  records.flatMap(({ entry }) => agentOf(entry) ?? []);

/** Contents that the records of a batch name, by tenant. */
export function contentsOf(records: readonly LogRecord[]): Map<string, string[]> {
  const named = new Map<string, string[]>();
  for (const { entry } of records) {
    if (!('content' in entry) || entry.content === undefined) continue;
    named.set(entry.tenant, [...(named.get(entry.tenant) ?? []), entry.content]);
  }
  return named;
}

export const unjudged = (status: Exclude<Repeat, 'new'>): Verdict => ({
  status,
  flags: [],
  session: '',
  knowledge: 'cold',
  known: { sessions: 0, events: 0 },
  score: 0,
  detectors: {},
  surprise: {},
  hits: [],
});
