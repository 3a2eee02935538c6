/** The OpenAPI 3.1 document. Security is written from the scope each route declares, so the two cannot drift apart. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

const SECURITY = [{ bearer: [] }, { apiKey: [] }];

export const OPENAPI_OPTIONS: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Picket',
      version: '1.0.0',
      description: 'Send agent audit events, read alerts and what is normal for an agent, and answer alerts.',
    },
    tags: [
      { name: 'events', description: 'Audit events' },
      { name: 'alerts', description: 'Alerts and what analysts say about them' },
      { name: 'agents', description: 'Agents and their baselines' },
      { name: 'keys', description: 'API keys of the tenant' },
      { name: 'operations', description: 'Health, metrics, this document' },
    ],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'API key' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  },
  transform: ({ schema, url, route }) => {
    const scope = route.config?.scope;
    const security = scope === 'public' ? [] : SECURITY;
    return { schema: { ...schema, security, 'x-picket-scope': scope }, url };
  },
};
