/** The ordinary life of one agent: when its sessions start, and what happens in them. */
import type { AgentKind, Task } from './agent-kind.ts';
import type { AgentProfile } from './agent-profile.ts';
import type { Conditions, Effect } from './changes/change.ts';
import { conditionsAt } from './changes/change.ts';
import type { Company } from './company.ts';
import type { Desk } from './desk.ts';
import { takeDetour } from './directory.ts';
import type { Random } from './random.ts';
import { DAY_MS, dayWeight, HOUR_MS, hourWeights } from './rhythm.ts';
import type { SessionDraft, SessionWriter } from './session-writer.ts';
import { createSessionWriter } from './session-writer.ts';

export interface AgentStream {
  readonly profile: AgentProfile;
  readonly kind: AgentKind;
  readonly company: Company;
  /** Changes that concern this agent. */
  readonly effects: readonly Effect[];
  readonly random: Random;
}

/** A day of more sessions than this is cut: a mistake in a kind or a density must not eat the memory. */
const SESSIONS_PER_DAY_MAX = 500;
const TASKS_PER_SESSION_MAX = 4;
/** Even in an outage some calls get through. */
const FAILURE_RATE_MAX = 0.6;

/** All sessions of the agent that start in [its own start, endMs), in order of their start. */
export function ordinarySessions(stream: AgentStream, endMs: number): SessionDraft[] {
  const sessions: SessionDraft[] = [];
  for (let dayMs = stream.profile.startMs; dayMs < endMs; dayMs += DAY_MS) {
    const random = stream.random.fork(`day/${(dayMs - stream.profile.startMs) / DAY_MS}`);
    const starts = stream.profile.steady ? scheduledStarts(stream, dayMs) : drawnStarts(stream, dayMs, random);
    for (const [index, startMs] of starts.entries()) {
      sessions.push(writeSession(stream, startMs, random.fork(`session/${index}`)));
    }
  }
  return sessions;
}

/** Evenly over the day, at the same minute every day. */
function scheduledStarts(stream: AgentStream, dayMs: number): number[] {
  const count = Math.max(1, Math.round(stream.profile.sessionsPerDay / 2) * 2);
  const offsetMs = stream.random.fork('minute').int(0, 59) * 60_000;
  return Array.from(
    { length: Math.min(count, SESSIONS_PER_DAY_MAX) },
    (_, index) => Math.round(dayMs + (index * DAY_MS) / count) + offsetMs,
  );
}

function drawnStarts(stream: AgentStream, dayMs: number, random: Random): number[] {
  const { kind, profile } = stream;
  const mean = profile.sessionsPerDay * dayWeight(kind.rhythm, dayMs) * conditionsAt(stream.effects, dayMs).sessions;
  const count = Math.min(random.negativeBinomial(mean, profile.sessionsShape), SESSIONS_PER_DAY_MAX);
  const hours = Object.fromEntries(hourWeights(kind.rhythm, dayMs).map((weight, hour) => [String(hour), weight]));
  const starts = Array.from({ length: count }, () => {
    const hour = Number(random.weighted(hours));
    return Math.floor(dayMs + (hour + random.uniform()) * HOUR_MS);
  });
  return starts.sort((one, other) => one - other);
}

/** One ordinary session: a request, perhaps further ones, and the acts they lead to. */
export function writeSession(stream: AgentStream, startMs: number, random: Random): SessionDraft {
  const profile = profileAt(stream, startMs);
  const desk = deskAt(stream, startMs, random);
  const writer = createSessionWriter({
    agent: profile,
    startMs,
    random,
    part: 'benign',
    continues: false,
    contextChars: profile.systemChars,
  });
  runTasks(stream, desk, writer, conditionsAt(stream.effects, startMs));
  const principal = profile.steady
    ? { id: 'scheduler', kind: 'service' as const }
    : { id: desk.user.email.split('@')[0] as string, kind: 'user' as const };
  return { startMs, principal, events: writer.events() };
}

function runTasks(stream: AgentStream, desk: Desk, writer: SessionWriter, conditions: Conditions): void {
  const { kind, profile } = stream;
  const tasks: Readonly<Record<string, Task>> = conditions.upcoming ? { ...kind.tasks, ...kind.upcoming } : kind.tasks;
  const weights = Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, task.weight]));
  let next: Readonly<Record<string, number>> = weights;
  for (let count = 0; count < TASKS_PER_SESSION_MAX; count += 1) {
    const task = tasks[writer.random.weighted(next)];
    if (task === undefined) throw new RangeError(`a task of ${profile.kind} names a next task that does not exist`);
    task.run(desk, writer);
    if (writer.random.chance(profile.curiosity)) takeDetour(desk, writer);
    writer.answer();
    if (!writer.random.chance(kind.followUp)) return;
    next = task.next ?? weights;
  }
}

/** The agent as the changes of the moment leave it. */
export function profileAt({ profile, effects }: AgentStream, timeMs: number): AgentProfile {
  const { upgrade, failures } = conditionsAt(effects, timeMs);
  if (upgrade === undefined && failures === 1) return profile;
  const failureRate = Math.min(FAILURE_RATE_MAX, profile.failureRate * failures);
  const verbosity = profile.verbosity * (upgrade?.verbosity ?? 1);
  return { ...profile, failureRate, verbosity, model: upgrade?.model ?? profile.model };
}

export function deskAt(stream: AgentStream, timeMs: number, random: Random): Desk {
  const { profile, company } = stream;
  const conditions = conditionsAt(stream.effects, timeMs);
  return {
    agent: profile,
    company,
    user: random.pick(profile.users),
    contacts: [
      ...conditions.contacts,
      ...profile.contacts.filter((entry) => entry.sinceMs <= timeMs).map((entry) => entry.contact),
    ],
    joiners: conditions.joiners,
    volume: profile.volume * conditions.volume,
  };
}
