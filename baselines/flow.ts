import type { AuditEvent, Classification, Destination } from '../ingest/event.ts';
import type { ResultSource } from './kept-results.ts';
import {
  emptyProvenance,
  type Heard,
  heardNoMore,
  heardSoFar,
  type Origin,
  originOf,
  type Provenance,
} from './provenance.ts';
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

/**
 * The flows to the event's destinations, in their order. Kept for the event asked for last, while nothing has entered its session: it is asked
 * for to score the event and to learn from it.
 */
export function flowsOf(event: AuditEvent, session: FlowSources | undefined): readonly Flow[] {
  if (event.destinations === undefined) return NONE;
  const { provenance, sensitive } = session ?? NO_SOURCES;
  if (newest?.event === event && newest.sensitive === sensitive.length && heardNoMore(newest.heard, provenance))
    return newest.flows;
  const sensitivity = mostSensitive(sensitive, event.resources);
  const flows = event.destinations.map((destination) => flowTo(destination, event, provenance, sensitivity));
  newest = { event, heard: heardSoFar(provenance), sensitive: sensitive.length, flows };
  return flows;
}

const NONE: readonly Flow[] = [];

/** The event asked for last, and what there was to go by. */
let newest:
  | {
      readonly event: AuditEvent;
      readonly heard: Heard;
      readonly sensitive: number;
      readonly flows: readonly Flow[];
    }
  | undefined;

function flowTo(
  destination: Destination,
  event: AuditEvent,
  provenance: Readonly<Provenance>,
  sensitivity: Classification | undefined,
): Flow {
  const origin = originOf(provenance, destination.value, event);
  const source = origin.kind === 'result' ? `result of ${origin.source.action}` : origin.kind;
  const way = boundedKey(`${event.action.name} <- ${source}`);
  return { origin, sensitivity, way, habit: `${way} | ${sensitivity ?? '-'}` };
}

/** Values of a tool's results leave in pieces: the name of that habit. No way, and no part of one, has such a name. */
export const piecewiseHabit = ({ action }: ResultSource): string => boundedKey(`in pieces: result of ${action}`);

/** Whether a learned name is a way of the tool, not a habit of it. */
export const isWayOf = (tool: string, key: string): boolean => key.startsWith(`${tool} <- `) && !key.includes(' | ');

const NO_SOURCES: FlowSources = { provenance: emptyProvenance(), sensitive: [] };

type Classified = readonly { readonly classification?: Classification }[];

/** Of what was read before, and what the event at hand touches. */
export function mostSensitive(before: Classified, now: Classified = NOTHING): Classification | undefined {
  let most: Classification | undefined;
  for (const data of [before, now])
    for (const { classification } of data) {
      if (classification === 'restricted') return 'restricted';
      if (classification === 'confidential') most = 'confidential';
    }
  return most;
}

const NOTHING: Classified = [];
