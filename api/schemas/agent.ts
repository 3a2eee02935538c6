/** Agents: the list from the store, and what the running engine knows of one. */
import { type Static, Type } from 'typebox';
import { Count, group, maybe, oneOf, Time } from './common.ts';

export const Knowledge = oneOf(['cold', 'warming', 'ready', 'stale'], 'How much is known about the agent');

export const AgentSchema = group(
  {
    id: Type.String(),
    kind: maybe(Type.String()),
    events: Count,
    sessions: Count,
    first_seen: Time,
    last_seen: Time,
    knowledge: maybe(Knowledge),
    open_alerts: Type.Integer({ minimum: 0, description: 'Alerts that are not closed' }),
  },
  { title: 'Agent' },
);
export type AgentBody = Static<typeof AgentSchema>;

export const Familiar = group({
  value: Type.String(),
  count: Type.Number({ minimum: 0, description: 'Uses, forgotten exponentially: not a whole number' }),
  share: Type.Number({ minimum: 0, maximum: 1, description: "Part of all uses the agent's baseline knows" }),
  first_seen: Time,
  last_seen: Time,
});

export const Hours = group({
  typical_events: Type.Number({ minimum: 0, description: 'Events in a typical hour, quiet hours counted as zero' }),
  busiest_hour: Type.Integer({
    minimum: 0,
    maximum: 167,
    description: "Hour of the week on the tenant's clock; 0 is Monday 00:00",
  }),
  busiest_events: Type.Number({ minimum: 0, description: 'Events in the busiest hour of the week' }),
});

const Normal = group({
  endpoints: Type.Array(Familiar),
  tools: Type.Array(Familiar),
  destinations: Type.Array(Familiar),
  resources: Type.Array(Familiar),
  hours: Hours,
  amounts: Type.Array(
    group({
      measure: Type.String({ description: 'Such as rows in one session' }),
      unit: Type.String(),
      typical: Type.Number(),
      bound_99: Type.Number({ description: '99 of 100 stay below' }),
    }),
  ),
});

const UnusualNow = group({
  open_alerts: Type.Array(Type.String(), { description: 'Alert ids' }),
  held_sessions: Type.Integer({ minimum: 0, description: 'Sessions that alerted and are not learned' }),
  this_hour: Type.Array(
    group({ measure: Type.String(), observed: Type.Number(), expected: Type.Number(), bound: Type.Number() }),
  ),
});

export const AgentDescriptionSchema = group(
  {
    agent: Type.String(),
    kind: maybe(Type.String()),
    knowledge: Knowledge,
    sessions: Type.Integer({ minimum: 0, description: 'Learned sessions' }),
    events: Count,
    first_seen: Time,
    last_seen: Time,
    normal: Normal,
    unusual_now: UnusualNow,
  },
  { title: 'AgentDescription', description: 'What is normal for the agent, and what is unusual right now' },
);
