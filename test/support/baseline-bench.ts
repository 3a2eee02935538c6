/** Agents on the real pipeline, without a store: like `agent-bench.ts`, with several agents, settings of one's own, and kind models. */
import { createHash } from 'node:crypto';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { type BaselineSettings, DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import type { KindModel } from '../../baselines/kind-model.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { encodeState } from '../../baselines/state-codec.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { createPipeline, emptyPipelineState, type Repeat } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import type { Detector } from '../../detectors/detector.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { Disposition, LogEntry } from '../../ingest/log.ts';
import { TENANT } from './agent-bench.ts';

export interface BaselineBench {
  /** Judges and admits; without `receivedMs` the event arrives when it happens. */
  event(event: AuditEvent, receivedMs?: number, repeat?: Repeat): Verdict;
  events(events: readonly AuditEvent[]): Verdict[];
  /** Stores the model and writes its record, as a publisher does. */
  publish(model: KindModel): void;
  close(agent: string, alertId: string, disposition: Disposition): void;
  state(agent: string): AgentState;
  states(): AgentState[];
  /** The stored form of one agent's state. */
  stored(agent: string): string;
}

export interface BaselineBenchOptions {
  readonly settings?: Partial<BaselineSettings>;
  readonly detectors?: readonly Detector[];
  readonly alertBudget?: number;
}

export function createBaselineBench({
  settings = {},
  detectors = DETECTORS,
  alertBudget = 0.02,
}: BaselineBenchOptions = {}): BaselineBench {
  const baseline = { ...DEFAULT_BASELINE_SETTINGS, ...settings };
  const scoring = createScoring(detectors, baseline);
  const codec = slotCodec(scoring);
  const states = new Map<string, AgentState>();
  const contents = new Map<string, string>();
  const agent = (key: AgentKey): AgentState => {
    const known = states.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
    states.set(cacheKey(key), known);
    return known;
  };
  const judging = { baseline, alertBudget, detectors: detectors.length };
  const pipeline = createPipeline(
    { ...emptyPipelineState(agent), content: (hash) => contents.get(hash) },
    scoring,
    judging,
  );
  let position = 0;
  const append = (entry: LogEntry, repeat: Repeat = 'new') =>
    pipeline.step({ partition: 0, position: position++, entry }, repeat).verdict;
  const event: BaselineBench['event'] = (one, receivedMs = one.time, repeat) => {
    const verdict = append({ kind: 'event', tenant: TENANT, receivedMs, event: one, digest: one.id }, repeat);
    if (verdict === undefined) throw new Error('an event always gets a verdict');
    return verdict;
  };
  const state = (id: string) => agent({ tenant: TENANT, agent: id });
  return {
    event,
    events: (events) => events.map((one) => event(one)),
    publish(model) {
      const text = JSON.stringify(model);
      const content = createHash('sha256').update(text).digest('hex');
      contents.set(content, text);
      append({ kind: 'model', tenant: TENANT, receivedMs: 0, agentKind: model.kind, content });
    },
    close(id, alertId, disposition) {
      append({
        kind: 'disposition',
        tenant: TENANT,
        receivedMs: 0,
        agent: id,
        alertId,
        state: 'closed',
        disposition,
        by: 'ann',
      });
    },
    state,
    states: () => [...states.values()],
    stored: (id) => encodeState(state(id), codec),
  };
}
