import { isToldMoreThanItAnswers, UNSAID } from '../ingest/acting-call.ts';
import { destinationHost } from '../ingest/destinations.ts';
import type { ActionType, AuditEvent } from '../ingest/event.ts';
import { rememberedTokens, valuesOf } from './act-values.ts';
import { type FlowSources, flowsOf, piecewiseHabit } from './flow.ts';
import { type Sums, sumsOf } from './measures.ts';
import { boundedKey } from './statistics/bounded-key.ts';
import { type Departure, isGone } from './value-log.ts';

/**
 * What is kept of an event until it enters the baseline: enough to learn from, no content. Names have the form and length that the
 * baseline gives them anyway.
 */
export interface LearnedEvent {
  readonly timeMs: number;
  readonly receivedMs: number;
  readonly type: ActionType;
  readonly endpoint: string;
  readonly tool: string;
  /** The tool used before it in its session; empty for the first. */
  readonly after: string;
  readonly destinations: readonly string[];
  readonly hosts: readonly string[];
  readonly resources: readonly string[];
  /** Habits of its flows to places the user did not name; see `flow.ts`. */
  readonly flows: readonly string[];
  /** Tokens of what it was told to act on; see `act-values.ts`. */
  readonly values: readonly number[];
  readonly sums: Sums;
}

/** How a destination is named in the baseline: kinds keep a channel and a user of one name apart. */
export const destinationKey = (destination: { kind: string; value: string }): string =>
  `${destination.kind}:${destination.value}`;

export function digestOf(
  event: AuditEvent,
  timeMs: number,
  receivedMs: number,
  session: FlowSources & { readonly lastTool: string },
  departing: readonly Departure[],
): LearnedEvent {
  return {
    timeMs,
    receivedMs,
    type: event.action.type,
    endpoint: boundedKey(event.endpoint),
    tool: boundedKey(event.action.name),
    after: boundedKey(session.lastTool),
    destinations: bounded(event.destinations?.map(destinationKey)),
    hosts: bounded(event.destinations?.flatMap((destination) => destinationHost(destination) ?? [])),
    resources: bounded(event.resources?.map(({ name }) => name)),
    flows: learnedFlows(event, session, departing),
    values: event.action.type === 'model_call' ? NONE : rememberedTokens(valuesOf(event)),
    sums: sumsOf(event),
  };
}

/** One list for all events that name nothing of a sort: most do not. */
const NONE: readonly never[] = [];

/** Each once; most events name none or one. */
function bounded(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined) return NONE;
  const keys = names.map(boundedKey);
  return keys.length <= 1 ? keys : [...new Set(keys)];
}

function habitsOf(event: AuditEvent, session: FlowSources): readonly string[] {
  const strange = flowsOf(event, session).filter(({ origin }) => origin.kind !== 'user');
  const [first] = strange;
  if (first === undefined) return NONE;
  if (strange.length === 1) return [first.way, first.habit];
  return [...new Set(strange.flatMap(({ way, habit }) => [way, habit]))];
}

function learnedFlows(event: AuditEvent, session: FlowSources, departing: readonly Departure[]): readonly string[] {
  const flows = movesDataOut(event) ? habitsOf(event, session) : NONE;
  if (departing.length === 0) return flows;
  return [...new Set([...flows, ...departing.filter(isGone).map(({ value }) => piecewiseHabit(value.source))])];
}

/** An act that changes something, or lets others: what somebody must have asked for. */
export const isAct = (event: AuditEvent): boolean =>
  event.action.type !== 'model_call' &&
  (ACTING.has(event.action.type) ||
    movesDataOut(event) ||
    (UNSAID.has(event.action.type) && isToldMoreThanItAnswers(event)));

const ACTING: ReadonlySet<ActionType> = new Set(['send', 'data_write', 'execute', 'delegate', 'auth', 'policy']);

/** A send, or any other act that names where data goes. */
export const movesDataOut = (event: AuditEvent): boolean =>
  event.action.type === 'send' || (event.destinations !== undefined && event.destinations.length > 0);
