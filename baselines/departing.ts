import type { AuditEvent } from '../ingest/event.ts';
import type { KeptValue } from './kept-values.ts';
import { type EncodedRun, encodedRuns, leavingRuns, mayCarry } from './leaving-runs.ts';
import { eachStretch } from './long-runs.ts';
import type { Provenance } from './provenance.ts';
import { holds } from './result-log.ts';
import { fnv1a } from './statistics/bounded-key.ts';
import { tokensOf } from './tokens.ts';
import { type Departure, departures, type LeavingRun, type ValueLog, wholeIn } from './value-log.ts';

/**
 * Values read in the session of which the event takes pieces along; changes nothing. In proportion to what is kept and what leaves. Kept as long
 * as the event is: it is asked for to score it and to admit it, and nothing leaves the session in between.
 */
export function departuresOf(provenance: Readonly<Provenance>, event: AuditEvent): readonly Departure[] {
  const log = provenance.values;
  if (log === undefined || !mayCarry(event)) return NONE;
  const known = FOUND.get(event);
  if (known !== undefined && known.log === log && known.stretches === log.stretches) return known.found;
  const found = findDepartures(log, provenance, event);
  FOUND.set(event, { log, stretches: log.stretches, found });
  return found;
}

const FOUND = new WeakMap<AuditEvent, Pick<ValueLog, 'stretches'> & { log: ValueLog; found: readonly Departure[] }>();

function findDepartures(
  log: Readonly<ValueLog>,
  provenance: Readonly<Provenance>,
  event: AuditEvent,
): readonly Departure[] {
  const runs = leavingRuns(event);
  if (runs.length === 0) return NONE;
  const holding = runsByStretch(runs, log.stretches, provenance);
  if (holding.size === 0) return NONE;
  const inRun = (stretch: number) => (MAYBE[placeOf(stretch)] === LEAVES ? holding.get(stretch) : undefined);
  return departures(log, { holding: inRun }, event.id);
}

const NONE: readonly Departure[] = [];

/**
 * Values read in the session that leave whole, but encoded. Not in a link that some text of the session holds (agents pass on what they were given,
 * and encode nothing by themselves), and not what the user named. Which texts hold what is asked only of runs that are a value.
 */
export function encodedIn(provenance: Readonly<Provenance>, event: AuditEvent): readonly KeptValue[] {
  const log = provenance.values;
  if (log === undefined || !mayCarry(event)) return NO_VALUES;
  const runs = encodedRuns(event);
  if (runs.length === 0) return NO_VALUES;
  const { user, context, results } = provenance;
  const isToken = (token: number) => user.has(token) || context.has(token) || holds(results, token);
  const given = new Map<string, boolean>();
  const isGiven = (piece: string): boolean => {
    const known = given.get(piece) ?? tokensOf(piece).every(isToken);
    given.set(piece, known);
    return known;
  };
  const isAsked = ({ text, token }: EncodedRun): boolean =>
    user.has(fnv1a(text.toLowerCase())) || tokensOf(token).some((one) => user.has(one));
  const holding = runsByStretch(new Set(runs.map(({ text }) => text)), log.stretches, provenance);
  return wholeIn(log, { holding: (stretch) => holding.get(stretch) }, ({ text }) =>
    runs.some((run) => run.text === text && !isGiven(run.piece) && !isAsked(run)),
  );
}

const NO_VALUES: readonly KeptValue[] = [];

/** By those stretches that may stand in a value. */
function runsByStretch(
  runs: Iterable<string>,
  kept: Int32Array,
  provenance: Readonly<Provenance>,
): Map<number, LeavingRun[]> {
  MAYBE.fill(0);
  for (let i = 0; i < kept.length; i++) MAYBE[placeOf(kept[i] ?? 0)] = KEPT;
  const found = new Map<number, LeavingRun[]>();
  for (const text of runs) {
    const run: LeavingRun = { text, signs: text.length, isRead: () => isRead(text, provenance) };
    eachStretch(text, (stretch) => {
      const place = placeOf(stretch);
      if (MAYBE[place] === 0) return;
      MAYBE[place] = LEAVES;
      const others = found.get(stretch);
      if (others === undefined) found.set(stretch, [run]);
      else if (others.at(-1) !== run && others.length < HOLDING_MAX) others.push(run);
    });
  }
  return found;
}

/** The same stretch over and over is no piece more: further runs with it are not looked at. */
const HOLDING_MAX = 8;
/** Most stretches that leave are in no value: one look tells. Filled anew for each event that carries something. */
const KEPT = 1;
const LEAVES = 2;
const MAYBE = new Uint8Array(2 ** 14);
const placeOf = (stretch: number): number => Math.imul(stretch, 0x9e3779b1) >>> 18;

/** What stands in a text by itself, as a token, is no piece of another. */
function isRead(run: string, { user, context, results }: Readonly<Provenance>): boolean {
  const token = fnv1a(run.toLowerCase());
  return user.has(token) || context.has(token) || holds(results, token);
}
