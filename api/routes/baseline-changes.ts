/**
 * An operator's word on a baseline: reset, rollback, or a new one built from stored events. Each is a record of the log, as an analyst's
 * word on an alert is: the owner of the agent's partition carries it out at its position.
 */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { DAY_MS } from '../../baselines/periods.ts';
import { type BaselineChangeEntry, epochOf } from '../../ingest/log.ts';
import { callerOf } from '../auth.ts';
import { invalidField, Problem } from '../problems.ts';
import { type StoredBaseline, storedBaselines, storedState } from '../queries/stored-baselines.ts';
import {
  BaselineChangeAccepted,
  type BaselineChangeBody,
  BuildRequest,
  type BuiltBody,
  ResetRequest,
  RollbackRequest,
} from '../schemas/baseline.ts';
import { AgentId, group, PROBLEM_RESPONSES } from '../schemas/common.ts';
import { formatTime, parseTime } from '../time.ts';
import { noSuchAgent } from './baselines.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const BODY_BYTES_MAX = 16 * 1024;
/** Reading hundreds of thousands of events takes its time; less than the five minutes after which HTTP clients give up. */
const BUILD_MS_MAX = 4 * 60_000;

const common = {
  tags: ['agents'],
  params: group({ id: AgentId }),
  response: { 202: BaselineChangeAccepted, ...PROBLEM_RESPONSES },
};

const resetSchema = {
  ...common,
  operationId: 'resetBaseline',
  summary: 'Forget what was learned of an agent: it is new again',
  body: ResetRequest,
};

const rollbackSchema = {
  ...common,
  operationId: 'rollBackBaseline',
  summary: 'Go on from a stored baseline',
  body: RollbackRequest,
};

const buildSchema = {
  ...common,
  operationId: 'buildBaseline',
  summary: 'Build a baseline from the stored events of an agent, and go on from it; one at a time',
  body: BuildRequest,
};

/** Nothing in a body is required, so neither is a body. */
async function allowNoBody(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

const options = {
  config: { scope: 'triage' as const },
  bodyLimit: BODY_BYTES_MAX,
  // The default validator would turn numbers of a body into strings.
  validatorCompiler: TypeBoxValidatorCompiler,
  preValidation: allowNoBody,
};

interface Wanted {
  readonly kind: BaselineChangeEntry['kind'];
  readonly content?: string;
  readonly to?: string;
}

function toEntry(request: FastifyRequest, agent: string, note: string | undefined, wanted: Wanted, nowMs: number) {
  const { tenant, name, keyId } = callerOf(request);
  const entry: BaselineChangeEntry = {
    ...wanted,
    tenant,
    agent,
    receivedMs: nowMs,
    // Names are free text and may repeat; the id behind it is what an audit can rely on.
    by: `${name} (${keyId})`,
    ...(note !== undefined && note !== '' && { note }),
  };
  return entry;
}

const toAnswer = ({ kind, agent, to, by, note, receivedMs }: BaselineChangeEntry): BaselineChangeBody => ({
  agent,
  change: kind,
  ...(to !== undefined && { to }),
  ...(note !== undefined && { note }),
  by,
  received: formatTime(receivedMs),
});

// The log would refuse half a surrogate pair, and with it the batch this change travels in.
function assertWellFormed(note: string | undefined): void {
  if (note?.isWellFormed() === false) throw invalidField('note', 'The note holds half of a surrogate pair.');
}

/** The one named exactly, of whatever epoch of the log; else the newest up to there. Ids of older epochs cannot be compared. */
function findStored(stored: readonly StoredBaseline[], to: number): StoredBaseline | undefined {
  const exact = stored.find(({ id }) => id === to);
  const [newest] = stored;
  if (exact !== undefined || newest === undefined) return exact;
  const before = stored.filter(({ partition, id }) => partition === newest.partition && id <= to);
  return before.sort((a, b) => b.id - a.id)[0];
}

function choose(stored: readonly StoredBaseline[], to: number | undefined): StoredBaseline {
  const [newest] = stored;
  if (newest === undefined) {
    throw new Problem('not_found', 'No baseline of this agent is stored yet; one a day is kept.', { field: 'to' });
  }
  const chosen =
    to === undefined ? stored.find(({ clockMs }) => newest.clockMs - clockMs >= DAY_MS) : findStored(stored, to);
  if (chosen !== undefined) return chosen;
  const missed = to === undefined ? 'that is a day older than the newest' : `with the id ${to} or one before it`;
  const known = stored.map(({ id, clockMs }) => `${id} (${formatTime(clockMs)})`).join(', ');
  throw new Problem('not_found', `There is no stored baseline ${missed}. There are: ${known}.`, { field: 'to' });
}

export function baselineChangeRoutes(app: ApiApp, deps: RouteDeps): void {
  const { baselines, log, now } = deps;

  async function assertKnown(request: FastifyRequest, agent: string): Promise<void> {
    if ((await baselines.describe(callerOf(request).tenant, agent)) === undefined) throw noSuchAgent();
  }

  app.post('/v1/agents/:id/baseline/reset', { ...options, schema: resetSchema }, async (request, reply) => {
    const { id } = request.params;
    const { note } = request.body;
    assertWellFormed(note);
    await assertKnown(request, id);
    const entry = toEntry(request, id, note, { kind: 'reset' }, now());
    await log.append([entry]);
    return reply.code(202).send(toAnswer(entry));
  });

  app.post('/v1/agents/:id/baseline/rollback', { ...options, schema: rollbackSchema }, async (request, reply) => {
    const { id } = request.params;
    const { note, to } = request.body;
    assertWellFormed(note);
    await assertKnown(request, id);
    const reader = readerFor(deps, request);
    const stored = await storedBaselines(reader, id);
    const chosen = choose(stored, to);
    const state = await storedState(reader, id, chosen);
    if (state === undefined) {
      throw new Problem('busy', 'That baseline was replaced by another meanwhile.', { retryAfterSeconds: 1 });
    }
    const older = epochOf(chosen.partition) < epochOf(stored[0]?.partition ?? 0);
    const { content } = await baselines.keep(reader.tenant, state, older);
    const entry = toEntry(request, id, note, { kind: 'rollback', content, to: String(chosen.id) }, now());
    await log.append([entry]);
    return reply.code(202).send({ ...toAnswer(entry), to_time: formatTime(chosen.clockMs) });
  });

  const config = { ...options.config, handlerTimeoutMs: BUILD_MS_MAX };
  const building = { ...options, config, schema: buildSchema };
  app.post('/v1/agents/:id/baseline/build', building, async (request, reply) => {
    const { id } = request.params;
    const { note, since } = request.body;
    assertWellFormed(note);
    await assertKnown(request, id);
    const sinceMs = since === undefined ? 0 : parseTime(since, 'since');
    const { content, built } = await baselines.build(callerOf(request).tenant, id, sinceMs);
    const entry = toEntry(request, id, note, { kind: 'rollback', content, to: 'built' }, now());
    await log.append([entry]);
    const answer: BaselineChangeBody & { built: BuiltBody } = { ...toAnswer(entry), built };
    return reply.code(202).send(answer);
  });
}
