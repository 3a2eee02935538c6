/** A typed client of the API, for the CLI: over the network, or straight into an app of the same process. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { Page } from './cursor.ts';
import type { AgentDescription, IntakeResult } from './ports.ts';
import type { AgentBody } from './schemas/agent.ts';
import type {
  AlertBody,
  AlertChangeAcceptedBody,
  AlertChangeBody,
  AlertDetailBody,
  DeliveryReplayBody,
} from './schemas/alert.ts';
import type { BaselineBody, BaselineChangeBody, SeriesBody } from './schemas/baseline.ts';
import type { ProblemBody } from './schemas/common.ts';
import type { KeyBody, KeyRequestBody, MintedKeyBody, RotatedKeyBody } from './schemas/key.ts';
import type { AgentVerification, RangePlan, RangeReport, StretchBody } from './schemas/verify.ts';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query; never a key. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** Rejects only when no answer came. */
export type Transport = (request: TransportRequest) => Promise<{ status: number; body: string }>;

/** The API answered with a problem. `message` is its detail, followed by what can be done. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly problem: Partial<ProblemBody>;

  constructor(status: number, problem: Partial<ProblemBody>) {
    const detail = problem.detail ?? `The API answered ${status}.`;
    super([detail, problem.action].filter(Boolean).join(' '));
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.detail = detail;
    this.problem = problem;
  }
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface AlertQuery {
  readonly agent?: string;
  readonly detector?: string;
  readonly severity?: string;
  readonly state?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface PostOptions {
  readonly gzip?: boolean;
  readonly idempotencyKey?: string;
}

export interface PostAnswer extends IntakeResult {
  /** `rejected` may list fewer. */
  readonly rejected_count: number;
}

export interface ApiClient {
  listAlerts(query?: AlertQuery): Promise<Page<AlertBody>>;
  getAlert(id: string): Promise<AlertDetailBody>;
  changeAlert(id: string, change: AlertChangeBody): Promise<AlertChangeAcceptedBody>;
  replayDelivery(id: string, playbook: string): Promise<DeliveryReplayBody>;
  listAgents(query?: { kind?: string; limit?: number; cursor?: string }): Promise<Page<AgentBody>>;
  getAgent(id: string): Promise<AgentDescription>;
  getBaseline(id: string): Promise<BaselineBody>;
  getBaselineSeries(id: string, query?: { measure?: string; hours?: number }): Promise<SeriesBody>;
  resetBaseline(id: string, wish: { note?: string }): Promise<BaselineChangeBody>;
  rollBackBaseline(id: string, wish: { to?: number; note?: string }): Promise<BaselineChangeBody>;
  /** May take minutes. */
  buildBaseline(id: string, wish: { since?: string; note?: string }): Promise<BaselineChangeBody>;
  /** May take minutes, as do the next two. */
  verifyAgent(id: string, query?: { mode?: string; from?: number }): Promise<AgentVerification>;
  planVerification(range: Query): Promise<RangePlan>;
  verifyStretch(stretch: StretchBody & { repair?: boolean }): Promise<RangeReport>;
  listKeys(query?: { limit?: number; cursor?: string }): Promise<Page<KeyBody>>;
  /** The only answer that holds the key, as that of a rotation does. */
  createKey(wish: KeyRequestBody): Promise<MintedKeyBody>;
  revokeKey(id: string): Promise<KeyBody>;
  rotateKey(id: string, wish: { grace_seconds?: number }): Promise<RotatedKeyBody>;
  postEvents(body: string | Uint8Array, contentType: string, options?: PostOptions): Promise<PostAnswer>;
  health(): Promise<{ status: string }>;
}

function withQuery(path: string, query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  const text = given.toString();
  return text === '' ? path : `${path}?${text}`;
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // A proxy in between answers in HTML; its text is of no use to anybody.
    return undefined;
  }
}

