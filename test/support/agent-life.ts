/** Ordinary life of one agent for tests of baselines: sessions over the day, drawn from a seed, with what varies as an argument. */
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { DAY_MS, HOUR_MS, toolCall } from './agent-bench.ts';

export interface LifeOptions {
  readonly seed: number | string;
  readonly agent?: string;
  readonly kind?: string;
  readonly fromMs: number;
  readonly days: number;
  /** Mean events on each day, counted from `fromMs`; half fall into 8 to 18 o'clock more than their share. */
  readonly eventsOn: (day: number) => number;
  /** Mean events of a session, at least 1. */
  readonly sessionEvents?: number;
  /** Rows of one read; none when undefined. */
  readonly rowsOn?: (day: number, random: Random) => number;
  /** Adds to the n-th event of the day, counted from 0. */
  readonly extra?: (day: number, n: number, random: Random) => Partial<AuditEvent>;
}

export const LIFE_AGENT = 'a1';

/** Events in order of time. Sessions come at random times; each has its events within a few minutes. */
export function livesOn(options: LifeOptions): AuditEvent[] {
  const random = createRandom(options.seed);
  return Array.from({ length: options.days }, (_, day) => lifeOfDay(options, day, random.fork(`day/${day}`))).flat();
}

function lifeOfDay(options: LifeOptions, day: number, random: Random): AuditEvent[] {
  const { sessionEvents = 3, agent = LIFE_AGENT, kind = 'desk', fromMs } = options;
  const sessions = random.poisson(options.eventsOn(day) / sessionEvents);
  const drafts = Array.from({ length: sessions }, (_, s) => {
    const startMs = fromMs + day * DAY_MS + workingTime(random);
    const events = 1 + random.poisson(sessionEvents - 1);
    return Array.from({ length: events }, (_, n) => ({ session: `${day}-${s}`, timeMs: startMs + n * 20_000 }));
  }).flat();
  drafts.sort((one, other) => one.timeMs - other.timeMs);
  return drafts.map(({ session, timeMs }, n) =>
    toolCall(`${agent}-${options.seed}-${day}-${n}`, timeMs, {
      agent: { id: agent, kind },
      session: { id: `${agent}-${options.seed}-${session}` },
      ...readOf(options, day, random),
      ...options.extra?.(day, n, random),
    }),
  );
}

/** Offset into the day: two in three between 8 and 18 o'clock. */
const workingTime = (random: Random): number =>
  random.chance(2 / 3) ? (8 + 10 * random.uniform()) * HOUR_MS : random.uniform() * DAY_MS;

function readOf({ rowsOn }: LifeOptions, day: number, random: Random): Partial<AuditEvent> {
  if (rowsOn === undefined) return {};
  const rows = Math.max(1, Math.round(rowsOn(day, random)));
  return { action: { type: 'data_read', name: 'search_tickets', phase: 'completed' }, data: { rows } };
}
