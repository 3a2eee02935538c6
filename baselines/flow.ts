import type { AuditEvent, Classification, Destination } from '../ingest/event.ts';
import { emptyProvenance, type Origin, originOf, type Provenance } from './provenance.ts';
import type { ResultSource } from './result-log.ts';
import { boundedKey } from './statistics/bounded-key.ts';
import type { Decayed } from './statistics/decay.ts';

/** Where a destination came from and what could have gone there, as far as the session shows. */
export interface Flow {
  readonly origin: Origin;
  /** Most sensitive data the session had read by then, in confidential and restricted. */
  readonly sensitivity: Classification | undefined;
  /**
   * The flow as the agent's habit: by which tool, from which tool's result (or which other source), after which data. Replying to
   * whoever opened a ticket is one flow, however many customers there are.
   */
  readonly habit: string;
  /** The same, whatever data was read before. */
  readonly way: string;
}

/** Learned uses of each habit and way of sending to places the user did not name, decayed. */
export type Habits = Map<string, Decayed>;

/** A read of confidential or restricted data. */
export interface SensitiveRead {
  readonly event: string;
  readonly resource: string;
  readonly classification: Classification;
  readonly rows: number;
}

export interface FlowSources {
  readonly provenance: Provenance;
  readonly sensitive: readonly SensitiveRead[];
}

export function flowTo(destination: Destination, event: AuditEvent, session: FlowSources | undefined): Flow {
  const origin = originOf(session?.provenance ?? NOTHING_READ, destination.value, event);
  const sensitivity = mostSensitive([...(session?.sensitive ?? []), ...(event.resources ?? [])]);
  const source = origin.kind === 'result' ? `result of ${origin.source.action}` : origin.kind;
  const way = boundedKey(`${event.action.name} <- ${source}`);
  return { origin, sensitivity, way, habit: `${way} | ${sensitivity ?? '-'}` };
}

/** Values of a tool's results leave in pieces: the name of that habit. No way, and no part of one, has such a name. */
export const piecewiseHabit = ({ action }: ResultSource): string => boundedKey(`in pieces: result of ${action}`);

/** Whether a learned name is a way of the tool, not a habit of it. */
export const isWayOf = (tool: string, key: string): boolean => key.startsWith(`${tool} <- `) && !key.includes(' | ');

const NOTHING_READ: Readonly<Provenance> = emptyProvenance();

export function mostSensitive(data: readonly { classification?: Classification }[]): Classification | undefined {
  const has = (one: Classification) => data.some(({ classification }) => classification === one);
  if (has('restricted')) return 'restricted';
  return has('confidential') ? 'confidential' : undefined;
}
