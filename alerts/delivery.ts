/**
 * Sends opened alerts to the playbooks that match them, at least once. The order of things: the alert is stored, `notify` queues
 * it, an attempt is made, its row is written. Whatever dies in between, `rescan` finds the alert again in the store; a receiver
 * drops the repeat by its `webhook-id`.
 */
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { type Attempted, attemptDelivery, type Job, rowFor } from './delivery-attempt.ts';
import type {
  Closing,
  DeliveryRow,
  DeliveryState,
  DeliveryStore,
  OutboxEntry,
  OutboxPage,
  OutboxPartitions,
} from './delivery-store.ts';
import type { Post } from './http-post.ts';
import { Lane } from './lane.ts';
import type { AlertNotice } from './notice.ts';
import { matches, type Playbook } from './playbook.ts';
import { type DeliveryLog, RowWriter } from './row-writer.ts';
import { createThrottle } from './throttle.ts';
import type { Timers } from './timers.ts';

export interface DispatcherOptions {
  readonly playbooks: readonly Playbook[];
  readonly post: Post;
  readonly deliveries: DeliveryStore;
  readonly now: () => number;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly timers: Timers;
  /** Attempts at the same time to one target; 4 when absent. */
  readonly concurrency?: number;
  /** Deliveries that wait for one target in memory; 1000 when absent. Further ones stay in the store until a rescan. */
  readonly queueMax?: number;
  readonly log: DeliveryLog;
  /**
   * Partitions of the log whose alerts are this process's to send, where several processes share a store; undefined: all. Read at each
   * rescan.
   */
  readonly ownedPartitions?: () => OutboxPartitions | undefined;
}

export interface DeliveryStats {
  /** Waiting in memory. */
  readonly queued: number;
  /** Targets whose circuit breaker is open. */
  readonly targetsOpen: number;
  /** Counted since the start: rows by outcome, */
  readonly delivered: number;
  readonly retried: number;
  readonly failed: number;
  /** notices held back by a throttle (also counted as failed), */
  readonly throttled: number;
  /** notices that found a full queue and were left in the store, */
  readonly overflowed: number;
  /** and rows that could not be written: such a delivery may be repeated after a rescan. */
  readonly rowsLost: number;
}

export interface Dispatcher {
  /** Queues an alert that has just opened and is stored. Never blocks; at a full queue it stays in the store for a rescan. */
  notify(notice: AlertNotice): void;
  /**
   * Queues every delivery in the store that is not final and not yet in memory, and returns their number. For the start; the
   * dispatcher repeats it a minute after a queue was full, the store failed or a row was given up. Never rejects.
   */
  rescan(): Promise<number>;
  /** Looks for deliveries that somebody wants sent again, and rescans for new ones. Call it every so often. Never rejects. */
  lookForReplays(): Promise<void>;
  /** Resolves when nothing can be done at the moment, or after `deadlineMs` milliseconds. Retries do not hold it up. */
  drain(deadlineMs: number): Promise<void>;
  /** Ends attempts under way, without a row, and forgets what waits: it stands in the store. */
  stop(): Promise<void>;
  /** Deliveries of an alert that are in memory and have not ended: to be tried, or to be tried again. */
  waiting(tenant: string, alertId: string): WaitingDelivery[];
  stats(): DeliveryStats;
}

export interface WaitingDelivery {
  readonly playbook: string;
  /** Scheme, host and port. */
  readonly target: string;
  /** Nothing is sent to the target before, as it fails or asked for a pause; absent: its turn comes. Epoch ms. */
  readonly notBeforeMs?: number;
}

/** Written in place of an attempt that was not made; such a delivery is final, shown in the log, and can be replayed. */
export const THROTTLED = 'Throttled: another alert of this agent went to the playbook a short while ago.';
/** A fault of ours, written down so that one alert cannot stop or delay the others. */
const UNBUILT = 'The webhook could not be built; the log says why.';
const DISABLED = 'The target answered 410 before; disabled until restart.';

const CONCURRENCY_DEFAULT = 4;
const QUEUE_MAX_DEFAULT = 1_000;
const THROTTLE_KEYS_MAX = 50_000;
const RESCAN_PAUSE_MS = 60_000;
const RESCAN_PAGE = 200;
/** Deliveries that are sought at the same time; a further one is looked for once. */
const SOUGHT_MAX = 10_000;
/** An hour of a store that answers: an alert that no rescan showed by then was never stored, or is another process's to send. */
const SOUGHT_RESCANS = 60;
/** A look goes back this much further than the one before: clocks of processes differ, and rows take their time. */
const REPLAY_OVERLAP_MS = 10 * 60_000;
/** Alerts older than this are not searched for unfinished deliveries: longer than any outage that goes unnoticed. */
export const LOOKBACK_MS = 30 * 24 * 3_600_000;
/** A new playbook is also sent alerts received this long before it was first seen: their events were already under way. */
const ACTIVATION_SLACK_MS = 3_600_000;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new PlaybookDispatcher(options);
}

