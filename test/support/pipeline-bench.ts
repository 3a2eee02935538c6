/** Agents of one tenant on the real pipeline, without a store: what `agent-bench.ts` and `baseline-bench.ts` have in common. */
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { type BaselineSettings, DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { createPipeline, emptyPipelineState, type Pipeline, type Repeat } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import type { Detector } from '../../detectors/detector.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring, type Scoring } from '../../detectors/scoring.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { Disposition, LogEntry } from '../../ingest/log.ts';

export interface PipelineBenchOptions {
  readonly tenant: string;
  readonly detectors?: readonly Detector[];
  readonly alertBudget?: number;
  readonly settings?: Partial<BaselineSettings>;
  /** Stored states to begin with, and the newest tick before them. */
  readonly restored?: { readonly texts: Record<string, string>; readonly tickMs: number };
  /** Contents that records name, by hash. */
  readonly contents?: ReadonlyMap<string, string>;
  /** Sees what became of every entry that was appended. */
  readonly onJudged?: (judged: JudgedRecord) => void;
}

export interface PipelineBench {
  readonly pipeline: Pipeline;
  /** Takes the entry at the next position. */
  append(entry: LogEntry, repeat?: Repeat): JudgedRecord;
  /** Judges and admits; without `receivedMs` the event arrives when it happens. */
  event(event: AuditEvent, receivedMs?: number, repeat?: Repeat): Verdict;
  events(events: readonly AuditEvent[]): Verdict[];
  close(agent: string, alertId: string, disposition: Disposition, receivedMs?: number): void;
  state(key: AgentKey): AgentState;
  readonly states: ReadonlyMap<string, AgentState>;
  readonly scoring: Scoring;
  /** The stored form of a state. */
  stored(state: AgentState): string;
}

export function createPipelineBench(options: PipelineBenchOptions): PipelineBench {
  const { tenant, detectors = DETECTORS, alertBudget = 0.02, restored, contents, onJudged } = options;
  const baseline = { ...DEFAULT_BASELINE_SETTINGS, ...options.settings };
  const scoring = createScoring(detectors, baseline);
  const codec = slotCodec(scoring);
  const states = new Map<string, AgentState>();
  for (const [key, text] of Object.entries(restored?.texts ?? {})) {
    states.set(key, decodeState(text, STATE_FORMAT, codec));
  }
  const state = (key: AgentKey): AgentState => {
    const known = states.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
    states.set(cacheKey(key), known);
    return known;
  };
  const pipeline = createPipeline(
    { ...emptyPipelineState(state), tickMs: restored?.tickMs ?? 0, content: (hash) => contents?.get(hash) },
    scoring,
    { baseline, alertBudget, detectors: detectors.length },
  );
  // The log goes on behind what is restored.
  let position = 1 + Math.max(-1, ...Array.from(states.values(), (one) => one.position));
  const append: PipelineBench['append'] = (entry, repeat = 'new') => {
    const judged = pipeline.step({ partition: 0, position: position++, entry }, repeat);
    onJudged?.(judged);
    return judged;
  };
  const event: PipelineBench['event'] = (one, receivedMs = one.time, repeat) => {
    const { verdict } = append({ kind: 'event', tenant, receivedMs, event: one, digest: one.id }, repeat);
    if (verdict === undefined) throw new Error('an event always gets a verdict');
    return verdict;
  };
  return {
    pipeline,
    append,
    event,
    events: (events) => events.map((one) => event(one)),
    close(agent, alertId, disposition, receivedMs = 0) {
      append({ kind: 'disposition', tenant, receivedMs, agent, alertId, state: 'closed', disposition, by: 'ann' });
    },
    state,
    states,
    scoring,
    stored: (one) => encodeState(one, codec),
  };
}
