import type { AuditEvent } from '../ingest/event.ts';

/** Amounts an agent is measured by, with the unit a person reads. */
export const MEASURES = {
  events: 'events',
  rows: 'rows read',
  bytes_received: 'bytes received',
  bytes_sent: 'bytes sent',
  tokens: 'tokens',
  cost_micro_usd: 'micro-USD',
} as const;

export type Measure = keyof typeof MEASURES;
export const MEASURE_NAMES = Object.keys(MEASURES) as Measure[];

export type Sums = Record<Measure, number>;

/** What is kept of one measure. Written out: every event asks dozens of times, and a look-up by a name that varies costs several times as much. */
export function ofMeasure<Of>(all: Readonly<Record<Measure, Of>>, measure: Measure): Of {
  switch (measure) {
    case 'events':
      return all.events;
    case 'rows':
      return all.rows;
    case 'bytes_received':
      return all.bytes_received;
    case 'bytes_sent':
      return all.bytes_sent;
    case 'tokens':
      return all.tokens;
    case 'cost_micro_usd':
      return all.cost_micro_usd;
  }
}

export const emptySums = (): Sums => ({
  events: 0,
  rows: 0,
  bytes_received: 0,
  bytes_sent: 0,
  tokens: 0,
  cost_micro_usd: 0,
});

/** Written out, here and below: this runs several times an event, and a loop over names costs several times as much. */
export function addSums(into: Sums, more: Readonly<Sums>): void {
  into.events += more.events;
  into.rows += more.rows;
  into.bytes_received += more.bytes_received;
  into.bytes_sent += more.bytes_sent;
  into.tokens += more.tokens;
  into.cost_micro_usd += more.cost_micro_usd;
}

export const sumOf = (one: Readonly<Sums>, other: Readonly<Sums>): Sums => ({
  events: one.events + other.events,
  rows: one.rows + other.rows,
  bytes_received: one.bytes_received + other.bytes_received,
  bytes_sent: one.bytes_sent + other.bytes_sent,
  tokens: one.tokens + other.tokens,
  cost_micro_usd: one.cost_micro_usd + other.cost_micro_usd,
});

/**
 * Bytes that a session can have passed on of what it read: it cannot have sent more than it read, nor more than it sent. Far above normal, what
 * was read left, though reading and sending may each be ordinary.
 */
export const passedOn = ({ bytes_received, bytes_sent }: Readonly<Sums>): number =>
  Math.min(bytes_received, bytes_sent);

/**
 * What one event adds. Only completed acts count. Bytes that go into a model call are the conversation itself sent again and
 * again: they are tokens, not data that left, so `bytes_sent` counts other acts only.
 */
export function sumsOf(event: AuditEvent): Sums {
  if (event.action.phase !== 'completed') return { ...emptySums(), events: 1 };
  const modelCall = event.action.type === 'model_call';
  return {
    events: 1,
    rows: event.data?.rows ?? 0,
    bytes_received: modelCall ? 0 : (event.data?.bytes_received ?? 0),
    bytes_sent: modelCall ? 0 : (event.data?.bytes_sent ?? 0),
    tokens: (event.usage?.input_tokens ?? 0) + (event.usage?.output_tokens ?? 0),
    cost_micro_usd: event.cost?.micro_usd ?? 0,
  };
}
