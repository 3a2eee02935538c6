/** Health, readiness and metrics of a process that has no API: a worker, an intake stage. Asks for no key and shows no event. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import { createMetrics } from './metrics.ts';
import type { Status } from './ports.ts';
import { healthRoutes } from './routes/operations.ts';

export function createOperationsServer(status: Status): FastifyInstance {
  const app = Fastify({ logger: false, requestTimeout: 10_000 }).withTypeProvider<TypeBoxTypeProvider>();
  healthRoutes(app, { status, metrics: createMetrics(status) });
  return app as unknown as FastifyInstance;
}
