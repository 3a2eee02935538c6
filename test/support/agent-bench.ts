/** One agent on the real pipeline, without a store: tests feed events, ticks and dispositions, and look at verdicts and states. */

import type { AgentState } from '../../baselines/agent-state.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { type Detector, noSlot } from '../../detectors/detector.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { Disposition, LogRecord } from '../../ingest/log.ts';
import { createPipelineBench, type PipelineBench, type PipelineBenchOptions } from './pipeline-bench.ts';

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
  budgetShare: { told: 1, untold: 1 },
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

export interface AgentBench extends Pick<PipelineBench, 'event' | 'events'> {
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

export type BenchOptions = Partial<
  Pick<PipelineBenchOptions, 'tenant' | 'detectors' | 'alertBudget' | 'restored' | 'contents'>
>;

export function createAgentBench(options: BenchOptions = {}): AgentBench {
  const { tenant = TENANT } = options;
  const log: JudgedRecord[] = [];
  const bench = createPipelineBench({ ...options, tenant, onJudged: (judged) => log.push(judged) });
  const { pipeline, append, event, events, states, stored } = bench;
  return {
    event,
    events,
    tick: (receivedMs) => void append({ kind: 'tick', receivedMs }),
    close: (alertId, disposition, receivedMs) => bench.close(AGENT, alertId, disposition, receivedMs),
    log,
    replay: (judged) => pipeline.replay(judged),
    step: (record) => pipeline.step(record, 'new'),
    state: (agent = AGENT, owner = tenant) => bench.state({ tenant: owner, agent }),
    texts: () => Object.fromEntries([...states].map(([key, state]) => [key, stored(state)])),
  };
}
