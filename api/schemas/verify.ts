/** What `picket verify` finds, as the API answers it and the command prints it with --json. */
import { type Static, Type } from 'typebox';
import { Count, group, maybe, oneOf, TimeFilter } from './common.ts';

const Place = group({
  partition: Count,
  position: Type.Integer({ minimum: -1, description: '-1: before the first record' }),
});

export const VERIFY_MODES = ['judge', 'replay'] as const;
export const VERIFY_OUTCOMES = ['equal', 'different', 'unclear'] as const;

const Difference = group({
  partition: Count,
  position: Count,
  what: oneOf(['verdict', 'state', 'repeat', 'checkpoint'], 'What is stored otherwise than recomputed'),
  field: Type.String({ description: 'Dotted path in the verdict or the state' }),
  stored: Type.String({ description: 'JSON, cut' }),
  recomputed: Type.String({ description: 'JSON, cut' }),
});

export const AgentVerificationSchema = group({
  agent: Type.String(),
  mode: oneOf(VERIFY_MODES, 'judge: everything judged anew; replay: recorded verdicts, as a restart does it'),
  outcome: oneOf(VERIFY_OUTCOMES, 'unclear: something that judged is not there any more; the notes say what'),
  start: group({
    from: oneOf(['beginning', 'snapshot'], 'What it began with'),
    partition: Count,
    position: Type.Integer(),
  }),
  end: Place,
  events: Count,
  snapshots: group({ compared: Count, equal: Count, other_format: Count }),
  differences: Count,
  listed: Type.Array(Difference, { description: 'The first ones, in the order of the log' }),
  notes: Type.Array(Type.String(), { description: 'What limits the statement, and why' }),
});
export type AgentVerification = Static<typeof AgentVerificationSchema>;
export type VerifiedDifference = Static<typeof Difference>;

export const AgentVerificationQuery = group({
  mode: maybe(oneOf(VERIFY_MODES, 'Default: judge')),
  from: maybe(Type.Integer({ description: 'Position of the retained snapshot to begin with' })),
});

/** Positions of one partition, both ends included. */
export const StretchSchema = group({ partition: Count, first: Count, last: Type.Integer({ minimum: -1 }) });
export type StretchBody = Static<typeof StretchSchema>;

export const RangeQuery = group({
  partition: maybe(Count),
  from: maybe(Type.Integer({ minimum: 0, description: 'First position' })),
  to: maybe(Type.Integer({ minimum: 0, description: 'Last position' })),
  since: maybe(TimeFilter),
  until: maybe(TimeFilter),
});
export type RangeWish = {
  partition?: number;
  from?: number;
  to?: number;
  sinceMs?: number;
  untilMs?: number;
};

export const PlanSchema = group({ stretches: Type.Array(StretchSchema), notes: Type.Array(Type.String()) });
export type RangePlan = Static<typeof PlanSchema>;

export const STRETCH_POSITIONS_MAX = 50_000;

export const CheckRequest = group({
  partition: Count,
  first: Count,
  last: Count,
  repair: maybe(Type.Boolean({ description: 'Write again what can be written again' })),
});

export const PARTS = ['rows', 'hits', 'changes', 'dead_letters', 'deliveries'] as const;
export type Part = (typeof PARTS)[number];

const PartCounts = group({
  expected: Count,
  missing: Count,
  repaired: Count,
});

const Finding = group({
  part: oneOf(PARTS, 'What is missing'),
  code: Type.String({ description: 'Stable: row_gone, row_in_topic, hit_missing, hit_altered, change_missing, …' }),
  partition: Count,
  first: Count,
  last: Count,
  tenant: Type.String(),
  id: Type.String({ description: 'Alert id, playbook; empty for rows' }),
  repaired: Type.Boolean(),
});
export type RangeFinding = Static<typeof Finding>;

export const RangeReportSchema = group({
  stretches: Type.Array(StretchSchema),
  positions: Count,
  no_record: Type.Integer({ minimum: 0, description: 'Offsets of the topic that no record has: markers, compaction' }),
  waiting: Type.Integer({ minimum: 0, description: 'Records of the topic that nobody has judged yet' }),
  parts: group(Object.fromEntries(PARTS.map((part) => [part, PartCounts])) as Record<Part, typeof PartCounts>),
  not_sent: group({
    none_matches: Count,
    backfill: Count,
    before_playbook: Count,
    too_recent: Count,
    too_old: Count,
  }),
  findings: Type.Array(Finding, { description: 'The first ones' }),
  notes: Type.Array(Type.String()),
});
export type RangeReport = Static<typeof RangeReportSchema>;
