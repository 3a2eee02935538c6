/** The baseline of one agent: what it holds, what was expected, and what operators say about it. */
import { type Static, Type } from 'typebox';
import { MEASURE_NAMES } from '../../baselines/measures.ts';
import { Familiar, Hours, Knowledge } from './agent.ts';
import { acceptedChange, Count, group, maybe, oneOf, Time } from './common.ts';

export const MeasureName = oneOf(MEASURE_NAMES, 'What is counted per hour; events if absent');
const BaselineId = Type.Integer({
  description:
    'Position of the newest record in the baseline: `baseline` in the reason of an alert. Below 0: nothing is learned, or it is from before a move of the log',
});

const Known = group({
  level: Knowledge,
  sessions: Type.Integer({ minimum: 0, description: 'Learned sessions, ever' }),
  events: Type.Integer({ minimum: 0, description: 'Learned events, ever' }),
  weighted_sessions: Type.Number({
    minimum: 0,
    description: 'Learned sessions, forgotten exponentially: what judgements rest on',
  }),
  weighted_days: Type.Number({ minimum: 0, description: 'Days whose hours were watched, forgotten in the same way' }),
  sessions_per_day: Type.Number({ minimum: 0 }),
  half_life_days: Type.Number({ description: 'Age at which an observation counts half' }),
  first: maybe(Time),
  last: maybe(Time),
});

const Things = group({
  known: Type.Integer({ minimum: 0, description: 'How many are remembered' }),
  top: Type.Array(Familiar, { description: 'The most used of them, at most 50' }),
});

const AmountRange = group({
  measure: oneOf(MEASURE_NAMES, 'What is measured'),
  unit: Type.String(),
  per: oneOf(['session', 'hour'], 'Over what'),
  active_share: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'Part of all sessions or hours in which there was any; the rest is not in the quantiles',
  }),
  p50: Type.Number({
    minimum: 0,
    description: 'Half of the active ones stay below; within 5 % as long as values lie close, coarser else',
  }),
  p95: Type.Number({ minimum: 0 }),
  p99: Type.Number({ minimum: 0 }),
});

const LastChange = group({
  time: Time,
  release: maybe(Type.String({ description: 'The newest release known: version, tools hash, prompt hash' })),
  model: maybe(Type.String({ description: 'The newest model known' })),
});

const Growth = group({
  measure: oneOf(MEASURE_NAMES, 'What grows'),
  unit: Type.String(),
  ratio: Type.Number({ minimum: 0, description: 'What was seen since then by what the weeks before led to expect' }),
  since: Time,
  p: Type.Number({ minimum: 0, maximum: 1, description: 'Chance that a steady agent comes this high on any one day' }),
});

const Alerted = {
  session: Type.String(),
  alerts: Type.Array(Type.String(), { description: 'Alert ids that wait for a disposition' }),
  kinds: Type.Array(Type.String(), { description: 'Detector and title of what it alerted for' }),
  moved_sensitive: Type.Boolean({ description: 'Sensitive data was moved out: never learned without a disposition' }),
};

const HeldSession = group({
  ...Alerted,
  ended: Time,
  decide_by: { ...Time, description: 'From then on it is learned when the same came back in 3 sessions on 3 days' },
  dropped: { ...Time, description: 'From then on it is never learned' },
});

const OpenSession = group({ ...Alerted, opened: Time, last: Time });

const StoredBaselineSchema = group({
  id: BaselineId,
  time: { ...Time, description: "The agent's clock then: its newest event" },
  sessions: Count,
});
export type StoredBaselineBody = Static<typeof StoredBaselineSchema>;

export const CHANGE_KINDS = ['reset', 'rollback'] as const;
const PastChange = group({
  change: oneOf(CHANGE_KINDS, 'What was done'),
  time: Time,
  to: maybe(Type.String({ description: 'Of a rollback: the id it went back to, or `built`' })),
  by: Type.String(),
  note: maybe(Type.String()),
});
export type PastChangeBody = Static<typeof PastChange>;

