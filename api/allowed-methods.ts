/**
 * A path that exists, asked by a method that it does not have, is answered 405 with `Allow`: "there is no such route" would send people looking
 * for a mistake in the path.
 */
import type { HTTPMethods, RouteOptions } from 'fastify';
import { Problem } from './problems.ts';
import type { ApiApp } from './routes/route.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Call before routes are added; what it returns, after the last of them. */
export function watchMethods(app: ApiApp): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const methods = taken.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    taken.set(url, methods);
  });
  return () => {
    // What it adds itself is watched too.
    for (const [url, methods] of [...taken]) refuseOthers(app, url, [...methods].sort());
  };
}

function refuseOthers(app: ApiApp, url: string, allowed: readonly string[]): void {
  const refuse = async (): Promise<never> => {
    throw new Problem('method_not_allowed', `This path takes ${allowed.join(', ')}.`, { allowed });
  };
  const method = METHODS.filter((one) => !allowed.includes(one));
  // Before anything of the body is read. Public, as the answer to a path that does not exist.
  app.route({ method, url, config: { scope: 'public' }, schema: { hide: true }, onRequest: refuse, handler: refuse });
}
