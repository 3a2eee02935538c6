/**
 * The event contract, wire format v1 (`picket.event/1`): one JSON object per finished act of an agent.
 *
 * `EventSchema` describes an event after unknown fields were lifted into `attributes` and empty values were removed;
 * it gives the validator and the TypeScript type. `WIRE_EVENT_SCHEMA` is what a producer may send: the JSON Schema (`picket schema event`) and
 * the API documentation.
 */
import { type Static, type TSchema, Type } from 'typebox';

export const EVENT_SCHEMA_ID = 'picket.event/1';
/** A minor version adds fields; those not known here become attributes. */
export const EVENT_SCHEMA_PATTERN = '^picket\\.event/1(?:\\.[0-9]{1,9})?$';

/** Limits of one event. Behaviour at each limit is a dead letter, unless the comment says otherwise. */
export const EVENT_LIMITS = {
  recordBytesMax: 1024 * 1024,
  depthMax: 64,
  idCharsMax: 128,
  nameCharsMax: 256,
  endpointCharsMax: 512,
  valueCharsMax: 2048,
  listItemsMax: 64,
  /** Longer content is cut at this many UTF-8 bytes and marked, not refused. */
  contentBytesMax: 64 * 1024,
  /** Further attributes are counted in `attributes_dropped`, not refused. */
  attributesMax: 64,
  timeMin: Date.UTC(2000, 0, 1),
  timeAheadMsMax: 24 * 3_600_000,
  /** An event this far behind its agent's newest is scored, flagged late, and never learned. */
  lateMs: 24 * 3_600_000,
} as const;

export const ACTION_TYPES = [
  'model_call',
  'tool_call',
  'data_read',
  'data_write',
  'send',
  'execute',
  'delegate',
  'memory',
  'auth',
  'policy',
] as const;
export const DESTINATION_KINDS = ['host', 'url', 'email', 'account', 'user', 'channel', 'file', 'other'] as const;
export const CLASSIFICATIONS = ['public', 'internal', 'confidential', 'restricted'] as const;
export const ORIGINS = ['internal', 'external', 'unknown'] as const;
export const OUTCOMES = ['success', 'failure', 'denied', 'unknown'] as const;

const oneOf = <const T extends string[]>(values: readonly [...T], description: string) =>
  Type.Enum<T>([...values] as [...T], { description });
const text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });
const count = (description: string) => Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description });
const group = <T extends Record<string, TSchema>>(properties: T, description: string) =>
  Type.Object(properties, { additionalProperties: false, description });
const maybe = Type.Optional;

const { idCharsMax, nameCharsMax, endpointCharsMax, valueCharsMax, listItemsMax, attributesMax } = EVENT_LIMITS;

const AgentSchema = group(
  {
    id: text(nameCharsMax, 'Who acted'),
    name: maybe(text(nameCharsMax, 'Display name')),
    kind: maybe(text(nameCharsMax, 'Peer group: agents of one kind are compared with each other')),
    version: maybe(text(nameCharsMax, 'Release of the agent')),
    owner: maybe(text(nameCharsMax, 'Team or person who owns the agent')),
    instance_id: maybe(text(nameCharsMax, 'Process or container')),
    parent_id: maybe(text(nameCharsMax, 'Agent that started this one')),
    root_id: maybe(text(nameCharsMax, 'First agent of the delegation chain')),
    clearance: maybe(oneOf(CLASSIFICATIONS, 'Highest classification the agent may touch')),
    tools_hash: maybe(text(nameCharsMax, 'Hash of the tool list')),
    prompt_hash: maybe(text(nameCharsMax, 'Hash of the system prompt')),
  },
  'The agent that acted',
);

const DestinationSchema = group(
  { kind: oneOf(DESTINATION_KINDS, 'Sort of place'), value: text(valueCharsMax, 'The place itself') },
  'A place to which data goes',
);

const ResourceSchema = group(
  {
    name: text(valueCharsMax, 'What was touched'),
    kind: maybe(text(nameCharsMax, 'Sort of resource: table, file, mailbox')),
    classification: maybe(oneOf(CLASSIFICATIONS, 'Sensitivity of the data')),
    origin: maybe(oneOf(ORIGINS, 'Where the data came from')),
    rows_total: maybe(count('Rows the resource holds in all')),
  },
  'A resource that was touched',
);

const ContentSchema = group(
  {
    prompt: maybe(Type.String({ description: 'Only what the principal wrote in this turn' })),
    system: maybe(Type.String({ description: 'System prompt' })),
    context: maybe(Type.String({ description: 'History, retrieval and memory' })),
    arguments: maybe(Type.String({ description: 'Arguments of the call' })),
    result: maybe(Type.String({ description: 'What the call returned' })),
    reasoning: maybe(Type.String({ description: 'Reasoning of the model' })),
  },
  'Texts of the act; each is cut at 64 KiB and secrets are replaced before anything is stored',
);

