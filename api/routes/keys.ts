/** The keys of the caller's tenant. The secret is in one answer and nowhere else: not in the store, not in a log, not in an error. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth.ts';
import { listKeys } from '../queries/list-keys.ts';
import { group, Identifier, PAGE_LIMIT_DEFAULT, PageQuery, PROBLEM_RESPONSES, page } from '../schemas/common.ts';
import {
  type KeyBody,
  KeyRequestSchema,
  KeyRotationSchema,
  KeySchema,
  MintedKeySchema,
  RotatedKeySchema,
} from '../schemas/key.ts';
import { parseTime } from '../time.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const BODY_BYTES_MAX = 4 * 1024;

const about = (operationId: string, summary: string) => ({ operationId, tags: ['keys'], summary });
const params = group({ id: Identifier });

const schemas = {
  list: {
    ...about('listKeys', 'Keys of this tenant, newest first, with those that have ended'),
    querystring: group(PageQuery),
    response: { 200: page(KeySchema), ...PROBLEM_RESPONSES },
  },
  create: {
    ...about('createKey', 'Make a key'),
    body: KeyRequestSchema,
    response: { 201: MintedKeySchema, ...PROBLEM_RESPONSES },
  },
  revoke: {
    ...about('revokeKey', 'Revoke a key'),
    params,
    response: { 200: KeySchema, ...PROBLEM_RESPONSES },
  },
  rotate: {
    ...about('rotateKey', 'Replace a key by a new one of the same name and scopes'),
    params,
    body: KeyRotationSchema,
    response: { 201: RotatedKeySchema, ...PROBLEM_RESPONSES },
  },
};

/** Who did what to which key. The name is free text of an administrator; the ids are what an audit can rely on. */
function audit(request: Pick<FastifyRequest, 'identity' | 'log'>, act: string, key: KeyBody, also: object = {}): void {
  const { tenant, keyId: by } = callerOf(request);
  const { id: keyId, scopes, expires } = key;
  request.log.info({ audit: act, tenant, keyId, scopes, expires, by, ...also }, 'key changed');
}

/** Nobody on the way keeps an answer that holds a secret. */
const unkept = (reply: Pick<FastifyReply, 'header'>) => reply.header('cache-control', 'no-store');

export function keyRoutes(app: ApiApp, deps: RouteDeps): void {
  const { keyAdministration } = deps;
  const config = { scope: 'admin' as const };
  // The default validator would turn numbers of a body into strings.
  const withBody = { config, bodyLimit: BODY_BYTES_MAX, validatorCompiler: TypeBoxValidatorCompiler };

  app.get('/v1/keys', { config, schema: schemas.list }, async (request) => {
    const { limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
    return listKeys(readerFor(deps, request), limit, cursor, deps.now());
  });

  app.post('/v1/keys', { ...withBody, schema: schemas.create }, async (request, reply) => {
    const { name, scopes, expires } = request.body;
    const wish = { name, scopes, ...(expires !== undefined && { expiresMs: parseTime(expires, 'expires') }) };
    const made = await keyAdministration.create(readerFor(deps, request), wish);
    audit(request, 'key_created', made);
    unkept(reply);
    return reply.code(201).send(made);
  });

  app.delete('/v1/keys/:id', { config, schema: schemas.revoke }, async (request) => {
    const revoked = await keyAdministration.revoke(readerFor(deps, request), request.params.id);
    audit(request, 'key_revoked', revoked);
    return revoked;
  });

  app.post('/v1/keys/:id/rotate', { ...withBody, schema: schemas.rotate }, async (request, reply) => {
    const { grace_seconds = 0 } = request.body;
    const made = await keyAdministration.rotate(readerFor(deps, request), request.params.id, grace_seconds * 1000);
    audit(request, 'key_rotated', made, { replaced: made.replaced.id, replacedExpires: made.replaced.expires });
    unkept(reply);
    return reply.code(201).send(made);
  });
}
