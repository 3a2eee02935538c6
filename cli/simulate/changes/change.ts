/** An honest change: something that looks different and is fine. What a detector says about it is a false alarm. */
import type { AgentKindName } from '../agent-kinds.ts';
import type { Model } from '../agent-profile.ts';
import type { Contact, Person } from '../company.ts';
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
  /** Customers who have just come: worked for more than others. */
  readonly contacts?: readonly Contact[];
  /** Another model answers, in a new version of the agent; `verbosity` is a factor on the length of its answers. */
  readonly upgrade?: { readonly version: string; readonly model: Model; readonly verbosity: number };
  /** Factor on the share of calls that fail and are tried again. */
  readonly failures?: number;
  /** Every service is reached under the name it has at this site. */
  readonly site?: string;
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
  readonly contacts: readonly Contact[];
  readonly upgrade: Effect['upgrade'];
  readonly failures: number;
  readonly site: string | undefined;
}

/** All effects of the moment together: factors multiply; of releases, upgrades and sites the last wins. */
export function conditionsAt(effects: readonly Effect[], timeMs: number): Conditions {
  const active = effects.filter((effect) => effect.startMs <= timeMs && timeMs < effect.endMs);
  const release = active.findLast((effect) => effect.release !== undefined)?.release;
  return {
    sessions: active.reduce((product, effect) => product * (effect.sessions ?? 1), 1),
    volume: active.reduce((product, effect) => product * (effect.volume ?? 1), 1),
    upcoming: release !== undefined,
    release,
    joiners: active.flatMap((effect) => effect.joiners ?? []),
    contacts: active.flatMap((effect) => effect.contacts ?? []),
    upgrade: active.findLast((effect) => effect.upgrade !== undefined)?.upgrade,
    failures: active.reduce((product, effect) => product * (effect.failures ?? 1), 1),
    site: active.findLast((effect) => effect.site !== undefined)?.site,
  };
}

export function idsOfKind(setting: Setting, kinds: readonly AgentKindName[]): string[] {
  return setting.agents.filter((agent) => kinds.includes(agent.kind)).map((agent) => agent.id);
}

/** Some of the agents that do not run on a schedule, at least one where there are any. */
export function someAtWork(setting: Setting, share: number, random: Random): string[] {
  const able = setting.agents.filter((agent) => agent.kind !== 'nightly-sync').map((agent) => agent.id);
  return random.sample(able, Math.max(1, Math.round(able.length * share)));
}
