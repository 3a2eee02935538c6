/**
 * Who may do what, decided before a body is read. Deny by default: a route that does not declare its scope does not start.
 */
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { allows, type Identity, type Scope } from './keys.ts';
import type { ApiDeps } from './ports.ts';
import { Problem } from './problems.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `public`: no key is asked for. */
    scope?: Scope | 'public';
  }
  interface FastifyRequest {
    identity: Identity | null;
  }
}

export type AuthFailure = 'missing' | 'malformed' | 'unknown' | 'mismatch' | 'revoked' | 'expired' | 'scope' | 'rate';

function assertScope(route: RouteOptions): void {
  if (route.config?.scope === undefined) throw new Error(`The route ${route.url} declares no scope.`);
}

function presentedKey(request: FastifyRequest): string | undefined {
  const { authorization } = request.headers;
  if (authorization !== undefined) return /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  const key = request.headers['x-api-key'];
  return typeof key === 'string' ? key : undefined;
}

/** The caller of a route with a scope. Throws on a public one: that is a mistake of ours. */
export function callerOf(request: Pick<FastifyRequest, 'identity'>): Identity {
  if (!request.identity) throw new Error('No caller on this route.');
  return request.identity;
}

function limitRate(limiter: RateLimiter, caller: Identity): void {
  const retryAfterSeconds = limiter.take(`${caller.tenant}\0${caller.keyId}`);
  if (retryAfterSeconds > 0) {
    throw new Problem('rate_limited', 'This key has sent too many requests.', { retryAfterSeconds });
  }
}

/** Which failure it was is counted and logged, never told: all answers to a bad key read the same. */
export function registerAuth(app: FastifyInstance, deps: ApiDeps, onFailure: (reason: AuthFailure) => void): void {
  const { readsPerSecond: perSecond, readBurst: burst, keysTracked: tracked } = deps.limits;
  const limiter = createRateLimiter({ perSecond, burst, tracked }, deps.now);

  async function identify(request: FastifyRequest): Promise<Identity> {
    const key = presentedKey(request);
    const judgement =
      key === undefined ? { ok: false as const, reason: 'missing' as const } : await deps.keys.identify(key);
    if (judgement.ok) return judgement.identity;
    onFailure(judgement.reason);
    request.log.warn({ reason: judgement.reason }, 'key refused');
    throw new Problem('unauthorized', 'The request carries no valid API key.');
  }

  async function authorise(request: FastifyRequest): Promise<void> {
    const { scope } = request.routeOptions.config;
    if (request.is404 || scope === 'public') return;
    const caller = await identify(request);
    if (scope === undefined || !allows(caller.scopes, scope)) {
      onFailure('scope');
      request.log.warn({ keyId: caller.keyId, scope }, 'scope refused');
      throw new Problem('forbidden', 'This key may not use this route.');
    }
    try {
      if (scope !== 'ingest') limitRate(limiter, caller);
    } catch (error) {
      onFailure('rate');
      throw error;
    }
    request.identity = caller;
  }

  app.decorateRequest('identity', null);
  app.addHook('onRoute', assertScope);
  app.addHook('onRequest', authorise);
}
