/** The demo's work: a simulated fleet through the whole path, over HTTP, on the embedded engine, under a simulated clock. */

import { createApiClient, fetchTransport } from '../../api/client.ts';
import { DAY_MS } from '../../baselines/periods.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { type App, startApp } from '../app.ts';
import { type Config, publicUrl } from '../config.ts';
import { createLogger } from '../logger.ts';
import type { SimulatedFleet } from '../simulate/fleet.ts';
import { agentDays, type JudgedAlert, type Judgement, judge } from '../simulate/judge.ts';
import { startWebhookCounter, type WebhookCounter } from './webhook-counter.ts';

/** An alert with what the report shows of it. */
export interface DemoAlert extends JudgedAlert {
  readonly id: string;
  readonly severity: number;
}

export interface DemoRun {
  readonly app: App;
  readonly url: string;
  readonly judgement: Judgement<DemoAlert>;
  readonly alerts: readonly DemoAlert[];
  readonly webhooksDelivered: number;
  readonly seconds: number;
  stop(): Promise<void>;
}

const BATCH_EVENTS = 400;
const BATCH_SPAN_MS = 6 * 3_600_000;
const DELIVERY_MS_MAX = 10_000;

export async function runDemo(
  config: Config,
  fleet: SimulatedFleet,
  onProgress: (done: number) => void,
  stop: AbortSignal,
): Promise<DemoRun> {
  const startedMs = performance.now();
  const clock = { nowMs: fleet.startMs };
  const counter = await startWebhookCounter();
  const app = await startApp(config, {
    now: () => clock.nowMs,
    logger: createLogger(config.logLevel),
    onFailure: (error) => {
      throw error;
    },
    playbooks: [counter.playbook],
  });
  await app.api.listen({ host: '127.0.0.1', port: config.port });
  const address = app.api.server.address();
  const url = publicUrl('127.0.0.1', typeof address === 'object' && address !== null ? address.port : config.port);
  await feed(fleet.events, { url, app, clock, onProgress, stop });
  await app.dispatcher.drain(DELIVERY_MS_MAX);
  const alerts = await readAlerts(app);
  const days = agentDays(fleet.agents, fleet.startMs, fleet.endMs);
  const judgement = judge({ alerts, stories: fleet.stories, changes: fleet.changes, agentDays: days });
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    app,
    url,
    judgement,
    alerts,
    webhooksDelivered: counter.delivered(),
    seconds,
    stop: () => stopAll(app, counter),
  };
}

async function stopAll(app: App, counter: WebhookCounter): Promise<void> {
  await app.stop();
  await counter.close();
}

interface Feeding {
  readonly url: string;
  readonly app: App;
  readonly clock: { nowMs: number };
  readonly onProgress: (done: number) => void;
  readonly stop: AbortSignal;
}

/**
 * Every event arrives when its batch's last event happened: the clock never runs behind what it is told. Models of kinds are published
 * once a simulated day, at the same place of the log in every run.
 */
async function feed(events: readonly WireEvent[], { url, app, clock, onProgress, stop }: Feeding): Promise<void> {
  const client = createApiClient(fetchTransport({ url, key: app.adminKey, fetch }));
  let publishedMs = clock.nowMs;
  for (let sent = 0; sent < events.length; ) {
    stop.throwIfAborted();
    const batch = batchFrom(events, sent);
    clock.nowMs = Math.max(clock.nowMs, timeOf(batch.at(-1)));
    const body = batch.map((event) => JSON.stringify(event)).join('\n');
    const { rejected } = await client.postEvents(body, 'application/x-ndjson');
    const [first] = rejected;
    if (first !== undefined)
      throw new Error(`the simulation made an event that is not valid: ${first.code} at ${first.field}`);
    sent += batch.length;
    onProgress(sent);
    if (clock.nowMs - publishedMs < DAY_MS) continue;
    publishedMs = clock.nowMs;
    await app.publishKinds();
  }
}

/** Over a weekend few events span days: in one batch, the first would arrive as backfill and its alert trigger no playbook. */
function batchFrom(events: readonly WireEvent[], first: number): readonly WireEvent[] {
  const untilMs = timeOf(events[first]) + BATCH_SPAN_MS;
  const batch = events.slice(first, first + BATCH_EVENTS);
  const end = batch.findIndex((event) => timeOf(event) >= untilMs);
  return end === -1 ? batch : batch.slice(0, end);
}

const timeOf = (event: WireEvent | undefined): number => (event === undefined ? 0 : new Date(event.time).getTime());

interface HitRow {
  id: string;
  agent: string;
  detector: string;
  severity: number;
  why: string;
  firstSeen: number;
  lastSeen: number;
  eventIds: string[];
}

async function readAlerts(app: App): Promise<DemoAlert[]> {
  const rows = await app.store.query<HitRow>(ALERTS);
  return rows.map((row) => ({
    ...row,
    severity: Number(row.severity),
    firstSeen: Number(row.firstSeen),
    lastSeen: Number(row.lastSeen),
  }));
}

const ALERTS = `
  SELECT alert_id AS id, any(agent) AS agent, any(detector) AS detector, max(severity) AS severity,
    argMin(why, position) AS why, toUnixTimestamp64Milli(min(time)) AS firstSeen,
    toUnixTimestamp64Milli(max(time)) AS lastSeen, groupUniqArray(event_id) AS eventIds
  FROM alert_hits FINAL GROUP BY alert_id ORDER BY firstSeen, id`;
