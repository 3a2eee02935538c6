/** Prometheus metrics of one app. Labels are route templates and fixed words: never a tenant, an agent or a path as sent. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AuthFailure } from './auth.ts';
import type { Status } from './ports.ts';

/** Further names are left out: a metric name made from data would grow without end. */
const COUNTERS_MAX = 500;
const METRIC_NAME = /^[a-z][a-z0-9_]{0,99}$/;
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface ApiMetrics {
  readonly contentType: string;
  /** The text exposition of everything, read now. */
  text(): Promise<string>;
  observe(request: FastifyRequest, reply: FastifyReply): void;
  countAuthFailure(reason: AuthFailure): void;
}

function exposeCounter(registry: Registry, status: Status, key: string): void {
  const options = {
    name: `picket_${key}`,
    help: `Picket pipeline: ${key.replaceAll('_', ' ')}`,
    registers: [registry],
  };
  const read = () => status.counters()[key] ?? 0;
  if (!key.endsWith('_total')) {
    new Gauge({
      ...options,
      collect() {
        this.set(read());
      },
    });
    return;
  }
  new Counter({
    ...options,
    collect() {
      this.reset();
      this.inc(Math.max(0, read()));
    },
  });
}

/** Counters may appear while the pipeline runs, so each scrape first looks for new ones. */
function exposeCounters(registry: Registry, status: Status, known: Set<string>): void {
  for (const key of Object.keys(status.counters())) {
    if (known.has(key) || known.size >= COUNTERS_MAX || !METRIC_NAME.test(key)) continue;
    known.add(key);
    exposeCounter(registry, status, key);
  }
}

export function createMetrics(status: Status): ApiMetrics {
  const registry = new Registry();
  const known = new Set<string>(['http_request_seconds', 'auth_failures_total']);
  const latency = new Histogram({
    name: 'picket_http_request_seconds',
    help: 'Time to answer a request, by route template',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const failures = new Counter({
    name: 'picket_auth_failures_total',
    help: 'Requests refused for their key, scope or rate',
    labelNames: ['reason'] as const,
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text() {
      exposeCounters(registry, status, known);
      return registry.metrics();
    },
    observe(request, reply) {
      const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched');
      const labels = { method: request.method, route, status: `${Math.trunc(reply.statusCode / 100)}xx` };
      latency.observe(labels, reply.elapsedTime / 1000);
    },
    countAuthFailure: (reason) => failures.inc({ reason }),
  };
}
