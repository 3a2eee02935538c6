/** An analyst's word on an alert. It is a record of the log: the owner of the agent's partition decides what follows. */
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { AlertChangeEntry } from '../../ingest/log.ts';
import { callerOf } from '../auth.ts';
import type { Identity } from '../keys.ts';
import { invalidField, Problem } from '../problems.ts';
import { findAlert } from '../queries/find-alert.ts';
import {
  AlertChangeAccepted,
  type AlertChangeAcceptedBody,
  type AlertChangeBody,
  AlertChangeRequest,
} from '../schemas/alert.ts';
import { group, Identifier, PROBLEM_RESPONSES } from '../schemas/common.ts';
import { formatTime } from '../time.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const BODY_BYTES_MAX = 16 * 1024;

const schema = {
  operationId: 'changeAlert',
  tags: ['alerts'],
  summary: 'Acknowledge, close or reopen an alert',
  params: group({ id: Identifier }),
  body: AlertChangeRequest,
  response: { 202: AlertChangeAccepted, ...PROBLEM_RESPONSES },
};

function assertMeaningful({ state, disposition, note }: AlertChangeBody): void {
  // The log would refuse half a surrogate pair, and with it the batch this change travels in.
  if (note?.isWellFormed() === false) throw invalidField('note', 'The note holds half of a surrogate pair.');
  if (state === 'closed' && disposition === undefined) {
    throw invalidField(
      'disposition',
      'Closing an alert needs a disposition: it decides whether its sessions are learned.',
    );
  }
  if (state !== 'closed' && disposition !== undefined) {
    throw invalidField('disposition', 'Only a closed alert has a disposition.');
  }
}

function toEntry(
  alert: { id: string; agent: string },
  change: AlertChangeBody,
  caller: Identity,
  nowMs: number,
): AlertChangeEntry {
  const { state, disposition, note } = change;
  return {
    kind: 'disposition',
    tenant: caller.tenant,
    receivedMs: nowMs,
    agent: alert.agent,
    alertId: alert.id,
    state,
    ...(disposition !== undefined && { disposition }),
    // Names are free text and may repeat; the id behind it is what an audit can rely on.
    by: `${caller.name} (${caller.keyId})`,
    ...(note !== undefined && note !== '' && { note }),
  };
}

function toAnswer({
  alertId,
  receivedMs,
  agent,
  state,
  disposition,
  by,
  note,
}: AlertChangeEntry): AlertChangeAcceptedBody {
  return {
    alert: alertId,
    agent,
    state,
    ...(disposition !== undefined && { disposition }),
    ...(note !== undefined && { note }),
    by,
    received: formatTime(receivedMs),
  };
}

export function alertStateRoutes(app: ApiApp, deps: RouteDeps): void {
  const options = {
    config: { scope: 'triage' as const },
    bodyLimit: BODY_BYTES_MAX,
    // The default validator would turn numbers of a body into strings.
    validatorCompiler: TypeBoxValidatorCompiler,
    schema,
  };
  app.post('/v1/alerts/:id/state', options, async (request, reply) => {
    assertMeaningful(request.body);
    const alert = await findAlert(readerFor(deps, request), request.params.id);
    if (!alert) throw new Problem('not_found', 'There is no such alert.', { field: 'id' });
    const entry = toEntry(alert, request.body, callerOf(request), deps.now());
    await deps.log.append([entry]);
    return reply.code(202).send(toAnswer(entry));
  });
}
