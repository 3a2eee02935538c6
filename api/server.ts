/** The HTTP API, built apart from listening: tests inject requests, `picket up` binds a port. */
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { watchMethods } from './allowed-methods.ts';
import { registerAuth } from './auth.ts';
import { handleError, handleNotFound } from './error-handler.ts';
import { limitHandlers } from './handler-timeout.ts';
import { safeLogger } from './logging.ts';
import { createMetrics } from './metrics.ts';
import { OPENAPI_OPTIONS } from './openapi.ts';
import type { ApiDeps } from './ports.ts';
import { agentRoutes } from './routes/agents.ts';
import { alertStateRoutes } from './routes/alert-state.ts';
import { alertRoutes } from './routes/alerts.ts';
import { baselineChangeRoutes } from './routes/baseline-changes.ts';
import { baselineRoutes } from './routes/baselines.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { deliveryReplayRoutes } from './routes/delivery-replay.ts';
import { eventRoutes } from './routes/events.ts';
import { intakeRoutes } from './routes/intake.ts';
import { keyRoutes } from './routes/keys.ts';
import { operationRoutes } from './routes/operations.ts';
import type { ApiApp, RouteDeps } from './routes/route.ts';
import { verifyRoutes } from './routes/verify.ts';
import { createTenantReaders } from './tenant-reader.ts';

/** Ids have up to 256 characters, each up to two UTF-16 units; anything far longer is no id. */
const PARAM_UNITS_MAX = 1024;

type AddRoutes = (app: ApiApp, deps: RouteDeps) => void | Promise<void>;

const ROUTES: readonly AddRoutes[] = [
  intakeRoutes,
  alertRoutes,
  alertStateRoutes,
  deliveryReplayRoutes,
  agentRoutes,
  baselineRoutes,
  baselineChangeRoutes,
  eventRoutes,
  deadLetterRoutes,
  verifyRoutes,
  keyRoutes,
  operationRoutes,
];

function frameworkOptions({ limits, logger, requestId }: ApiDeps) {
  return {
    logger: safeLogger(logger),
    genReqId: requestId,
    requestTimeout: limits.requestTimeoutMs,
    http: { maxHeaderSize: limits.headerBytesMax },
    routerOptions: { maxParamLength: PARAM_UNITS_MAX },
    // A parameter we do not know is a mistake of the caller: dropping it would answer another question than was asked.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      handleError(error, request, reply);
    },
  } as const;
}

/**
 * Call `ready()` or `listen()` on the result. Throws when a route declares no scope.
 * @param routes all of them, unless somebody asks for few: each costs some milliseconds
 */
export function createApi(deps: ApiDeps, routes = ROUTES): FastifyInstance {
  const app: ApiApp = Fastify(frameworkOptions(deps)).withTypeProvider<TypeBoxTypeProvider>();
  const metrics = createMetrics(deps.status);
  const readerOf = createTenantReaders(deps.store, deps.limits.queriesInFlightMax);
  const routeDeps: RouteDeps = { ...deps, metrics, readerOf };

  app.server.maxConnections = deps.limits.connectionsMax;
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleNotFound);
  limitHandlers(app, deps);
  registerAuth(app, deps, metrics.countAuthFailure);
  app.addHook('onResponse', async (request, reply) => metrics.observe(request, reply));
  app.register(swagger, OPENAPI_OPTIONS);
  // Routes wait for the document's hook: it sees only what is added after it.
  app.register(async (scoped: ApiApp) => {
    const refuseOtherMethods = watchMethods(scoped);
    for (const addRoutes of routes) await addRoutes(scoped, routeDeps);
    refuseOtherMethods();
  });
  return app as unknown as FastifyInstance;
}
