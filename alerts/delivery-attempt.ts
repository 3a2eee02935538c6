/** One attempt to tell one playbook of one alert, and what follows from the answer. */
import type { DeliveryOutcome, DeliveryRow } from './delivery-store.ts';
import { POST_FAILURES, type Post, type PostResult } from './http-post.ts';
import type { AlertNotice } from './notice.ts';
import { webhookBody } from './payload.ts';
import type { Playbook } from './playbook-file.ts';
import { ATTEMPTS_MAX, retryAfterMs, retryDelayMs } from './retry-schedule.ts';
import { webhookHeaders, webhookId } from './standard-webhooks.ts';

export interface Job {
  readonly playbook: Playbook;
  readonly notice: AlertNotice;
  /** Number of the last row written for it; 0: none. */
  readonly attempt: number;
  /** Attempts of this round that failed. */
  readonly tries: number;
}

export interface AttemptDeps {
  readonly post: Post;
  readonly now: () => number;
  readonly random: () => number;
}

export interface Attempted {
  readonly row: DeliveryRow;
  /** The receiver answered 410: nothing more may be sent to it. */
  readonly gone: boolean;
  /** The receiver asked not to be called before this much time has passed; 0: it did not. */
  readonly pauseMs: number;
}

/** Null when the attempt was ended from this side: then nothing is known and nothing is written. */
export async function attemptDelivery(job: Job, deps: AttemptDeps, signal: AbortSignal): Promise<Attempted | null> {
  const { webhook } = job.playbook;
  const startMs = deps.now();
  const body = webhookBody(job.notice);
  const { timeoutMs, allowPrivateNetwork, url } = webhook;
  const result = await deps.post({
    url,
    headers: headersFor(job, body, startMs),
    body,
    timeoutMs,
    allowPrivateNetwork,
    signal,
  });
  if (result.kind === 'failed' && result.code === 'aborted') return null;
  return judge(job, result, startMs, deps);
}

function headersFor(job: Job, body: string, nowMs: number): Record<string, string> {
  const { headers, secrets } = job.playbook.webhook;
  const id = webhookId(job.notice.alertId, job.playbook.name);
  const signed = webhookHeaders({ id, timestampSeconds: Math.floor(nowMs / 1000), body }, secrets);
  return { 'user-agent': 'Picket-Webhooks', ...headers, 'content-type': 'application/json', ...signed };
}

function judge(job: Job, result: PostResult, startMs: number, { now, random }: AttemptDeps): Attempted {
  const status = result.kind === 'answered' ? result.status : 0;
  const nowMs = now();
  const gone = status === 410;
  const pauseMs = status === 429 || status === 503 ? retryAfterMs(retryAfterOf(result), nowMs) : 0;
  const outcome = outcomeOf(status, job.tries + 1);
  const delayMs = Math.max(pauseMs, retryDelayMs(job.tries + 1, random));
  const row: DeliveryRow = {
    ...rowFor(job, outcome, nowMs, outcome === 'delivered' ? '' : describe(result)),
    httpStatus: status,
    durationMs: Math.max(0, nowMs - startMs),
    nextAttemptMs: outcome === 'retry' ? nowMs + delayMs : 0,
  };
  return { row, gone, pauseMs };
}

function outcomeOf(status: number, tries: number): DeliveryOutcome {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 410 || tries >= ATTEMPTS_MAX ? 'failed' : 'retry';
}

const retryAfterOf = (result: PostResult) => (result.kind === 'answered' ? result.retryAfter : undefined);

function describe(result: PostResult): string {
  if (result.kind === 'failed') return `${POST_FAILURES[result.code]} ${result.detail}`.trim().slice(0, 300);
  if (result.status === 410) return 'The receiver answered 410: it wants no more. Disabled until restart.';
  if (result.status >= 300 && result.status < 400)
    return `The receiver answered ${result.status}; redirects are not followed.`;
  return `The receiver answered ${result.status}.`;
}

/** The row after the job's last one, without an answer. */
export function rowFor(job: Job, outcome: DeliveryOutcome, nowMs: number, error: string): DeliveryRow {
  const { notice, playbook } = job;
  return {
    tenant: notice.tenant,
    alertId: notice.alertId,
    playbook: playbook.name,
    webhookId: webhookId(notice.alertId, playbook.name),
    attempt: job.attempt + 1,
    timeMs: nowMs,
    target: playbook.target,
    outcome,
    httpStatus: 0,
    error,
    durationMs: 0,
    nextAttemptMs: 0,
  };
}