class PlaybookDispatcher implements Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #lanes = new Map<string, Lane<Job>>();
  readonly #disabledUrls = new Set<string>();
  readonly #throttle = createThrottle(THROTTLE_KEYS_MAX);
  /** Deliveries in memory, from queueing until their last row is written. Bounded by the lanes. */
  readonly #held = new Set<string>();
  /** Deliveries that ended while a rescan was reading: what it read of them is old. */
  readonly #ended = new Set<string>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #counts = { delivered: 0, retry: 0, failed: 0, throttled: 0, overflowed: 0 };
  readonly #rows: RowWriter;
  /** Deliveries whose row was given up, and how often a rescan may still miss them: an alert may be told before it is stored. */
  readonly #sought = new Map<string, number>();
  #since: Map<string, number> | null = null;
  #replays = { lookedMs: Number.POSITIVE_INFINITY, rounds: new Set<string>() };
  #rescan: Promise<number> | null = null;
  #cancelRescan: (() => void) | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    // One listener for each attempt and each waiting row, both bounded; Node would warn at eleven.
    setMaxListeners(0, this.#stopping.signal);
    const { deliveries, timers, log } = options;
    const onLost = (row: DeliveryRow) => this.#seek(row);
    this.#rows = new RowWriter({ deliveries, timers, log, signal: this.#stopping.signal, onLost });
  }

  notify(notice: AlertNotice): void {
    for (const playbook of this.#options.playbooks) {
      if (matches(playbook, notice)) this.#admit({ playbook, notice, attempt: 0, tries: 0 }, 0);
    }
  }

  rescan(): Promise<number> {
    this.#rescan ??= this.#readOutbox().finally(() => {
      this.#rescan = null;
      this.#ended.clear();
    });
    return this.#rescan;
  }

  async lookForReplays(): Promise<void> {
    const { deliveries, now, log } = this.#options;
    const nowMs = now();
    const before = this.#replays;
    try {
      const found = await deliveries.replaysSince(Math.min(before.lookedMs, nowMs) - REPLAY_OVERLAP_MS);
      this.#replays = { lookedMs: nowMs, rounds: new Set(found) };
      if (found.every((round) => before.rounds.has(round))) return;
    } catch (error) {
      log.warn({ err: error }, 'nobody could say whether deliveries are to be sent again; asking again');
      return;
    }
    // A rescan that is already reading may have passed the place.
    await this.#rescan;
    if (!this.#stopping.signal.aborted) await this.rescan();
  }

  async drain(deadlineMs: number): Promise<void> {
    let expired = false;
    let cancel = () => {};
    const expiry = new Promise<void>((resolve) => {
      cancel = this.#options.timers.after(deadlineMs, () => {
        expired = true;
        resolve();
      });
    });
    while (this.#underWay.size > 0 && !expired) await Promise.race([expiry, ...this.#underWay]);
    cancel();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#cancelRescan?.();
    for (const lane of this.#lanes.values()) lane.clear();
    await Promise.all([this.#rescan, ...this.#underWay]);
  }

  waiting(tenant: string, alertId: string): WaitingDelivery[] {
    const nowMs = this.#options.now();
    const held = this.#options.playbooks.filter(({ name }) => this.#held.has(keyFor(tenant, alertId, name)));
    return held.map(({ name, target, webhook }) => {
      const notBeforeMs = this.#lanes.get(webhook.url)?.notBeforeMs ?? 0;
      return { playbook: name, target, ...(notBeforeMs > nowMs && { notBeforeMs }) };
    });
  }

  stats(): DeliveryStats {
    const lanes = [...this.#lanes.values()];
    const queued = lanes.reduce((sum, lane) => sum + lane.queued, 0);
    const { retry: retried, ...counts } = this.#counts;
    return {
      queued,
      targetsOpen: lanes.filter((lane) => lane.open).length,
      retried,
      ...counts,
      rowsLost: this.#rows.lost,
    };
  }

  #admit(job: Job, dueMs: number): boolean {
    const key = keyOf(job.notice, job.playbook);
    if (this.#stopping.signal.aborted || this.#held.has(key) || this.#ended.has(key)) return false;
    this.#held.add(key);
    if (job.attempt === 0 && !this.#throttle.admits(job.playbook, job.notice)) {
      this.#counts.throttled += 1;
      this.#close(job, THROTTLED);
      return false;
    }
    return this.#enqueue(job, dueMs);
  }

  #enqueue(job: Job, dueMs: number): boolean {
    if (this.#disabledUrls.has(job.playbook.webhook.url)) {
      this.#close(job, DISABLED);
      return false;
    }
    if (this.#laneOf(job.playbook).add(job, dueMs)) return true;
    this.#counts.overflowed += 1;
    this.#release(job);
    this.#rescanLater();
    return false;
  }

  #laneOf({ webhook: { url } }: Playbook): Lane<Job> {
    const known = this.#lanes.get(url);
    if (known !== undefined) return known;
    const { concurrency = CONCURRENCY_DEFAULT, queueMax = QUEUE_MAX_DEFAULT, now, timers } = this.#options;
    const run = (job: Job) => this.#track(this.#run(job));
    const lane = new Lane<Job>({ run, concurrency, queueMax, now, timers });
    this.#lanes.set(url, lane);
    return lane;
  }

  async #run(job: Job): Promise<void> {
    try {
      const attempted = await attemptDelivery(job, this.#options, this.#stopping.signal);
      if (attempted === null || this.#stopping.signal.aborted) this.#release(job);
      else this.#settle(job, attempted);
    } catch (error) {
      this.#options.log.warn(
        { alertId: job.notice.alertId, playbook: job.playbook.name, err: error },
        'webhook not built',
      );
      this.#close(job, UNBUILT);
    }
  }

  #settle(job: Job, { row, gone, pauseMs }: Attempted): void {
    const lane = this.#laneOf(job.playbook);
    if (row.outcome === 'delivered') lane.succeeded();
    else lane.failed();
    if (pauseMs > 0) lane.pause(pauseMs);
    if (row.outcome === 'retry') this.#retry(job, row);
    else this.#finish(job, row);
    if (gone) this.#disable(job.playbook);
  }

  #retry(job: Job, row: DeliveryRow): void {
    const next = { ...job, attempt: row.attempt, tries: job.tries + 1 };
    void this.#track(this.#write(row));
    this.#enqueue(next, row.nextAttemptMs);
  }

  /** Held until the row is written, or a rescan would find the delivery unfinished. */
  #finish(job: Job, row: DeliveryRow): void {
    void this.#track(this.#write(row).then(() => this.#release(job)));
  }

  #close(job: Job, why: string): void {
    this.#finish(job, rowFor(job, 'failed', this.#options.now(), why));
  }

  #disable(playbook: Playbook): void {
    const { log } = this.#options;
    this.#disabledUrls.add(playbook.webhook.url);
    log.warn({ playbook: playbook.name, target: playbook.target }, 'playbook disabled: its receiver answered 410');
    for (const waiting of this.#laneOf(playbook).clear()) this.#close(waiting, DISABLED);
  }

  #release(job: Job): void {
    const key = keyOf(job.notice, job.playbook);
    this.#held.delete(key);
    if (this.#rescan !== null) this.#ended.add(key);
  }

  #write(row: DeliveryRow): Promise<void> {
    const { outcome, nextAttemptMs: _, webhookId: __, ...facts } = row;
    this.#counts[outcome] += 1;
    if (outcome === 'failed') this.#options.log.warn(facts, 'webhook given up');
    else this.#options.log.info(facts, outcome === 'delivered' ? 'webhook delivered' : 'webhook will be retried');
    return this.#rows.write(row);
  }

  #track(work: Promise<void>): Promise<void> {
    const tracked = work.finally(() => this.#underWay.delete(tracked));
    this.#underWay.add(tracked);
    return tracked;
  }

  async #readOutbox(): Promise<number> {
    const { ownedPartitions } = this.#options;
    let queued = 0;
    try {
      const since = await this.#activations();
      const sinceMs = Math.max(0, this.#options.now() - LOOKBACK_MS);
      const partitions = ownedPartitions?.();
      const owned = partitions === undefined ? {} : { partitions };
      let page: OutboxEntry[] = [];
      do {
        const after = page.at(-1)?.notice;
        const wanted = { sinceMs, limit: RESCAN_PAGE, ...(after && { after }), ...owned };
        const read = await this.#readPage(wanted, since);
        page = read.page;
        for (const entry of page) queued += this.#offer(entry, since, read.closed);
      } while (page.length === RESCAN_PAGE && !this.#stopping.signal.aborted);
      this.#seekAgain();
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the outbox could not be read; trying again in a minute');
      this.#rescanLater();
    }
    return queued;
  }

  async #activations(): Promise<Map<string, number>> {
    const { playbooks, deliveries, now } = this.#options;
    const enabled = playbooks.filter((playbook) => playbook.enabled);
    const activations = enabled.map((playbook) => ({ playbook: playbook.name, condition: conditionOf(playbook) }));
    this.#since ??= await deliveries.activate(activations, now());
    return this.#since;
  }

  #readPage(wanted: OutboxPage, since: Map<string, number>): Promise<{ page: OutboxEntry[]; closed: ClosedTimes }> {
    const { deliveries } = this.#options;
    return deliveries
      .pending(wanted)
      .then((page) => this.#closings(page, since).then((closings) => ({ page, closed: closedTimes(closings) })));
  }

  /** Of alerts that are older than a playbook which may be sent them; of others nobody asks. */
  #closings(page: readonly OutboxEntry[], since: Map<string, number>): Promise<Closing[]> {
    const activations = [...since.values()];
    const isOlder = (receivedMs: number) => activations.some((ms) => receivedMs < ms && isRecent(receivedMs, ms));
    const older = page.filter(({ notice }) => isOlder(notice.receivedMs)).map(({ notice }) => notice.alertId);
    return older.length === 0 ? Promise.resolve([]) : this.#options.deliveries.closings(older);
  }

  #offer({ notice, states }: OutboxEntry, since: Map<string, number>, closed: ClosedTimes): number {
    let queued = 0;
    const closedMs = closed(notice);
    for (const playbook of this.#options.playbooks) {
      this.#sought.delete(keyOf(notice, playbook));
      const state = states.find((candidate) => candidate.playbook === playbook.name);
      if (!isDue(playbook, notice, state, since.get(playbook.name) ?? 0, closedMs)) continue;
      const { attempt = 0, tries = 0, nextAttemptMs = 0 } = state ?? {};
      if (this.#admit({ playbook, notice, attempt, tries }, nextAttemptMs)) queued += 1;
    }
    return queued;
  }

  #seek({ tenant, alertId, playbook }: DeliveryRow): void {
    if (this.#sought.size < SOUGHT_MAX) this.#sought.set(keyFor(tenant, alertId, playbook), SOUGHT_RESCANS);
    this.#rescanLater();
  }

  /** What a rescan did not find is not stored yet, or no longer this process's to send. */
  #seekAgain(): void {
    for (const [key, left] of this.#sought) {
      if (left > 1) this.#sought.set(key, left - 1);
      else this.#sought.delete(key);
    }
    if (this.#sought.size > 0) this.#rescanLater();
  }

  #rescanLater(): void {
    if (this.#cancelRescan !== null || this.#stopping.signal.aborted) return;
    this.#cancelRescan = this.#options.timers.after(RESCAN_PAUSE_MS, () => {
      this.#cancelRescan = null;
      void this.rescan();
    });
  }
}

