/**
 * Requests as they go over the wire: the same records written one way or another, a body in pieces, and now and then something wrong with it.
 * What is wrong is tried with an event of somebody nobody knows, and then put right.
 */
import { gzipSync } from 'node:zlib';
import type { Random } from '../../cli/simulate/random.ts';
import type { WrittenEntry } from '../../ingest/log.ts';
import { FORGED_KEY, INVENTED_KEY, KEYS } from './api-keys.ts';
import type { Request } from './senders.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it arrives. */
  readonly pieces: readonly Uint8Array[];
  /** Of events, in the order of the body; none in a word. */
  readonly records: readonly Uint8Array[];
  /** Refused with this status, and none of it gets past the route. */
  readonly flaw?: Flaw;
}

interface Flaw {
  readonly name: string;
  readonly status: 401 | 403 | 413;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Posts {
  /** One sending of it; undefined for words that go another way. */
  post(request: Request): Post | undefined;
}

/** In all that no route may let in. */
export const INTRUDER = 'nobody-let-me-in';

const MIB = 1024 * 1024;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** One that is read and thrown away, and one that is not even read; fewer bytes follow. */
const announcing = (bytes: number) => ({ 'content-length': String(bytes) });

const FLAWS: readonly Flaw[] = [
  { name: 'no key', status: 401, headers: { authorization: '' } },
  { name: 'a key that is none', status: 401, headers: bearer('secret') },
  { name: 'an invented key', status: 401, headers: bearer(INVENTED_KEY) },
  { name: 'a forged key', status: 401, headers: bearer(FORGED_KEY) },
  { name: 'a revoked key', status: 401, headers: bearer(KEYS.revoked.key) },
  { name: 'an expired key', status: 401, headers: bearer(KEYS.expired.key) },
  { name: 'a key without the scope', status: 403, headers: bearer(KEYS.reader.key) },
  { name: 'a body too large', status: 413, headers: announcing(20 * MIB) },
  { name: 'a body far too large', status: 413, headers: announcing(100 * MIB) },
];

const FLAWED = 0.05;
const PACKED = 0.3;
const CHUNKED = 0.05;
const PIECES_MAX = 3;
/** Share of bodies that end with a record so large that the intake lets others have their turn; it is refused. */
const BULKY = 0.005;
const BULK = Buffer.alloc(600 * 1024, 'x');
/** Packs far tighter than events do: what the server had set aside for it is not enough. */
const AIR = Buffer.alloc(40 * 1024, ' ');

export function createPosts(random: Random): Posts {
  function post(request: Request): Post | undefined {
    const { word, idempotencyKey } = request;
    if (word !== undefined && word.kind !== 'disposition') return undefined;
    const flaw = random.chance(FLAWED) ? random.pick(FLAWS) : undefined;
    const plain = word === undefined ? ofEvents(request, flaw) : ofWord(word, flaw);
    const headers = { ...plain.headers, 'idempotency-key': idempotencyKey, ...flaw?.headers };
    return { ...plain, headers, ...(flaw === undefined ? {} : { flaw }) };
  }

  function ofEvents({ records }: Request, flaw: Flaw | undefined): Post {
    const proper = random.chance(BULKY) ? [...records, BULK] : records;
    const sent = flaw === undefined ? proper : [intruding()];
    const { type, body } = written(sent);
    const isPacked = random.chance(PACKED);
    const wire = isPacked ? gzipSync(random.chance(0.3) ? Buffer.concat([body, AIR]) : body) : body;
    const length = random.chance(CHUNKED) ? { 'transfer-encoding': 'chunked' } : announcing(wire.length);
    const packing = isPacked ? { 'content-encoding': 'gzip' } : {};
    const headers = { ...bearer(KEYS.forwarder.key), 'content-type': type, ...packing, ...length };
    return { url: '/v1/events', headers, pieces: inPieces(wire), records: sent };
  }

  function ofWord(word: Extract<WrittenEntry, { kind: 'disposition' }>, flaw: Flaw | undefined): Post {
    const { alertId, state, disposition } = word;
    const said = flaw === undefined ? { state, disposition } : { state: 'acknowledged', note: INTRUDER };
    const body = Buffer.from(JSON.stringify(said));
    const headers = {
      ...bearer(KEYS.analyst.key),
      'content-type': 'application/json',
      ...announcing(body.length),
    };
    return { url: `/v1/alerts/${alertId}/state`, headers, pieces: inPieces(body), records: [] };
  }

  /** One event as it is, or several as a list or by line. */
  function written(records: readonly Uint8Array[]): { type: string; body: Buffer } {
    const byLine = random.chance(0.5);
    if (byLine) return { type: 'application/x-ndjson', body: joined(records, '\n') };
    const list = Buffer.concat([Buffer.from('['), joined(records, ','), Buffer.from(']')]);
    return { type: 'application/json', body: list };
  }

  function inPieces(body: Buffer): Uint8Array[] {
    const cuts = Array.from({ length: random.int(0, PIECES_MAX - 1) }, () =>
      Math.floor(random.uniform() * body.length),
    );
    const ends = [...cuts.sort((a, b) => a - b), body.length];
    return ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
  }

  return { post };
}

const joined = (records: readonly Uint8Array[], between: string): Buffer =>
  Buffer.concat(records.flatMap((record, index) => (index === 0 ? [record] : [Buffer.from(between), record])));

const intruding = (): Buffer =>
  Buffer.from(
    JSON.stringify({ time: 0, id: INTRUDER, agent: { id: INTRUDER }, action: { type: 'send', name: 'mail' } }),
  );
