/** Proof that what is stored is what the log leads to, and repair of what can be written again. For administrators. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth.ts';
import { invalidField, Problem } from '../problems.ts';
import { AgentId, group, PROBLEM_RESPONSES } from '../schemas/common.ts';
import {
  AgentVerificationQuery,
  AgentVerificationSchema,
  CheckRequest,
  PlanSchema,
  RangeQuery,
  RangeReportSchema,
  STRETCH_POSITIONS_MAX,
} from '../schemas/verify.ts';
import { type ApiApp, type RouteDeps, timeRange } from './route.ts';

/** Judging some hundred thousand events takes its time; less than the five minutes after which HTTP clients give up. */
const VERIFY_MS_MAX = 4 * 60_000;
const BODY_BYTES_MAX = 16 * 1024;

const tags = ['operations'];
const config = { scope: 'admin' as const, handlerTimeoutMs: VERIFY_MS_MAX };

const agentSchema = {
  operationId: 'verifyAgent',
  tags,
  summary: 'Recompute an agent from the log and compare every verdict and state with what is stored; one at a time',
  params: group({ id: AgentId }),
  querystring: AgentVerificationQuery,
  response: { 200: AgentVerificationSchema, ...PROBLEM_RESPONSES },
};

const planSchema = {
  operationId: 'planVerification',
  tags,
  summary: 'The stretches of the log that a range of positions or times is; for the tenant that runs Picket',
  querystring: RangeQuery,
  response: { 200: PlanSchema, ...PROBLEM_RESPONSES },
};

const checkSchema = {
  operationId: 'verifyStretch',
  tags,
  summary:
    'Prove that nothing is missing in a stretch of the log, and write again what can be; for the tenant that runs Picket',
  body: CheckRequest,
  response: { 200: RangeReportSchema, ...PROBLEM_RESPONSES },
};

export function verifyRoutes(app: ApiApp, { verification }: RouteDeps): void {
  /** The log is everybody's: its positions tell of all tenants. */
  function assertOperator(request: FastifyRequest): void {
    if (callerOf(request).tenant === verification.operator) return;
    throw new Problem('forbidden', 'The log as a whole is for the tenant that runs Picket.');
  }

  app.get('/v1/agents/:id/verification', { config, schema: agentSchema }, async (request) => {
    const { mode = 'judge', from } = request.query;
    return verification.agent(callerOf(request).tenant, request.params.id, mode, from);
  });

  app.get('/v1/log/verification', { config, schema: planSchema }, async (request) => {
    assertOperator(request);
    const { since: _since, until: _until, ...positions } = request.query;
    const { since, until } = timeRange(request.query);
    return verification.plan({
      ...positions,
      ...(since !== undefined && { sinceMs: since }),
      ...(until !== undefined && { untilMs: until }),
    });
  });

  const checking = {
    config,
    bodyLimit: BODY_BYTES_MAX,
    // The default validator would turn numbers of a body into strings.
    validatorCompiler: TypeBoxValidatorCompiler,
    schema: checkSchema,
  };
  app.post('/v1/log/verification', checking, async (request) => {
    assertOperator(request);
    const { repair = false, ...stretch } = request.body;
    const positions = stretch.last - stretch.first + 1;
    if (positions < 1 || positions > STRETCH_POSITIONS_MAX)
      throw invalidField('last', `A stretch has 1 to ${STRETCH_POSITIONS_MAX} positions.`);
    return verification.check(stretch, repair);
  });
}
