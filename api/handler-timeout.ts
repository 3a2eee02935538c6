/**
 * Every request is answered in time, whatever its handler still waits for. The framework's own limit takes `close` of the request for the end
 * of its connection, and node says `close` when the body has been read: so it never holds for a request that brings one.
 */
import type { FastifyInstance } from 'fastify';
import type { ApiDeps } from './ports.ts';
import { Problem } from './problems.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Time of this route, where it is not `ApiLimits.handlerTimeoutMs`. */
    handlerTimeoutMs?: number;
  }
}

/** Before other hooks: what they wait for counts. The handler goes on, unheard. */
export function limitHandlers(app: FastifyInstance, { limits, timers }: Pick<ApiDeps, 'limits' | 'timers'>): void {
  app.addHook('onRequest', async (request, reply) => {
    const { handlerTimeoutMs = limits.handlerTimeoutMs } = request.routeOptions.config;
    const cancel = timers.after(handlerTimeoutMs, () => {
      if (!reply.raw.headersSent) reply.send(new Problem('timed_out', 'The request took longer than is allowed.'));
    });
    reply.raw.once('close', cancel);
  });
}
