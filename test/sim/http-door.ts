/**
 * The HTTP server of the product in a simulated process: requests come in piece by piece, and go through all that stands before the log.
 * The socket is left out: fastify's `inject` needs no turn of the event loop when the body is a stream, so that between two entries of the
 * scheduler a request goes as far as it can, and no further.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { unzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { findKey } from '../../api/key-store.ts';
import { createKeyRing } from '../../api/keys.ts';
import type { ApiLimits } from '../../api/limits.ts';
import type { ApiDeps, Intake } from '../../api/ports.ts';
import { alertStateRoutes } from '../../api/routes/alert-state.ts';
import { intakeRoutes } from '../../api/routes/intake.ts';
import { createApi } from '../../api/server.ts';
import type { Intake as Admission } from '../../ingest/intake.ts';
import type { EventEntry, LogSink } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { TENANT } from './lives.ts';
import { INTRUDER, type Post } from './posts.ts';
import type { Tables } from './tables.ts';
import type { SimProcess } from './world.ts';

export interface HttpDoor {
  ready(): Promise<void>;
  /** As `Listener.take`, when the connection is there. */
  take(post: Post, acknowledge: () => void): Promise<void>;
}

interface HttpDoorDeps {
  readonly store: Store;
  readonly intake: Intake;
  /** What becomes of a record, by itself. */
  readonly admission: Admission;
  /** Told of every event that a sender takes for safe. */
  readonly onSafe: (entry: EventEntry) => void;
  readonly log: LogSink;
  readonly limits: ApiLimits;
  readonly tables: Tables;
  readonly findings: string[];
}

export function openHttpDoor(process: SimProcess, deps: HttpDoorDeps): HttpDoor {
  const { findings, onSafe } = deps;
  const api = openApi(process, deps);

  /** @throws what breaks the connection */
  async function arrive(body: Readable, pieces: readonly Uint8Array[]): Promise<void> {
    const [first, ...others] = pieces;
    body.push(first);
    try {
      for (const piece of others) await process.call('http:body', () => body.push(piece));
      body.push(null);
    } catch (error) {
      body.destroy(error as Error);
      throw error;
    }
  }

  async function take(post: Post, acknowledge: () => void): Promise<void> {
    const { url, headers, pieces } = post;
    const body = new Readable({ read() {} });
    const answered = api.inject({ method: 'POST', url, headers, payload: body });
    answered.catch(() => {});
    await arrive(body, pieces);
    const { statusCode, payload } = await answered;
    findings.push(...faultsOf(post, statusCode, payload));
    if (statusCode === 202) for (const entry of acceptedOf(post, payload, deps.admission)) onSafe(entry);
    const isOver = post.flaw === undefined && OVER.includes(statusCode);
    const answer = () => {
      if (isOver) acknowledge();
    };
    await process.call('http:answer', answer, `${statusCode} to ${post.flaw?.name ?? 'a proper request'}`);
    if (!isOver) throw new Error(`answered with ${statusCode}`);
  }

  return { ready: async () => void (await api.ready()), take };
}

/** Nothing is left to be sent: all of it is stored, as events or dead letters, or there is no such alert any more. */
const OVER = [202, 422, 404];
/** Whatever is asked: the store or the log is away, too much is in hand, or it took too long. */
const LATER = 503;

function faultsOf({ url, records, flaw }: Post, status: number, payload: string): string[] {
  const isWord = url.endsWith('/state');
  const proper = isWord ? [202, 404] : [202, 422];
  const expected = flaw === undefined ? proper : [flaw.status];
  // Events are never too many: their senders would only have to keep them.
  const isLimited = isWord && status === 429;
  if (status === LATER || isLimited) return [];
  if (!expected.includes(status)) return [`${flaw?.name ?? 'a proper request'} to ${url}: ${status} ${payload}`];
  if (flaw !== undefined || isWord) return [];
  const { accepted = 0, rejected_count } = JSON.parse(payload) as { accepted?: number; rejected_count: number };
  return accepted + rejected_count === records.length
    ? []
    : [`${records.length} records were answered with ${payload}`];
}

/** When it was received decides whether an event's time is in the future, and nothing else. */
const NEVER_EARLY_MS = 4e12;

/** Events that an answer calls accepted. By what the documents promise: those without an id are named by the key of their request and their place in it. */
function acceptedOf({ records, headers }: Post, payload: string, { admit }: Admission): EventEntry[] {
  const { rejected = [] } = JSON.parse(payload) as { rejected?: readonly { index: number }[] };
  const key = createHash('sha256')
    .update(headers['idempotency-key'] ?? '')
    .digest('hex')
    .slice(0, 40);
  return records.flatMap((record, index) => {
    if (rejected.some((one) => one.index === index)) return [];
    const place = { source: 'http', sourcePosition: '', fallbackId: `http:${key}:${index}` };
    const admitted = admit(record, { tenant: TENANT, receivedMs: NEVER_EARLY_MS, ...place });
    if (!admitted.ok) throw new Error(`accepted, and not valid: ${admitted.letter.message}`);
    return [admitted.entry];
  });
}

function openApi(process: SimProcess, deps: HttpDoorDeps): FastifyInstance {
  const { store, limits } = deps;
  const { now, timers, name } = process;
  let requests = 0;
  const api: ApiDeps = {
    ...UNASKED,
    store,
    keys: createKeyRing({ find: (keyId) => findKey(store, keyId), now }),
    now,
    timers,
    // The platform unpacks in threads, and takes its time.
    async unzip(body, options) {
      await process.breathe();
      return unzipSync(body, options);
    },
    requestId() {
      requests += 1;
      return `${name}-${requests}`;
    },
    intake: watchedIntake(deps),
    log: watchedLog(deps),
    logger: false,
    limits,
  };
  return createApi(api, [intakeRoutes, alertStateRoutes]);
}

function watchedIntake({ intake, tables, findings }: HttpDoorDeps): Intake {
  return {
    async accept(tenant, records, context) {
      if (records.some((record) => Buffer.from(record).includes(INTRUDER))) findings.push('an intruder was let in');
      const result = await intake.accept(tenant, records, context);
      const letters = new Set(tables.all('dead_letters').map((row) => row['source_position']));
      for (const { index } of result.rejected) {
        const place = `${context.requestId}:${index}`;
        if (!letters.has(place)) findings.push(`no dead letter for what was refused: ${place}`);
      }
      return result;
    },
  };
}

const watchedLog = ({ log, findings }: HttpDoorDeps): LogSink => ({
  append(entries) {
    if (JSON.stringify(entries).includes(INTRUDER)) findings.push('the word of an intruder was taken');
    return log.append(entries);
  },
});

function unasked(): never {
  throw new Error('No route of the simulation asks for this.');
}

const UNASKED = {
  agents: { describe: unasked },
  baselines: { describe: unasked, expect: unasked, keep: unasked, build: unasked },
  deliveries: { replay: unasked },
  keyAdministration: { create: unasked, revoke: unasked, rotate: unasked },
  verification: { operator: '', agent: unasked, plan: unasked, check: unasked },
  status: { ready: unasked, counters: () => ({}) },
  openDeadLetter: unasked,
};
