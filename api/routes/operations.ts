/** For the platform: is the process alive, is it ready, what does it count, what does it offer. None asks for a key. */
import { Type } from 'typebox';
import type { Readiness, Status } from '../ports.ts';
import { group, maybe, PROBLEM_RESPONSES } from '../schemas/common.ts';
import type { ApiApp, RouteDeps } from './route.ts';

const Health = group({ status: Type.String() });
const ReadinessSchema = group({
  ready: Type.Boolean(),
  degraded: maybe(
    Type.Boolean({ description: 'Something is wrong that somebody should look at; it works nevertheless' }),
  ),
  checks: Type.Array(group({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});
const tags = ['operations'];
const config = { scope: 'public' } as const;

async function readiness(status: Status): Promise<Readiness> {
  try {
    return await status.ready();
  } catch {
    return { ready: false, checks: [{ name: 'status', ok: false, detail: 'The checks themselves failed.' }] };
  }
}

/** Also of processes that offer nothing else. */
export function healthRoutes(app: ApiApp, deps: Pick<RouteDeps, 'status' | 'metrics'>): void {
  const healthSchema = {
    operationId: 'health',
    tags,
    summary: 'The process answers',
    response: { 200: Health, ...PROBLEM_RESPONSES },
  };
  app.get('/healthz', { config, schema: healthSchema }, async () => ({ status: 'ok' }));

  const responses = { 200: ReadinessSchema, 503: ReadinessSchema };
  const readySchema = { operationId: 'ready', tags, summary: 'It can take and serve work', response: responses };
  app.get('/readyz', { config, schema: readySchema }, async (_request, reply) => {
    const { ready, checks } = await readiness(deps.status);
    const degraded = checks.some((check) => check.degraded === true);
    const shown = checks.map(({ name, ok, detail }) => ({ name, ok, detail }));
    return reply.code(ready ? 200 : 503).send({ ready, ...(degraded && { degraded }), checks: shown });
  });

  const metricsSchema = { operationId: 'metrics', tags, summary: 'Prometheus metrics', produces: ['text/plain'] };
  app.get('/metrics', { config, schema: metricsSchema }, async (_request, reply) =>
    reply.type(deps.metrics.contentType).send(await deps.metrics.text()),
  );
}

export function operationRoutes(app: ApiApp, deps: RouteDeps): void {
  healthRoutes(app, deps);
  const openapiSchema = { operationId: 'openapi', tags, summary: 'This document' };
  app.get('/openapi.json', { config, schema: openapiSchema }, async (_request, reply) => reply.send(app.swagger()));
}
