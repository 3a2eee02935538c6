/** A delivery that has ended is sent once more. The wish stands in the store, where the worker that sends this alert's webhooks finds it. */
import { LOOKBACK_MS } from '../../alerts/delivery.ts';
import { callerOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { alertReceived } from '../queries/alert-received.ts';
import { DeliveryReplaySchema } from '../schemas/alert.ts';
import { group, Identifier, PROBLEM_RESPONSES } from '../schemas/common.ts';
import { formatTime } from '../time.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const schema = {
  operationId: 'replayDelivery',
  tags: ['alerts'],
  summary: 'Send a delivery of an alert to its playbook again',
  params: group({ id: Identifier, playbook: Identifier }),
  response: { 202: DeliveryReplaySchema, ...PROBLEM_RESPONSES },
};

const DAY_MS = 86_400_000;

/** Of what is older nobody looks for unfinished deliveries. */
function assertRecent(receivedMs: number | undefined, nowMs: number): void {
  if (receivedMs === undefined) throw new Problem('not_found', 'There is no such alert.', { field: 'id' });
  if (receivedMs >= nowMs - LOOKBACK_MS) return;
  throw new Problem('cannot_replay', `The alert opened more than ${LOOKBACK_MS / DAY_MS} days ago.`, { field: 'id' });
}

export function deliveryReplayRoutes(app: ApiApp, deps: RouteDeps): void {
  const options = { config: { scope: 'triage' as const }, schema };
  app.post('/v1/alerts/:id/deliveries/:playbook/replay', options, async (request, reply) => {
    const { id, playbook } = request.params;
    const caller = callerOf(request);
    const nowMs = deps.now();
    assertRecent(await alertReceived(readerFor(deps, request), id), nowMs);
    // Names are free text and may repeat; the id behind it is what an audit can rely on.
    const by = `${caller.name.slice(0, 100)} (${caller.keyId})`;
    const answer = await deps.deliveries.replay({ tenant: caller.tenant, alertId: id, playbook }, by, nowMs);
    if (answer.state === 'never_attempted')
      throw new Problem('not_found', 'This alert was never sent to a playbook of that name.', { field: 'playbook' });
    const { state, nextAttemptMs } = answer;
    return reply.code(202).send({ alert: id, playbook, state, next_attempt: formatTime(nextAttemptMs), by });
  });
}
