/**
 * Every request is answered in time, which is its route's or that of all, whatever its handler still waits for. The framework's own limit
 * takes `close` of the request for the end of its connection, and node says `close` when the body has been read: so it never holds for a
 * request that brings one.
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

const RETRY_AFTER_SECONDS = 2;

/** Before other hooks: what they wait for counts. The handler goes on, unheard; what of the body has not come yet is not read any more. */
export function limitHandlers(app: FastifyInstance, { limits, timers }: Pick<ApiDeps, 'limits' | 'timers'>): void {
  app.addHook('onRequest', async (request, reply) => {
    const { handlerTimeoutMs = limits.handlerTimeoutMs } = request.routeOptions.config;
    const cancel = timers.after(handlerTimeoutMs, () => {
      if (reply.raw.headersSent) return;
      if (request.raw.complete === false) reply.raw.once('finish', () => request.raw.destroy());
      const facts = { retryAfterSeconds: RETRY_AFTER_SECONDS };
      reply.send(new Problem('timed_out', 'The request took longer than is allowed.', facts));
    });
    reply.raw.once('close', cancel);
  });
}
