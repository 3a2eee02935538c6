/**
 * Agents at work without attacks, and what the pipeline says of each of their sessions. A world has two fleets: one that starts
 * together, without anybody to compare with, and one that joins two weeks later, when agents of its kinds are known.
 */
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { modelsOf } from '../../baselines/kind-model.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { AuditEvent, WireEvent } from '../../ingest/event.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { DAY_MS, TENANT } from './agent-bench.ts';
import { type BaselineBench, createBaselineBench } from './baseline-bench.ts';

export interface WorldOptions {
  readonly seed: string;
  /** In each of the two fleets. */
  readonly agents: number;
  /** Of the first fleet; the second has `LATER_DAYS` fewer. */
  readonly days: number;
  /** At which agents alert: false alerts per agent and day over all detectors. */
  readonly alertBudget: number;
  /** True: every alert is closed as a false positive a day after it opened. False: nobody looks at alerts. */
  readonly analyst: boolean;
}

export interface BenignSession {
  readonly agent: string;
  /** Days since the agent's first event, at the session's first. */
  readonly age: number;
  /** It belongs to the fleet that joined when its kinds were known. */
  readonly joinedLater: boolean;
  /** Lowest p of the session by detector: before the agent's history corrected it, and after. Absent: 1. */
  readonly claimed: Map<string, number>;
  readonly corrected: Map<string, number>;
  /** Alerts it opened, by detector. */
  readonly alerts: Map<string, number>;
}

export interface BenignWorld {
  readonly sessions: readonly BenignSession[];
  /** Days each agent was there. */
  readonly agentDays: ReadonlyMap<string, number>;
  readonly events: number;
}

export const LATER_DAYS = 14;
const START_MS = Date.UTC(2026, 0, 2);
const DECADES = 8;

export function liveBenignWorld(options: WorldOptions): BenignWorld {
  const { seed, agents, days, alertBudget, analyst } = options;
  const later = days - LATER_DAYS;
  const first = fleetEvents(`${seed}-first`, agents, days, START_MS);
  const second = fleetEvents(`${seed}-later`, agents, later, START_MS + LATER_DAYS * DAY_MS);
  const events = [...first, ...second].sort((one, other) => one.time - other.time);
  const bench = createBaselineBench({ alertBudget });
  const sessions = new Map<string, BenignSession>();
  const bornMs = new Map<string, number>();
  const open: OpenAlert[] = [];
  let publishedMs = 0;
  for (const event of events) {
    const { agent, time } = event;
    if (time - publishedMs >= DAY_MS) {
      publishKinds(bench);
      publishedMs = time;
    }
    if (analyst) dismiss(bench, open, time - DAY_MS);
    const verdict = bench.event(event);
    bornMs.set(agent.id, bornMs.get(agent.id) ?? time);
    const key = `${agent.id}\u0000${verdict.session}`;
    const session = sessions.get(key) ?? beginning(agent.id, (time - (bornMs.get(agent.id) ?? time)) / DAY_MS);
    sessions.set(key, session);
    note(session, verdict);
    for (const { opened, alertId } of verdict.hits) if (opened) open.push({ agent: agent.id, alertId, openedMs: time });
  }
  const endMs = START_MS + days * DAY_MS;
  const agentDays = new Map([...bornMs].map(([agent, ms]) => [agent, (endMs - ms) / DAY_MS]));
  return { sessions: [...sessions.values()], agentDays, events: events.length };
}

interface OpenAlert {
  readonly agent: string;
  readonly alertId: string;
  readonly openedMs: number;
}

/** As a worker does it once a day. */
function publishKinds(bench: BaselineBench): void {
  const ours = bench.states().filter(({ tenant }) => tenant === TENANT);
  for (const { model } of modelsOf(ours, DEFAULT_BASELINE_SETTINGS, bench.lend)) bench.publish(model);
}

function dismiss(bench: BaselineBench, open: OpenAlert[], untilMs: number): void {
  for (let first = open[0]; first !== undefined && first.openedMs <= untilMs; first = open[0]) {
    bench.close(first.agent, first.alertId, 'false_positive');
    open.shift();
  }
}

function note({ claimed, corrected, alerts }: BenignSession, { surprise, detectors, hits }: Verdict): void {
  for (const [detector, one] of Object.entries(surprise)) lower(claimed, detector, 10 ** -one);
  for (const [detector, score] of Object.entries(detectors)) lower(corrected, detector, 10 ** (-DECADES * score));
  for (const { detector, opened } of hits) if (opened) alerts.set(detector, (alerts.get(detector) ?? 0) + 1);
}

const beginning = (agent: string, age: number): BenignSession => ({
  agent,
  age,
  joinedLater: agent.includes('-later/'),
  claimed: new Map(),
  corrected: new Map(),
  alerts: new Map(),
});

function lower(lowest: Map<string, number>, detector: string, p: number): void {
  lowest.set(detector, Math.min(p, lowest.get(detector) ?? 1));
}

/** Honest changes included; agents are named after their fleet, since two fleets name theirs alike. */
function fleetEvents(seed: string, agents: number, days: number, startMs: number): AuditEvent[] {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });
  return simulateFleet({ seed, agents, days, startMs, storiesPerKind: 0 }).events.map((event, i) => {
    const renamed: WireEvent = { ...event, agent: { ...event.agent, id: `${seed}/${event.agent.id}` } };
    const receivedMs = Date.parse(String(event.time));
    const context = { tenant: 'bench', receivedMs, source: 'bench', sourcePosition: String(i), fallbackId: String(i) };
    const admitted = intake.admit(Buffer.from(JSON.stringify(renamed)), context);
    if (!admitted.ok) throw new Error(`A simulated event was refused: ${admitted.letter.code}`);
    return admitted.entry.event;
  });
}
