import { DAY_MS } from '../periods.ts';

/**
 * Offset of an IANA time zone from UTC, cheap enough to ask for every event.
 *
 * Intl knows the offsets but takes microseconds a question. A week in which both ends have the same offset is taken to have it
 * throughout; in the two weeks a year where they differ the change is found by bisection, to the minute. Each week is asked for once.
 *
 * The answer is that of the ICU data in this Node build: another build may know a newer rule, which moves hours of the week, not
 * events. Fails for two opposite changes within one week; none is known since 1970.
 */
const WEEK_MS = 7 * DAY_MS;
const MINUTE_MS = 60_000;
/** Some 2.5 years of weeks; at the limit the week asked for first is forgotten, and is found again when needed. */
const WEEKS_MAX = 128;

interface Week {
  readonly startMs: number;
  /** First instant with the offset `after`; the end of the week when nothing changes in it. */
  readonly changeMs: number;
  readonly before: number;
  readonly after: number;
}

/** Offset in ms, to be added to an epoch time to get local time; throws RangeError for a zone that Intl does not know. */
export function zoneOffsetAt(zone: string): (tMs: number) => number {
  // Most have no other, and Intl takes a millisecond to begin.
  if (zone === 'UTC') return () => 0;
  const ask = createAsk(zone);
  const weeks = new Map<number, Week>();
  let latest = weekAt(0, ask);
  return (tMs) => {
    if (tMs < latest.startMs || tMs >= latest.startMs + WEEK_MS) latest = recall(weeks, tMs, ask);
    return tMs < latest.changeMs ? latest.before : latest.after;
  };
}

function recall(weeks: Map<number, Week>, tMs: number, ask: (tMs: number) => number): Week {
  const startMs = Math.floor(tMs / WEEK_MS) * WEEK_MS;
  const known = weeks.get(startMs);
  if (known !== undefined) return known;
  const week = weekAt(startMs, ask);
  if (weeks.size >= WEEKS_MAX) weeks.delete(weeks.keys().next().value ?? startMs);
  weeks.set(startMs, week);
  return week;
}

function weekAt(startMs: number, ask: (tMs: number) => number): Week {
  const before = ask(startMs);
  const after = ask(startMs + WEEK_MS - MINUTE_MS);
  let low = startMs;
  let high = startMs + WEEK_MS;
  while (before !== after && high - low > MINUTE_MS) {
    const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS;
    if (ask(middle) === before) low = middle;
    else high = middle;
  }
  return { startMs, changeMs: high, before, after };
}

/** Offset by Intl: the local reading of an instant, taken for UTC, minus the instant. */
function createAsk(zone: string): (tMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (tMs) => {
    const read: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(tMs)) read[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = read;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(tMs / 1000) * 1000;
  };
}
