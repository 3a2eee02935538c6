/** An honest change: something that looks different and is fine. What a detector says about it is a false alarm. */
import type { AgentKindName } from '../agent-kinds.ts';
import type { Person } from '../company.ts';
import type { Random } from '../random.ts';

export interface Change {
  readonly summary: string;
  /** What happens in this run. Empty when the fleet has nobody it could happen to. */
  plan(setting: Setting, random: Random): readonly PlannedChange[];
}

/** The run in which a change happens. */
export interface Setting {
  readonly agents: readonly FleetMember[];
  readonly startMs: number;
  readonly endMs: number;
  /** Changes begin about here: late enough for the agents to be known. */
  readonly changesFromMs: number;
}

export interface FleetMember {
  readonly id: string;
  readonly kind: AgentKindName;
  /** When it first works. */
  readonly startMs: number;
}

export interface PlannedChange {
  readonly startMs: number;
  readonly endMs: number;
  readonly agents: readonly string[];
  readonly words: string;
  readonly effects: readonly Effect[];
  /** Agents that join because of it. */
  readonly newcomers?: readonly FleetMember[];
}

/** What is different for some agents during some time. Absent: as before. */
export interface Effect {
  readonly agents: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
  /** Factor on the number of sessions. */
  readonly sessions?: number;
  /** Factor on rows and sizes. */
  readonly volume?: number;
  /** The kind's upcoming tasks are there, in a new release of the agent. */
  readonly release?: Release;
  readonly joiners?: readonly Person[];
}

export interface Release {
  readonly version: string;
  readonly toolsHash: string;
}

export interface Conditions {
  readonly sessions: number;
  readonly volume: number;
  readonly upcoming: boolean;
  readonly release: Release | undefined;
  readonly joiners: readonly Person[];
}

/** All effects of the moment together: factors multiply, the last release wins. */
export function conditionsAt(effects: readonly Effect[], timeMs: number): Conditions {
  const active = effects.filter((effect) => effect.startMs <= timeMs && timeMs < effect.endMs);
  const release = active.findLast((effect) => effect.release !== undefined)?.release;
  return {
    sessions: active.reduce((product, effect) => product * (effect.sessions ?? 1), 1),
    volume: active.reduce((product, effect) => product * (effect.volume ?? 1), 1),
    upcoming: release !== undefined,
    release,
    joiners: active.flatMap((effect) => effect.joiners ?? []),
  };
}

export function idsOfKind(setting: Setting, kinds: readonly AgentKindName[]): string[] {
  return setting.agents.filter((agent) => kinds.includes(agent.kind)).map((agent) => agent.id);
}