/** A delivery that has begun goes on even if the condition has changed since; one that has not begun must match and be new enough. */
function isDue(
  playbook: Playbook,
  notice: AlertNotice,
  state: DeliveryState | undefined,
  sinceMs: number,
  closedMs: number | undefined,
): boolean {
  if (state !== undefined) return playbook.enabled && state.outcome === 'retry';
  return isToBeTold(playbook, notice, sinceMs, closedMs);
}

/**
 * An alert of which a playbook has no row yet is sent to it: it matches, was not there long before the playbook was, and was not closed
 * before, or a receiver would begin work that is done. One closed later is sent: the playbook was owed it.
 */
export const isToBeTold = (
  playbook: Playbook,
  notice: AlertNotice,
  sinceMs: number,
  closedMs = Number.POSITIVE_INFINITY,
): boolean => matches(playbook, notice) && isRecent(notice.receivedMs, sinceMs) && closedMs >= sinceMs;

const isRecent = (receivedMs: number, sinceMs: number): boolean => receivedMs >= sinceMs - ACTIVATION_SLACK_MS;

/** When an alert was closed; undefined: it was not. */
export type ClosedTimes = (alert: Pick<AlertNotice, 'tenant' | 'alertId'>) => number | undefined;

export function closedTimes(closings: readonly Closing[]): ClosedTimes {
  const times = new Map(closings.map(({ tenant, alertId, closedMs }) => [keyFor(tenant, alertId, ''), closedMs]));
  return ({ tenant, alertId }) => times.get(keyFor(tenant, alertId, ''));
}

const keyOf = ({ tenant, alertId }: AlertNotice, { name }: Playbook) => keyFor(tenant, alertId, name);

const keyFor = (tenant: string, alertId: string, playbook: string) => JSON.stringify([tenant, alertId, playbook]);

const conditionOf = (playbook: Playbook) =>
  createHash('sha256').update(JSON.stringify(playbook.when)).digest('hex').slice(0, 32);
