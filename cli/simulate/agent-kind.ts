/** What the agents of one kind have in common. A new kind is one file in `kinds/` and one entry in `agent-kinds.ts`. */
import type { Classification, Destination } from '../../ingest/event.ts';
import type { Act, Tool } from './act.ts';
import type { Desk } from './desk.ts';
import type { Random } from './random.ts';
import type { RhythmName } from './rhythm.ts';
import type { SessionWriter } from './session-writer.ts';

export interface AgentKind {
  readonly owner: string;
  readonly clearance: Classification;
  readonly rhythm: RhythmName;
  /** Range from which each agent draws its sessions on an ordinary day. */
  readonly sessionsPerDay: readonly [number, number];
  /** Probability that the user asks for something more in the same session. */
  readonly followUp: number;
  readonly toolbox: Readonly<Record<string, Tool>>;
  readonly tasks: Readonly<Record<string, Task>>;
  /** Tasks with tools that do not exist until a rollout brings them. */
  readonly upcoming?: Readonly<Record<string, Task>>;
  readonly abilities: Abilities;
}

/** One thing users ask for. */
export interface Task {
  /** How often, relative to the other tasks of the kind. */
  readonly weight: number;
  readonly run: (desk: Desk, session: SessionWriter) => void;
  /** What tends to be asked next: task name to weight. Absent: any task by its own weight. */
  readonly next?: Readonly<Record<string, number>>;
}

/** What an attacker could make of such an agent: stories are written in these terms, and so fit kinds they do not know. */
export interface Abilities {
  /** Tools whose results carry text that outsiders wrote, as `server.name`. */
  readonly carriers: readonly string[];
  /** Reads rows of the most sensitive store within reach. `offset`: for reading page by page. */
  readonly read?: (desk: Desk, rows: number, random: Random, offset?: number) => Act;
  /** The way out for data. */
  readonly exit?: Exit;
  /** What it repeats when it is stuck. */
  readonly loop: (desk: Desk, random: Random) => Act;
}

export interface Exit {
  readonly kind: 'email' | 'url';
  /** Moves `bytes` bytes, described by `body`, to one place. */
  readonly send: (desk: Desk, to: Destination, body: string, bytes: number) => Act;
}
