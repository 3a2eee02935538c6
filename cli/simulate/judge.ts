/** Holds alerts against what was planted: which attacks were caught, and which alerts were about nothing. */
import type { Interval } from './binomial-interval.ts';
import { binomialInterval } from './binomial-interval.ts';
import type { FleetMember } from './changes/change.ts';
import type { ChangeInstance, StoryInstance } from './fleet.ts';
import { DAY_MS } from './rhythm.ts';

/** An alert as it came out of the pipeline. Times are epoch ms. */
export interface JudgedAlert {
  readonly agent: string;
  readonly detector: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
  readonly eventIds: readonly string[];
  readonly why: string;
}

export interface JudgeOptions<A extends JudgedAlert> {
  readonly alerts: readonly A[];
  readonly stories: readonly StoryInstance[];
  readonly changes: readonly ChangeInstance[];
  /** Days of agents at work, for the rate of false alerts. See `agentDays`. */
  readonly agentDays: number;
  /** An alert this long after a session of a story may still be its consequence. Default 30 minutes, the idle time of a session. */
  readonly graceMs?: number;
}

export interface Judgement<A extends JudgedAlert> {
  readonly stories: readonly StoryVerdict<A>[];
  readonly caught: Rate;
  /** By name of the story. */
  readonly caughtByStory: Readonly<Record<string, Rate>>;
  /** Neither on an event of a story nor in the time of one. */
  readonly falseAlerts: readonly FalseAlert<A>[];
  /** In the time of a story on its agent, but on none of its events: counts neither way. */
  readonly nearby: readonly A[];
  readonly falseAlertsPerAgentDay: number;
}

export interface StoryVerdict<A extends JudgedAlert> {
  readonly story: StoryInstance;
  readonly caught: boolean;
  /** Alerts on at least one of its events, first one first. */
  readonly alerts: readonly A[];
}

export interface FalseAlert<A extends JudgedAlert> {
  readonly alert: A;
  /** Honest changes of that agent under way at the time: a hint at the cause. */
  readonly changes: readonly string[];
}

export interface Rate {
  readonly count: number;
  readonly of: number;
  readonly interval: Interval;
}

const GRACE_MS = 30 * 60_000;

export function judge<A extends JudgedAlert>(options: JudgeOptions<A>): Judgement<A> {
  const { alerts, stories, changes, agentDays: days, graceMs = GRACE_MS } = options;
  const verdicts = stories.map((story) => verdictOn(story, alerts));
  const onStory = new Set(verdicts.flatMap((verdict) => verdict.alerts));
  const others = alerts.filter((alert) => !onStory.has(alert));
  const nearby = others.filter((alert) => stories.some((story) => isNear(alert, story, graceMs)));
  const aside = new Set(nearby);
  const falseAlerts = others
    .filter((alert) => !aside.has(alert))
    .map((alert) => ({
      alert,
      changes: changes.filter((change) => isDuring(alert, change)).map((change) => change.id),
    }));
  return {
    stories: verdicts,
    caught: rateOf(verdicts),
    caughtByStory: ratesByStory(verdicts),
    falseAlerts,
    nearby,
    falseAlertsPerAgentDay: days > 0 ? falseAlerts.length / days : 0,
  };
}

/** Agents times days, each from its own first day, between the two times. */
export function agentDays(agents: readonly FleetMember[], fromMs: number, untilMs: number): number {
  const lived = (member: FleetMember) => Math.max(0, untilMs - Math.max(fromMs, member.startMs));
  return agents.reduce((sum, member) => sum + lived(member), 0) / DAY_MS;
}

function verdictOn<A extends JudgedAlert>(story: StoryInstance, alerts: readonly A[]): StoryVerdict<A> {
  const planted = new Set(story.eventIds);
  const hits = alerts
    .filter((alert) => alert.agent === story.agent && alert.eventIds.some((id) => planted.has(id)))
    .sort((one, other) => one.firstSeen - other.firstSeen);
  return { story, caught: hits.length > 0, alerts: hits };
}

function isNear(alert: JudgedAlert, story: StoryInstance, graceMs: number): boolean {
  if (alert.agent !== story.agent) return false;
  return story.spans.some((span) => alert.firstSeen <= span.endMs + graceMs && alert.lastSeen >= span.startMs);
}

function isDuring(alert: JudgedAlert, change: ChangeInstance): boolean {
  return change.agents.includes(alert.agent) && alert.firstSeen < change.endMs && alert.lastSeen >= change.startMs;
}

function ratesByStory<A extends JudgedAlert>(verdicts: readonly StoryVerdict<A>[]): Record<string, Rate> {
  const names = [...new Set(verdicts.map((verdict) => verdict.story.story))].sort();
  return Object.fromEntries(
    names.map((name) => [name, rateOf(verdicts.filter((verdict) => verdict.story.story === name))]),
  );
}

function rateOf<A extends JudgedAlert>(verdicts: readonly StoryVerdict<A>[]): Rate {
  const count = verdicts.filter((verdict) => verdict.caught).length;
  return { count, of: verdicts.length, interval: binomialInterval(count, verdicts.length) };
}
