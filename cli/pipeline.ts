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
import { closeAlert, enterHit } from '../alerts/alert-book.ts';
import { type JudgeSettings, judgeEvent } from '../alerts/judge.ts';
import { type AgentState, admitDisposition, admitEvent, effectiveTime, turnClock } from '../baselines/agent-state.ts';
import type { JudgedRecord } from '../baselines/event-log-store.ts';
import type { AgentKey } from '../baselines/state-cache.ts';
import type { Verdict, VerdictStatus } from '../baselines/verdict.ts';
import type { Scoring } from '../detectors/scoring.ts';
import type { AlertChangeEntry, EventEntry, LogEntry, LogRecord } from '../ingest/log.ts';

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
}

export function createPipeline(states: PipelineState, scoring: Scoring, settings: JudgeSettings): Pipeline {
  const { baseline } = settings;
  const { learners } = scoring;

  function judgeAndAdmit(record: LogRecord, entry: EventEntry): JudgedRecord {
    const state = states.agent({ tenant: entry.tenant, agent: entry.event.agent.id });
    const timeMs = effectiveTime(entry.event, entry.receivedMs);
    turnClock(state, timeMs, states.tickMs, baseline, learners);
    const verdict = judgeEvent(state, entry, scoring, settings);
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

  function admitControl(record: LogRecord, entry: Exclude<LogEntry, EventEntry>): void {
    if (entry.kind === 'tick') states.tickMs = Math.max(states.tickMs, entry.receivedMs);
    if (entry.kind !== 'disposition') return;
    changeAlert(states.agent({ tenant: entry.tenant, agent: entry.agent }), record.position, entry);
  }

  function changeAlert(state: AgentState, position: number, change: AlertChangeEntry): void {
    turnClock(state, undefined, states.tickMs, baseline, learners);
    admitDisposition(state, change, baseline, learners);
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
        const past = entry.kind === 'disposition' && isPast(states, entry.tenant, entry.agent, record);
        if (!past) admitControl(record, entry);
        return;
      }
      if (verdict === undefined || isPast(states, entry.tenant, entry.event.agent.id, record)) return;
      const state = states.agent({ tenant: entry.tenant, agent: entry.event.agent.id });
      turnClock(state, effectiveTime(entry.event, entry.receivedMs), states.tickMs, baseline, learners);
      admit(state, record, entry, verdict);
    },
  };
}

/** A state may be newer than the checkpoint: it was written away when its agent had to make room. */
const isPast = (states: PipelineState, tenant: string, agent: string, { position }: LogRecord): boolean =>
  states.agent({ tenant, agent }).position >= position;

/** Agents whose states a batch needs. */
export const agentsOf = (records: readonly LogRecord[]): AgentKey[] =>
  records.flatMap(({ entry }) => {
    if (entry.kind === 'event') return [{ tenant: entry.tenant, agent: entry.event.agent.id }];
    return entry.kind === 'disposition' ? [{ tenant: entry.tenant, agent: entry.agent }] : [];
  });

const unjudged = (status: Exclude<Repeat, 'new'>): Verdict => ({
  status,
  flags: [],
  session: '',
  knowledge: 'cold',
  score: 0,
  detectors: {},
  surprise: {},
  hits: [],
});