const live = {
  agent: Type.String(),
  kind: maybe(Type.String()),
  id: BaselineId,
  as_of: { ...Time, description: "The agent's newest event, or now if that lies ahead" },
  knowledge: Known,
  hours: Hours,
  endpoints: Things,
  tools: Things,
  destinations: Things,
  resources: Things,
  amounts: Type.Array(AmountRange),
  last_change: maybe(LastChange),
  growth: Type.Array(Growth, { description: 'Measures that lie above what was usual, the least likely first' }),
  held: Type.Array(HeldSession, { description: 'Ended sessions that alerted and wait, at most 64' }),
  alerted: Type.Array(OpenSession, { description: 'Sessions under way that alerted, at most 64' }),
};

/** What the engine says, before the store adds what it keeps. */
export const LiveBaselineSchema = group(live);
export type LiveBaseline = Static<typeof LiveBaselineSchema>;

export const BaselineSchema = group(
  {
    ...live,
    stored: Type.Array(StoredBaselineSchema, {
      description: 'What `rollback` can go back to, newest first, at most 30',
    }),
    changes: Type.Array(PastChange, { description: 'Resets and rollbacks, newest first, at most 50' }),
  },
  { title: 'Baseline', description: 'What is normal for the agent, how much is known, and what is kept out of it' },
);
export type BaselineBody = Static<typeof BaselineSchema>;

const Point = group({
  time: { ...Time, description: 'Start of the hour' },
  observed: Type.Number({ minimum: 0 }),
  expected: Type.Number({ minimum: 0 }),
  lower: Type.Number({ minimum: 0 }),
  upper: Type.Number({ minimum: 0 }),
});

export const SeriesSchema = group(
  {
    agent: Type.String(),
    measure: oneOf(MEASURE_NAMES, 'What is counted'),
    unit: Type.String(),
    knowledge: Knowledge,
    zone_offset_minutes: Type.Integer({ description: "Of the tenant's clock from UTC, now" }),
    band: Type.Number({ description: 'Share of hours that stay within lower and upper' }),
    seasonal: Type.Boolean({ description: 'Whether expectations follow the hour of the week; only events do' }),
    points: Type.Array(Point, { description: 'Oldest first, an hour each; the last hour may not be over' }),
  },
  {
    title: 'BaselineSeries',
    description:
      'Observed amounts per hour against what the baseline expects NOW, with all it has learned since, these hours included: not what ' +
      'it expected then. Of measures other than events, expected and upper are the median and the 95 % point of the hours in which there was any.',
  },
);
export type SeriesBody = Static<typeof SeriesSchema>;

const Note = Type.String({ maxLength: 2000, description: 'For colleagues; kept in the log' });
export const ResetRequest = group({ note: maybe(Note) });
export const RollbackRequest = group({
  to: maybe(
    Type.Integer({
      description:
        'Id of a baseline, or a position: the newest stored one up to there is taken. Absent: the newest that is a day older than the newest stored',
    }),
  ),
  note: maybe(Note),
});
export const BuildRequest = group({
  since: maybe(
    Type.String({
      minLength: 1,
      maxLength: 40,
      description: 'Only events from then on: RFC 3339 with an offset, or epoch milliseconds',
    }),
  ),
  note: maybe(Note),
});

export const BuiltSchema = group({
  events: Type.Integer({ minimum: 0, description: 'Stored events it was built from' }),
  sessions: Type.Integer({ minimum: 0, description: 'Learned sessions' }),
  days: Type.Number({ minimum: 0, description: 'From the first learned event to the last' }),
  knowledge: Knowledge,
  left_out: Type.Integer({ minimum: 0, description: 'Sessions that hold a confirmed attack' }),
  held: Type.Integer({ minimum: 0, description: 'Sessions that alerted and were not decided upon' }),
});
export type BuiltBody = Static<typeof BuiltSchema>;

export const BaselineChangeAccepted = acceptedChange('BaselineChange', {
  agent: Type.String(),
  change: oneOf(CHANGE_KINDS, 'What is done'),
  to: maybe(Type.String({ description: 'Of a rollback: the id of the baseline it goes back to, or `built`' })),
  to_time: maybe({ ...Time, description: "The agent's clock when that was stored" }),
  built: maybe(BuiltSchema),
});
export type BaselineChangeBody = Static<typeof BaselineChangeAccepted>;
