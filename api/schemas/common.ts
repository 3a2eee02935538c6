/** Parts that several routes share. Response schemas are allowlists: what they do not name is not sent. */
import { type Static, type TSchema, Type } from 'typebox';
import { SEVERITIES, SEVERITY_WORDS } from '../../baselines/severity.ts';

export const group = <T extends Record<string, TSchema>>(
  properties: T,
  options: { description?: string; title?: string } = {},
) => Type.Object(properties, { additionalProperties: false, ...options });
export const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Enum<[...T]>(values as unknown as readonly [...T], { type: 'string', description });
export const maybe = Type.Optional;

export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' });
export const Count = Type.Integer({ minimum: 0 });
export const Amount = Type.Union([Type.Number(), Type.String()]);
export const Severity = oneOf(SEVERITIES, 'Severity by name');
export const SeverityFilter = oneOf(SEVERITY_WORDS, 'Severity by name; info is short for informational');
export const SeverityId = Type.Integer({ minimum: 1, maximum: 5, description: 'OCSF severity_id' });

export const TimeFilter = Type.String({
  minLength: 1,
  maxLength: 40,
  description: 'RFC 3339 with an offset, or epoch milliseconds',
});
export const AgentId = Type.String({ minLength: 1, maxLength: 256, description: 'Agent id' });
export const Identifier = Type.String({ minLength: 1, maxLength: 256 });

export const PAGE_LIMIT_DEFAULT = 50;
export const PageQuery = {
  limit: maybe(
    Type.Integer({ minimum: 1, maximum: 200, description: `Rows per page; ${PAGE_LIMIT_DEFAULT} if absent` }),
  ),
  cursor: maybe(Type.String({ minLength: 1, maxLength: 2048, description: 'next_cursor of the page before' })),
};

/** The answer to a change: the record as it was put into the log. */
export const acceptedChange = <T extends Record<string, TSchema>>(title: string, change: T) =>
  group(
    { ...change, note: maybe(Type.String()), by: Type.String(), received: Time },
    { title, description: 'The record as it stands in the log; it takes effect at its position there' },
  );

export const page = <T extends TSchema>(item: T) =>
  group({
    items: Type.Array(item),
    next_cursor: maybe(Type.String({ description: 'Absent on the last page' })),
  });

export const RejectedSchema = group({
  index: Type.Integer({ minimum: 0, description: 'Place of the record in the request, from 0' }),
  code: Type.String({ description: 'Stable code' }),
  field: Type.String({ description: 'Dotted path; empty: the record as a whole' }),
  message: Type.String(),
});
export const RejectedCount = Type.Integer({
  minimum: 0,
  description: 'Refused records in all; the list may be shorter',
});

export const ProblemSchema = group(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'Stable: branch on it' }),
    detail: Type.String(),
    action: Type.String({ description: 'What the caller can do' }),
    request_id: Type.String(),
    field: maybe(Type.String({ description: 'Parameter, header or dotted body path at fault' })),
    retry_after_seconds: maybe(Type.Integer()),
    rejected: maybe(Type.Array(RejectedSchema)),
    rejected_count: maybe(RejectedCount),
  },
  { title: 'Problem', description: 'RFC 9457 problem details' },
);
export type ProblemBody = Static<typeof ProblemSchema>;

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ProblemSchema } },
});

/** Every route answers errors in this one shape. */
export const PROBLEM_RESPONSES = {
  '4xx': problem('The request cannot be served as it is'),
  '5xx': problem('The service cannot serve it at the moment'),
};
