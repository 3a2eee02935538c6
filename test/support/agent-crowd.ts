/** Very many agents with small events, for measuring what one costs: who acts is drawn from Zipf's law. */
import { createRandom } from '../../cli/simulate/random.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { DAY_MS, HOUR_MS, toolCall } from './agent-bench.ts';

const START_MS = Date.UTC(2026, 0, 5, 9);
/** Between two events of the crowd, at most an hour apart in all. */
const STEP_MS = 10;

/** One session of `events` events for every agent, within an hour. */
export function* firstSessions(agents: number, events: number): Generator<AuditEvent> {
  for (let n = 0; n < events; n++) {
    for (let agent = 0; agent < agents; agent++)
      yield act(agent, `first-${n}`, 'first', START_MS + ((n * agents + agent) / (agents * events)) * HOUR_MS);
  }
}

/** A day later: events of agents drawn by Zipf(1.1), in sessions of the hour. */
export function zipfEvents(agents: number, count: number): AuditEvent[] {
  const draw = zipfAgents(agents, `zipf/${agents}`);
  return Array.from({ length: count }, (_, n) => act(draw(), `${n}`, 'second', START_MS + DAY_MS + n * STEP_MS));
}

/** Names are of one length, so that the states of the crowd are. */
export const crowdAgent = (agent: number): string => `agent-${String(agent).padStart(CROWD_DIGITS, '0')}`;
export const CROWD_DIGITS = 8;

/** One event of an agent, in a session of its own. */
export const crowdEvent = (agent: number, id: string, timeMs: number): AuditEvent => act(agent, id, id, timeMs);

/** Draws agents by Zipf(1.1): the first is the most frequent. */
export function zipfAgents(agents: number, seed: string): () => number {
  const random = createRandom(seed);
  const upTo = cumulative(agents);
  const total = upTo.at(-1) ?? 0;
  return () => indexOf(upTo, random.uniform() * total);
}

function act(agent: number, id: string, session: string, timeMs: number): AuditEvent {
  const key = agent + id.length;
  return toolCall(`${agent}-${id}`, timeMs, {
    agent: { id: crowdAgent(agent), kind: `kind-${agent % 20}` },
    session: { id: `${agent}-${session}` },
    endpoint: `service.${key % 7}`,
    action: { type: 'data_read', name: `tool-${key % 5}`, phase: 'completed' },
    data: { rows: 10 + (key % 13), bytes_received: 900 },
    usage: { input_tokens: 400 + (key % 100), output_tokens: 60 },
  });
}

const EXPONENT = 1.1;

function cumulative(agents: number): Float64Array {
  const sums = new Float64Array(agents);
  let sum = 0;
  for (let rank = 0; rank < agents; rank++) {
    sum += (rank + 1) ** -EXPONENT;
    sums[rank] = sum;
  }
  return sums;
}

/** The first index whose sum exceeds `value`. */
function indexOf(sums: Float64Array, value: number): number {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
