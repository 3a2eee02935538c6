/** Stored events. Their texts are sent only when asked for: they are attacker-controlled and may be large. */
import { Type } from 'typebox';
import { invalidField } from '../problems.ts';
import { listEvents } from '../queries/list-events.ts';
import {
  AgentId,
  group,
  Identifier,
  maybe,
  PAGE_LIMIT_DEFAULT,
  PageQuery,
  PROBLEM_RESPONSES,
  page,
  TimeFilter,
} from '../schemas/common.ts';
import { StoredEventSchema } from '../schemas/event.ts';
import { type ApiApp, type RouteDeps, readerFor, timeRange } from './route.ts';

/** Six texts of 64 KiB an event: a full page of them would be tens of megabytes. */
const LIMIT_WITH_CONTENT_MAX = 50;

const schema = {
  operationId: 'listEvents',
  tags: ['events'],
  summary: 'Events with the verdict taken on them, newest first',
  querystring: group({
    agent: maybe(AgentId),
    session: maybe(Type.String({ minLength: 1, maxLength: 1024, description: 'Session id, given or derived' })),
    alert: maybe(Identifier),
    min_score: maybe(Type.Number({ minimum: 0, maximum: 1, description: 'Lowest score shown' })),
    since: maybe(TimeFilter),
    until: maybe(TimeFilter),
    content: maybe(
      Type.Boolean({ description: `true: with the texts of the act; limit is ${LIMIT_WITH_CONTENT_MAX} at most then` }),
    ),
    ...PageQuery,
  }),
  response: { 200: page(StoredEventSchema), ...PROBLEM_RESPONSES },
};

export function eventRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/events', { config: { scope: 'read' }, schema }, async (request) => {
    const {
      agent,
      session,
      alert,
      min_score: minScore,
      content = false,
      limit = PAGE_LIMIT_DEFAULT,
      cursor,
    } = request.query;
    if (content && limit > LIMIT_WITH_CONTENT_MAX) {
      throw invalidField('limit', `With content=true a page holds ${LIMIT_WITH_CONTENT_MAX} events at most.`);
    }
    const filter = { agent, session, alert, minScore, ...timeRange(request.query) };
    return listEvents(readerFor(deps, request), filter, limit, cursor, content);
  });
}
