/**
 * Intake of events over HTTP: 202 if anything was accepted, 422 if nothing was, 503 if the log cannot be written. The body
 * is split here and validated by the pipeline; a bad record costs only itself.
 */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyRequest, FastifySchemaCompiler } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { WIRE_EVENT_SCHEMA } from '../../ingest/event.ts';
import {
  BodyError,
  HTTP_BODY_BYTES_MAX,
  HTTP_BODY_INFLATED_BYTES_MAX,
  inflateBody,
  splitBody,
  type Unzip,
} from '../../ingest/http-body.ts';
import { callerOf } from '../auth.ts';
import { type BodyBudget, createBodyBudget } from '../body-budget.ts';
import { refuseOversize } from '../oversize.ts';
import type { IntakeResult } from '../ports.ts';
import { Problem } from '../problems.ts';
import { group, maybe, PROBLEM_RESPONSES, RejectedCount, RejectedSchema } from '../schemas/common.ts';
import type { ApiApp, RouteDeps } from './route.ts';

const CONTENT_TYPES = [
  'application/json',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
  'text/plain',
];
const COMPRESSED = ['gzip', 'x-gzip', 'deflate'];

/** Without its `$id`: it stands in the document twice. */
const { $id: _, ...anonymous } = WIRE_EVENT_SCHEMA as typeof WIRE_EVENT_SCHEMA & { $id?: string };
const WireEventSchema = { ...anonymous, title: 'Event' } as TSchema;
const LinesSchema = Type.String({ description: 'One event per line' });

const Accepted = Type.Integer({
  minimum: 0,
  description:
    'Records that are on disk. One whose id was used before with other content is among them, and becomes a dead letter (id_conflict) when it is judged',
});

const schema = {
  operationId: 'postEvents',
  tags: ['events'],
  summary: 'Send audit events; gzip is understood',
  headers: Type.Object({
    'idempotency-key': maybe(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'Same key and body: the same event ids, so a repeat is not counted twice',
      }),
    ),
  }),
  body: {
    content: {
      'application/json': { schema: Type.Union([WireEventSchema, Type.Array(WireEventSchema)]) },
      ...Object.fromEntries(CONTENT_TYPES.slice(1).map((type) => [type, { schema: LinesSchema }])),
    },
  },
  response: {
    202: group({ accepted: Accepted, rejected: Type.Array(RejectedSchema), rejected_count: RejectedCount }),
    ...PROBLEM_RESPONSES,
  },
};

/** The body's schema is for the document only: one bad record must not refuse the rest. */
const validateAllButBody: FastifySchemaCompiler<TSchema> = (part) =>
  part.httpPart === 'body' ? () => true : TypeBoxValidatorCompiler(part);

interface Unpacking {
  readonly budget: BodyBudget;
  readonly unzip: Unzip | undefined;
}

async function decoded(body: Uint8Array, request: FastifyRequest, { budget, unzip }: Unpacking): Promise<Uint8Array> {
  const name = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  if (!COMPRESSED.includes(name)) {
    throw new Problem('unsupported_media_type', 'The content encoding is not gzip.', { field: 'content-encoding' });
  }
  const reserved = budget.reservedFor(request);
  try {
    return await inflateBody(body, Math.min(reserved, HTTP_BODY_INFLATED_BYTES_MAX), unzip);
  } catch (error) {
    const packedTighter = error instanceof BodyError && error.code === 'body_too_large';
    if (!packedTighter || reserved >= HTTP_BODY_INFLATED_BYTES_MAX) throw error;
    return inflateBody(body, budget.reserveMost(request), unzip);
  }
}

function split(body: Uint8Array, contentType: string): Uint8Array[] {
  const result = splitBody(body, contentType);
  if (!result.ok) {
    throw new Problem(
      result.error.code === 'too_many_records' ? 'payload_too_large' : 'invalid_body',
      result.error.message,
    );
  }
  if (result.records.length === 0) throw new Problem('invalid_body', 'The body holds no record.');
  return result.records;
}

/** A request without any body has none to parse. */
async function recordsOf(request: FastifyRequest, unpacking: Unpacking): Promise<Uint8Array[]> {
  const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  return split(await decoded(bytes, request, unpacking), request.headers['content-type'] ?? '');
}

function toAnswer(result: IntakeResult, listedMax: number) {
  const rejected = result.rejected.slice(0, listedMax).map((record) => ({ ...record }));
  const rejectedCount = result.rejected.length;
  if (result.accepted === 0) {
    throw new Problem('nothing_accepted', 'Every record of the request was refused.', { rejected, rejectedCount });
  }
  return { accepted: result.accepted, rejected, rejected_count: rejectedCount };
}

export async function intakeRoutes(app: ApiApp, deps: RouteDeps): Promise<void> {
  await app.register(async (scoped: ApiApp) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser(
      CONTENT_TYPES,
      { parseAs: 'buffer' },
      async (_request: FastifyRequest, body: Buffer) => body,
    );
    const budget = createBodyBudget(deps.limits.intakeBytesMax);
    const options = {
      config: { scope: 'ingest' as const },
      bodyLimit: HTTP_BODY_BYTES_MAX,
      onRequest: [refuseOversize, budget.reserve],
      validatorCompiler: validateAllButBody,
      schema,
    };
    scoped.post('/v1/events', options, async (request, reply) => {
      const letGo = budget.hold(request as FastifyRequest);
      try {
        const records = await recordsOf(request as FastifyRequest, { budget, unzip: deps.unzip });
        const idempotencyKey = request.headers['idempotency-key'];
        const context = { requestId: request.id, ...(idempotencyKey !== undefined && { idempotencyKey }) };
        const result = await deps.intake.accept(callerOf(request).tenant, records, context);
        // Who was told that it took too long hears no more: a line for each would fill the log when the store is back.
        if (reply.sent) return reply;
        return reply.code(202).send(toAnswer(result, deps.limits.rejectedListedMax));
      } finally {
        letGo();
      }
    });
  });
}
