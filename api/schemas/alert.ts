/** Alerts as the API shows them. Fixed words and numbers are ours; `subject`, `why` and `note` may quote hostile text. */
import { type Static, Type } from 'typebox';
import { ALERT_STATES, DISPOSITIONS } from '../../ingest/log.ts';
import {
  Amount,
  acceptedChange,
  Count,
  group,
  Identifier,
  maybe,
  oneOf,
  Severity,
  SeverityId,
  Time,
} from './common.ts';

export const AlertState = oneOf(ALERT_STATES, 'State of the alert');
export const DispositionName = oneOf(DISPOSITIONS, 'What the analyst found');

const alertFields = {
  id: Identifier,
  agent: Type.String(),
  agent_kind: maybe(Type.String()),
  detector: Type.String(),
  subject: Type.String({ description: 'What the alert is about: an endpoint, a destination, a measure' }),
  severity: Severity,
  severity_id: SeverityId,
  state: AlertState,
  disposition: maybe(DispositionName),
  title: Type.String(),
  why: Type.String(),
  score: Type.Number({ description: '0 to 1: min(1, -log10 p / 8)' }),
  p: Type.Number({ description: 'Chance that a session of this agent looks this odd' }),
  hit_count: Count,
  session_count: Count,
  tags: Type.Array(Type.String()),
  backfill: Type.Boolean({ description: 'Raised only by events that were a day or more old on arrival' }),
  first_seen: Time,
  last_seen: Time,
  changed: maybe(Time),
  changed_by: maybe(Type.String()),
  note: maybe(Type.String()),
};

export const AlertSchema = group(alertFields, { title: 'Alert' });
export type AlertBody = Static<typeof AlertSchema>;

const ReasonSchema = group({
  measure: Type.String(),
  observed: Amount,
  expected: Amount,
  bound: Amount,
  sessions: Count,
  level: Type.String(),
  claimed: maybe(
    Type.Number({ description: 'The p of the detector, where near misses of benign sessions made it milder' }),
  ),
  corrected: maybe(Type.String({ description: 'Whose near misses: `agent` or `kind`' })),
  knowledge: Type.String(),
  changed: maybe(
    Type.Boolean({
      description: 'Within a day of a change of release, tools, prompt or model: the baseline is of the time before',
    }),
  ),
  baseline: Type.String(),
  chain: Type.Array(group({ event: Type.String(), role: Type.String() })),
});

export const HitSchema = group({
  event: Type.String({ description: 'Id of the event' }),
  time: Time,
  session: Type.String(),
  opened: Type.Boolean({ description: 'This hit opened the alert' }),
  severity: Severity,
  severity_id: SeverityId,
  score: Type.Number(),
  p: Type.Number(),
  title: Type.String(),
  why: Type.String(),
  reason: maybe(ReasonSchema),
  tags: Type.Array(Type.String()),
});
export type HitBody = Static<typeof HitSchema>;

export const ChangeSchema = group({
  time: Time,
  state: AlertState,
  disposition: maybe(DispositionName),
  by: Type.String(),
  note: maybe(Type.String()),
});
export type ChangeBody = Static<typeof ChangeSchema>;

export const DeliverySchema = group({
  playbook: Type.String(),
  webhook_id: Type.String(),
  attempt: Count,
  time: Time,
  target: Type.String(),
  outcome: oneOf(['delivered', 'retry', 'failed'], 'How the attempt ended'),
  http_status: maybe(Type.Integer()),
  error: maybe(Type.String()),
  duration_ms: Count,
  next_attempt: maybe(Time),
});
export type DeliveryBody = Static<typeof DeliverySchema>;

const WaitingSchema = group({
  playbook: Type.String(),
  target: Type.String(),
  not_before: maybe(Type.String({ format: 'date-time', description: 'The target fails, or asked for a pause' })),
});
export type WaitingBody = Static<typeof WaitingSchema>;

export const AlertDetailSchema = group(
  {
    ...alertFields,
    hits: Type.Array(HitSchema, { description: 'In log order, the first 200; hit_count says how many there are' }),
    changes: Type.Array(ChangeSchema, { description: 'In log order, the newest 200' }),
    deliveries: Type.Array(DeliverySchema, { description: 'In order of time, the newest 200' }),
    waiting: maybe(
      Type.Array(WaitingSchema, {
        description: 'Playbooks that are still to be told, or told again; absent where a process of its own sends',
      }),
    ),
  },
  { title: 'AlertDetail' },
);
export type AlertDetailBody = Static<typeof AlertDetailSchema>;

export const AlertChangeRequest = group({
  state: AlertState,
  disposition: maybe(DispositionName),
  note: maybe(Type.String({ maxLength: 2000, description: 'For colleagues' })),
});
export type AlertChangeBody = Static<typeof AlertChangeRequest>;

export const AlertChangeAccepted = acceptedChange('AlertChange', {
  alert: Identifier,
  agent: Type.String(),
  state: AlertState,
  disposition: maybe(DispositionName),
});
export type AlertChangeAcceptedBody = Static<typeof AlertChangeAccepted>;

export const DeliveryReplaySchema = group(
  {
    alert: Identifier,
    playbook: Type.String(),
    state: oneOf(['begun', 'under_way'], 'under_way: it has not ended yet, and is left as it is'),
    next_attempt: Time,
    by: Type.String(),
  },
  { title: 'DeliveryReplay', description: 'Sent within half a minute of next_attempt, with the webhook id it had' },
);
export type DeliveryReplayBody = Static<typeof DeliveryReplaySchema>;