async function call<Answer>(transport: Transport, request: TransportRequest): Promise<Answer> {
  const { status, body } = await transport(request);
  const answer = parseBody(body);
  if (status < 200 || status > 299 || answer === undefined)
    throw new ApiProblem(status, (answer ?? {}) as Partial<ProblemBody>);
  return answer as Answer;
}

async function eventRequest(
  body: string | Uint8Array,
  contentType: string,
  options: PostOptions,
): Promise<TransportRequest> {
  const headers = {
    'content-type': contentType,
    ...(options.gzip && { 'content-encoding': 'gzip' }),
    ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
  };
  const sent = options.gzip ? await promisify(gzip)(body) : body;
  return { method: 'POST', path: '/v1/events', headers, body: sent };
}

export function createApiClient(transport: Transport): ApiClient {
  const get = <Answer>(path: string, query: Query = {}) =>
    call<Answer>(transport, { method: 'GET', path: withQuery(path, query), headers: {} });
  const segment = encodeURIComponent;
  const post = <Answer>(path: string, body: object) =>
    call<Answer>(transport, {
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  return {
    listAlerts: (query = {}) => get('/v1/alerts', { ...query }),
    getAlert: (id) => get(`/v1/alerts/${segment(id)}`),
    changeAlert: (id, change) => post(`/v1/alerts/${segment(id)}/state`, change),
    replayDelivery: (id, playbook) => post(`/v1/alerts/${segment(id)}/deliveries/${segment(playbook)}/replay`, {}),
    listAgents: (query = {}) => get('/v1/agents', { ...query }),
    getAgent: (id) => get(`/v1/agents/${segment(id)}`),
    getBaseline: (id) => get(`/v1/agents/${segment(id)}/baseline`),
    getBaselineSeries: (id, query = {}) => get(`/v1/agents/${segment(id)}/baseline/series`, { ...query }),
    resetBaseline: (id, wish) => post(`/v1/agents/${segment(id)}/baseline/reset`, wish),
    rollBackBaseline: (id, wish) => post(`/v1/agents/${segment(id)}/baseline/rollback`, wish),
    buildBaseline: (id, wish) => post(`/v1/agents/${segment(id)}/baseline/build`, wish),
    verifyAgent: (id, query = {}) => get(`/v1/agents/${segment(id)}/verification`, { ...query }),
    planVerification: (range) => get('/v1/log/verification', range),
    verifyStretch: (stretch) => post('/v1/log/verification', stretch),
    listKeys: (query = {}) => get('/v1/keys', { ...query }),
    createKey: (wish) => post('/v1/keys', wish),
    revokeKey: (id) => call(transport, { method: 'DELETE', path: `/v1/keys/${segment(id)}`, headers: {} }),
    rotateKey: (id, wish) => post(`/v1/keys/${segment(id)}/rotate`, wish),
    postEvents: async (body, contentType, options = {}) =>
      call(transport, await eventRequest(body, contentType, options)),
    health: () => get('/healthz'),
  };
}

export interface FetchTransportOptions {
  readonly url: string;
  readonly key: string;
  readonly fetch: typeof globalThis.fetch;
  /** Above: the request is aborted and rejects. */
  readonly timeoutMs?: number;
}

export function fetchTransport({ url, key, fetch, timeoutMs = 60_000 }: FetchTransportOptions): Transport {
  const base = url.replace(/\/+$/, '');
  return async ({ method, path, headers, body }) => {
    const response = await fetch(base + path, {
      method,
      headers: { ...headers, authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(timeoutMs),
      // A redirect would carry the key to whoever answers there.
      redirect: 'error',
      ...(body !== undefined && { body: body as string | Uint8Array<ArrayBuffer> }),
    });
    return { status: response.status, body: await response.text() };
  };
}

export function injectTransport(app: FastifyInstance, key: string): Transport {
  return async ({ method, path, headers, body }) => {
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : Buffer.from(body) };
    const response = await app.inject({
      method,
      url: path,
      headers: { ...headers, authorization: `Bearer ${key}` },
      ...payload,
    });
    return { status: response.statusCode, body: response.body };
  };
}
