/** A first pass over the files, before anything is scored: where the history ends, and whether events and labels are of the same sessions. */
import { DAY_MS } from '../../baselines/periods.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import { CommandFailure, EXIT } from '../context.ts';
import { cohortOf, type Label } from './label.ts';

export interface Survey {
  /** Epoch ms: sessions that begin at or after it are scored alone, what is earlier is learned. */
  readonly untilMs: number;
  /** Newest event of a session labelled test, epoch ms; undefined where there is none. */
  readonly testEndMs: number | undefined;
  /** First event by agent, epoch ms, in the events file. */
  readonly agentsFromMs: ReadonlyMap<string, number>;
  /** Times of the events that labels name, epoch ms. */
  readonly namedMs: ReadonlyMap<string, number>;
  /** Sessions labelled history that begin too late to be learned: scored and counted nowhere. */
  readonly historyTooLate: number;
}

export interface SurveyInput {
  readonly events: AsyncIterable<EventEntry>;
  readonly episodes: AsyncIterable<EventEntry> | undefined;
  readonly labels: ReadonlyMap<string, Label>;
  /** As the user said; default: the first event of a session labelled test, or, where none is, after the last event. */
  readonly untilMs: number | undefined;
}

/** Throws a CommandFailure when a session has to be scored and has no label, or a label no session. */
export async function survey({ events, episodes, labels, untilMs: asked }: SurveyInput): Promise<Survey> {
  const stream = createSightings(labels);
  for await (const entry of events) stream.add(entry);
  const alone = createSightings(labels);
  if (episodes !== undefined) for await (const entry of episodes) alone.add(entry);
  const untilMs = asked ?? stream.test?.startMs ?? stream.newestMs() + 1;
  const scored = new Set([...stream.sessionsFrom(untilMs), ...alone.sessionsFrom(Number.NEGATIVE_INFINITY)]);
  requireSameSessions(scored, labels, untilMs);
  return {
    untilMs,
    testEndMs: stream.test?.endMs,
    agentsFromMs: stream.agentsFromMs,
    namedMs: new Map([...stream.namedMs, ...alone.namedMs]),
    historyTooLate: [...scored].filter((session) => labels.get(session)?.phase === 'history').length,
  };
}

/** Whole days from `untilMs` that the sessions labelled test span, begun days included; 0 where there are none. */
export function daysOf({ untilMs, testEndMs }: Survey): number {
  if (testEndMs === undefined || testEndMs < untilMs) return 0;
  return Math.max(1, Math.ceil((testEndMs - untilMs) / DAY_MS));
}

interface Sightings {
  add(entry: EventEntry): void;
  readonly agentsFromMs: ReadonlyMap<string, number>;
  readonly namedMs: ReadonlyMap<string, number>;
  /** First and last event of sessions labelled test. */
  readonly test: { readonly startMs: number; readonly endMs: number } | undefined;
  newestMs(): number;
  /** Those that begin at or after the time. */
  sessionsFrom(timeMs: number): string[];
}

/** More are refused: what is known of each is held in memory. */
const SESSIONS_MAX = 2_000_000;
/** Labels name sessions by id, so what has none cannot have a label; it may still be learned from. */
const NAMELESS = '(events without session.id)';

function createSightings(labels: ReadonlyMap<string, Label>): Sightings {
  const named = new Set([...labels.values()].flatMap(({ core, exposure = [] }) => [...core, exposure].flat()));
  const agentsFromMs = new Map<string, number>();
  const namedMs = new Map<string, number>();
  const startsMs = new Map<string, number>();
  let newestMs = 0;
  let namelessToMs = Number.NEGATIVE_INFINITY;
  let test: Sightings['test'];
  return {
    add({ event: { id, agent, session, time } }) {
      newestMs = Math.max(newestMs, time);
      earliest(agentsFromMs, agent.id, time);
      if (named.has(id)) namedMs.set(id, time);
      if (session === undefined) namelessToMs = Math.max(namelessToMs, time);
      else earliest(startsMs, session.id, time);
      if (startsMs.size > SESSIONS_MAX) throw new CommandFailure(TOO_MANY, EXIT.usage);
      if (session === undefined || labels.get(session.id)?.phase !== 'test') return;
      test = { startMs: Math.min(test?.startMs ?? time, time), endMs: Math.max(test?.endMs ?? time, time) };
    },
    agentsFromMs,
    namedMs,
    get test() {
      return test;
    },
    newestMs: () => newestMs,
    sessionsFrom(timeMs) {
      const later = [...startsMs].filter(([, startMs]) => startMs >= timeMs).map(([session]) => session);
      return namelessToMs >= timeMs && namelessToMs > Number.NEGATIVE_INFINITY ? [...later, NAMELESS] : later;
    },
  };
}

const TOO_MANY = `More than ${SESSIONS_MAX} sessions; evaluate a part of the events.`;

function earliest(times: Map<string, number>, key: string, timeMs: number): void {
  const known = times.get(key);
  if (known === undefined || timeMs < known) times.set(key, timeMs);
}

function requireSameSessions(scored: ReadonlySet<string>, labels: ReadonlyMap<string, Label>, untilMs: number): void {
  const unlabelled = [...scored].filter((session) => !labels.has(session));
  const absent = [...labels.values()].filter((label) => cohortOf(label) !== 'history' && !scored.has(label.session));
  const asked = `begins at or after ${new Date(untilMs).toISOString()} or is an episode`;
  const complaints = [
    ...complaint('Sessions without a label', unlabelled, `A session needs one when it ${asked}.`),
    ...complaint(
      'Labels without a session',
      absent.map(({ session }) => session),
      `No such session ${asked}.`,
    ),
  ];
  if (complaints.length === 0) return;
  const advice = 'Events and labels must be of the same sessions: was a file or --episodes left out?';
  throw new CommandFailure([...complaints, advice].join('\n'), EXIT.usage);
}

const NAMES_SHOWN_MAX = 5;

function complaint(what: string, sessions: readonly string[], why: string): string[] {
  if (sessions.length === 0) return [];
  const names = sessions.slice(0, NAMES_SHOWN_MAX).map((one) => sanitise(one, 80));
  const more = sessions.length > names.length ? ', ...' : '';
  return [`${what}: ${sessions.length} (${names.join(', ')}${more}). ${why}`];
}