export const EventSchema = Type.Object(
  {
    schema: maybe(Type.Literal(EVENT_SCHEMA_ID)),
    id: maybe(
      text(
        idCharsMax,
        'Counts once per agent: with other content it is refused, as a dead letter; derived when absent',
      ),
    ),
    time: Type.Union([
      Type.String({ minLength: 20, maxLength: 40, description: 'RFC 3339' }),
      Type.Integer({ description: 'Milliseconds since 1970-01-01T00:00:00Z' }),
    ]),
    seq: maybe(count("Producer's counter within the session")),
    agent: AgentSchema,
    session: maybe(
      group(
        {
          id: text(nameCharsMax, 'Conversation or run'),
          parent_id: maybe(text(nameCharsMax, 'Session that opened this one')),
        },
        'Conversation or run; absent: agent and principal, cut at a gap of 30 minutes',
      ),
    ),
    principal: maybe(
      group(
        {
          id: text(nameCharsMax, 'On whose behalf'),
          kind: maybe(oneOf(['user', 'service', 'agent'], 'Sort of principal')),
        },
        'On whose behalf the agent acted',
      ),
    ),
    action: group(
      {
        type: oneOf(ACTION_TYPES, 'Sort of act; `send` moves data out'),
        name: text(nameCharsMax, 'Tool or operation'),
        phase: maybe(oneOf(['requested', 'completed'], 'Only completed acts count in volumes')),
      },
      'What was done',
    ),
    endpoint: maybe(text(endpointCharsMax, '`host/path` or `server.tool`; absent: action.name')),
    destinations: maybe(
      Type.Array(DestinationSchema, {
        maxItems: listItemsMax,
        description: 'Where data goes; absent: the mailboxes, URLs and hosts that `content.arguments` names',
      }),
    ),
    resources: maybe(Type.Array(ResourceSchema, { maxItems: listItemsMax })),
    data: maybe(
      group(
        {
          rows: maybe(count('Rows returned')),
          bytes_received: maybe(count('Bytes that came to the agent')),
          bytes_sent: maybe(count('Bytes that left the agent')),
        },
        'Amounts',
      ),
    ),
    usage: maybe(
      group(
        { input_tokens: maybe(count('Input tokens')), output_tokens: maybe(count('Output tokens')) },
        'Tokens as the provider counts them',
      ),
    ),
    cost: maybe(group({ micro_usd: maybe(count('Cost in millionths of a US dollar')) }, 'Cost')),
    duration_ms: maybe(count('Duration in milliseconds')),
    outcome: maybe(oneOf(OUTCOMES, 'How it ended')),
    error: maybe(group({ kind: maybe(text(nameCharsMax, 'Sort of error')) }, 'Error')),
    model: maybe(
      group(
        { provider: maybe(text(nameCharsMax, 'Provider')), name: maybe(text(nameCharsMax, 'Model name')) },
        'Model that was called',
      ),
    ),
    tool: maybe(
      group(
        {
          server: maybe(text(nameCharsMax, 'Tool server')),
          call_id: maybe(text(nameCharsMax, 'Id of the call')),
          schema_hash: maybe(text(nameCharsMax, 'Hash of the tool definition')),
        },
        'Tool that was called',
      ),
    ),
    decision: maybe(
      group(
        {
          result: maybe(oneOf(['allowed', 'denied', 'approved'], 'Decision')),
          by: maybe(oneOf(['policy', 'human', 'auto'], 'Who decided')),
          policy: maybe(text(nameCharsMax, 'Policy that decided')),
        },
        'Authorisation or approval',
      ),
    ),
    content: maybe(ContentSchema),
    source: maybe(group({ ip: maybe(text(64, 'Address of the sender')) }, 'Where the event came from')),
    trace: maybe(
      group(
        {
          id: maybe(text(nameCharsMax, 'Trace id')),
          span_id: maybe(text(nameCharsMax, 'Span id')),
          parent_span_id: maybe(text(nameCharsMax, 'Parent span id')),
        },
        'Distributed trace',
      ),
    ),
    attributes: maybe(
      Type.Record(Type.String({ maxLength: nameCharsMax }), Type.String({ maxLength: valueCharsMax }), {
        maxProperties: attributesMax,
        description: 'Everything else, as dotted keys',
      }),
    ),
  },
  { $id: EVENT_SCHEMA_ID, additionalProperties: false, title: 'Picket audit event' },
);

/**
 * An event as a producer may send it. Fields that are not known, at any level, and attributes beyond their number are no reason to refuse it.
 * JSON Schema would need every type twice to say that null and empty values are taken too: the description does.
 */
export const WIRE_EVENT_SCHEMA = openForm(EventSchema);

function openForm(schema: typeof EventSchema): typeof EventSchema {
  const closing = ['additionalProperties', 'maxProperties'];
  const text = JSON.stringify(schema, (key, value: unknown) => (closing.includes(key) ? undefined : value));
  const open = JSON.parse(text) as typeof EventSchema;
  const version = Type.String({ pattern: EVENT_SCHEMA_PATTERN, description: 'Version of this contract' });
  return {
    ...open,
    description:
      'One finished act of an agent. Fields that are not named here are kept as attributes, at any level. ' +
      'Null, empty texts, empty lists and empty objects are taken as well, and count as absent.',
    properties: { ...open.properties, schema: version },
  } as unknown as typeof EventSchema;
}

/** An event after unknown fields were lifted. */
export type WireEvent = Static<typeof EventSchema>;

export type ActionType = (typeof ACTION_TYPES)[number];
export type Classification = (typeof CLASSIFICATIONS)[number];
export type Destination = Static<typeof DestinationSchema>;
export type Resource = Static<typeof ResourceSchema>;
export type Content = Static<typeof ContentSchema>;

/**
 * A normalised event: defaults filled in, destinations canonical, content capped, secrets replaced.
 * It is what is stored, and the only thing detectors ever see. Absent optional groups are absent, never null.
 */
export type AuditEvent = Omit<WireEvent, 'schema' | 'id' | 'time' | 'action' | 'endpoint' | 'outcome'> & {
  id: string;
  /** When the act finished: milliseconds since 1970-01-01T00:00:00Z. */
  time: number;
  action: { type: ActionType; name: string; phase: 'requested' | 'completed' };
  endpoint: string;
  outcome: (typeof OUTCOMES)[number];
  /** Attributes that did not fit, in number. */
  attributes_dropped?: number;
  /** Content fields that were cut at 64 KiB. */
  content_cut?: string[];
};
