/** One agent on the real pipeline, without a store: tests feed events, ticks and dispositions, and look at verdicts and states. */

import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { createPipeline, emptyPipelineState, type Repeat } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { type Detector, noSlot } from '../../detectors/detector.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { Disposition, LogEntry, LogRecord } from '../../ingest/log.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** A Monday, 09:00 UTC. */
export const MONDAY_MS = Date.UTC(2026, 0, 5, 9);
export const TENANT = 'acme';
export const AGENT = 'a1';

/** A normalised tool call; `extra` replaces whole fields. */
export const toolCall = (id: string, timeMs: number, extra: Partial<AuditEvent> = {}): AuditEvent => ({
  id,
  time: timeMs,
  agent: { id: AGENT, kind: 'desk' },
  session: { id: `s-${id}` },
  principal: { id: 'u1', kind: 'user' },
  action: { type: 'tool_call', name: 'search_tickets', phase: 'completed' },
  endpoint: 'desk.search_tickets',
  outcome: 'success',
  ...extra,
});

/**
 * Alerts on every act whose name begins with `alarm`, at p = 1e-9, whatever the baseline says: what happens around an alert can be
 * tested without depending on how detectors are tuned. What follows the first blank of the name is the subject.
 */
export const tripwire: Detector<null> = {
  name: 'tripwire',
  tags: ['T0000'],
  ...noSlot,
  score: (event) =>
    event.action.name.startsWith('alarm')
      ? {
          subject: event.action.name.split(' ')[1] ?? 'alarm',
          p: 1e-9,
          level: 'ceiling',
          severity: 3,
          explain: () => ({
            title: 'The wire was touched',
            why: 'The wire was touched.',
            measure: 'touches',
            observed: 1,
            expected: 0,
            bound: 0,
            chain: [{ event: event.id, role: 'the touch' }],
          }),
        }
      : undefined,
  canary: { history: [], probe: [] },
};

/** The act on which `tripwire` fires. */
export const alarm = (id: string, timeMs: number, extra: Partial<AuditEvent> = {}): AuditEvent =>
  toolCall(id, timeMs, { action: { type: 'tool_call', name: 'alarm', phase: 'completed' }, ...extra });

export interface AgentBench {
  /** Judges and admits; without `receivedMs` the event arrives when it happens. */
  event(event: AuditEvent, receivedMs?: number, repeat?: Repeat): Verdict;
  events(events: readonly AuditEvent[]): Verdict[];
  tick(receivedMs: number): void;
  close(alertId: string, disposition: Disposition, receivedMs?: number): void;
  /** What `step` made of every record so far. */
  readonly log: JudgedRecord[];
  replay(judged: JudgedRecord): void;
  step(record: LogRecord): JudgedRecord;
  state(agent?: string, tenant?: string): AgentState;
  /** The stored form of every state, by agent. */
  texts(): Record<string, string>;
}

export interface BenchOptions {
  readonly detectors?: readonly Detector[];
  readonly alertBudget?: number;
  readonly tenant?: string;
  /** Stored states to begin with, and the newest tick before them. */
  readonly restored?: { readonly texts: Record<string, string>; readonly tickMs: number };
}

export function createAgentBench(options: BenchOptions = {}): AgentBench {
  const { detectors = DETECTORS, alertBudget = 0.02, tenant = TENANT, restored } = options;
  const baseline = DEFAULT_BASELINE_SETTINGS;
  const scoring = createScoring(detectors, baseline);
  const codec = slotCodec(scoring);
  const states = new Map<string, AgentState>();
  for (const [key, text] of Object.entries(restored?.texts ?? {}))
    states.set(key, decodeState(text, STATE_FORMAT, codec));
  const agent = (key: AgentKey): AgentState => {
    const known = states.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
    states.set(cacheKey(key), known);
    return known;
  };
  const pipeline = createPipeline({ ...emptyPipelineState(agent), tickMs: restored?.tickMs ?? 0 }, scoring, {
    baseline,
    alertBudget,
    detectors: detectors.length,
  });
  const log: JudgedRecord[] = [];
  const append = (entry: LogEntry, repeat: Repeat = 'new'): JudgedRecord => {
    const judged = pipeline.step({ partition: 0, position: log.length, entry }, repeat);
    log.push(judged);
    return judged;
  };
  const event: AgentBench['event'] = (one, receivedMs = one.time, repeat) => {
    const { verdict } = append({ kind: 'event', tenant, receivedMs, event: one, digest: one.id }, repeat);
    if (verdict === undefined) throw new Error('an event always gets a verdict');
    return verdict;
  };
  return {
    event,
    events: (events) => events.map((one) => event(one)),
    tick: (receivedMs) => void append({ kind: 'tick', receivedMs }),
    close(alertId, disposition, receivedMs = 0) {
      append({
        kind: 'disposition',
        tenant,
        receivedMs,
        agent: AGENT,
        alertId,
        state: 'closed',
        disposition,
        by: 'ann',
      });
    },
    log,
    replay: (judged) => pipeline.replay(judged),
    step: (record) => pipeline.step(record, 'new'),
    state: (id = AGENT, owner = tenant) => agent({ tenant: owner, agent: id }),
    texts: () => Object.fromEntries([...states].map(([key, state]) => [key, encodeState(state, codec)])),
  };
}
