/** Stored events with the verdict taken on them. */
import { type Static, Type } from 'typebox';
import { EventSchema } from '../../ingest/event.ts';
import { Count, group, Identifier, maybe, Time } from './common.ts';

const { schema: _schema, content: _content, time: _time, ...wireFields } = EventSchema.properties;

const ContentSchema = group(
  {
    prompt: maybe(Type.String()),
    system: maybe(Type.String()),
    context: maybe(Type.String()),
    arguments: maybe(Type.String()),
    result: maybe(Type.String()),
    reasoning: maybe(Type.String()),
  },
  { description: 'Texts as stored: capped, secrets replaced. They are attacker-controlled.' },
);

/** The normalised event without its texts. */
const RecordSchema = Type.Partial(
  Type.Object({
    ...wireFields,
    time: Time,
    attributes_dropped: Count,
    content_cut: Type.Array(Type.String()),
  }),
  { additionalProperties: false },
);

export const StoredEventSchema = group(
  {
    id: Identifier,
    time: Time,
    received: Time,
    agent: Type.String(),
    agent_kind: maybe(Type.String()),
    session: Type.String(),
    status: Type.String({ description: 'learn, hold or late' }),
    flags: Type.Array(Type.String()),
    knowledge: maybe(Type.String()),
    known: maybe(
      group(
        { sessions: Count, events: Count },
        { description: 'What the baseline had learned when it judged: what its knowledge rests on' },
      ),
    ),
    score: Type.Number({ description: 'Highest detector score, 0 to 1' }),
    detectors: Type.Record(Type.String(), Type.Number(), { description: 'Score by detector; only those above 0' }),
    alerts: Type.Array(Type.String(), { description: 'Alerts this event belongs to' }),
    event: maybe(RecordSchema),
    content: maybe(ContentSchema),
  },
  { title: 'StoredEvent' },
);
export type StoredEventBody = Static<typeof StoredEventSchema>;
