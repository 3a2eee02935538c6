/** Agents: who acts here, and what is normal for one of them. */
import { callerOf } from '../auth.ts';
import { Problem } from '../problems.ts';
import { listAgents } from '../queries/list-agents.ts';
import { AgentDescriptionSchema, AgentSchema } from '../schemas/agent.ts';
import {
  AgentId,
  group,
  Identifier,
  maybe,
  PAGE_LIMIT_DEFAULT,
  PageQuery,
  PROBLEM_RESPONSES,
  page,
} from '../schemas/common.ts';
import { type ApiApp, type RouteDeps, readerFor } from './route.ts';

const listSchema = {
  operationId: 'listAgents',
  tags: ['agents'],
  summary: 'Agents in the order of their ids',
  querystring: group({ kind: maybe(Identifier), ...PageQuery }),
  response: { 200: page(AgentSchema), ...PROBLEM_RESPONSES },
};

const describeSchema = {
  operationId: 'getAgent',
  tags: ['agents'],
  summary: 'What is normal for an agent, and what is unusual now',
  params: group({ id: AgentId }),
  response: { 200: AgentDescriptionSchema, ...PROBLEM_RESPONSES },
};

export function agentRoutes(app: ApiApp, deps: RouteDeps): void {
  app.get('/v1/agents', { config: { scope: 'read' }, schema: listSchema }, (request) => {
    const { kind, limit = PAGE_LIMIT_DEFAULT, cursor } = request.query;
    return listAgents(readerFor(deps, request), { kind }, limit, cursor);
  });

  app.get('/v1/agents/:id', { config: { scope: 'read' }, schema: describeSchema }, async (request) => {
    const description = await deps.agents.describe(callerOf(request).tenant, request.params.id);
    if (!description) throw new Problem('not_found', 'There is no such agent.', { field: 'id' });
    return description;
  });
}
