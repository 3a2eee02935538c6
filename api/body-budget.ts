/**
 * Memory for event bodies, shared by all requests: many small ones are as welcome as a few large ones. What a request may take is set
 * aside before its first byte is read and given back when both its connection and its handler are done with it: who is answered that it
 * took too long, or goes away, leaves a handler behind that still holds the body.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HTTP_BODY_BYTES_MAX, HTTP_BODY_INFLATED_BYTES_MAX } from '../ingest/http-body.ts';
import { Problem } from './problems.ts';

export interface BodyBudget {
  /** For `onRequest`. Rejects with the problem `busy` when the budget does not allow the body. */
  reserve(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** For the handler, while it holds the body; to be called when it does no more. */
  hold(request: FastifyRequest): () => void;
  /** Bytes set aside for what a body becomes when it is unpacked. */
  reservedFor(request: FastifyRequest): number;
  /** Sets aside the most an unpacked body can need. Throws the problem `busy` when that is too much. */
  reserveMost(request: FastifyRequest): number;
}

/** JSON of many similar events packs well; what packs better than this asks again, for the most there can be. */
const PACKING_EXPECTED = 16;
const RESERVED_MIN = 16 * 1024;

interface Reservation {
  bytes: number;
  /** The connection, and the handler from when it began. */
  holders: number;
}

export function createBodyBudget(bytesMax: number): BodyBudget {
  const reserved = new WeakMap<FastifyRequest, Reservation>();
  let taken = 0;

  function reservationOf(request: FastifyRequest): Reservation {
    const known = reserved.get(request) ?? { bytes: 0, holders: 0 };
    reserved.set(request, known);
    return known;
  }

  function take(request: FastifyRequest, bytes: number): number {
    const known = reservationOf(request);
    const more = bytes - known.bytes;
    // A body larger than the whole budget still gets its turn, alone.
    if (taken > 0 && taken + more > bytesMax) {
      throw new Problem('busy', 'Too many requests are bringing events.', { retryAfterSeconds: 1 });
    }
    taken += more;
    known.bytes = bytes;
    return bytes;
  }

  function hold(request: FastifyRequest): () => void {
    const known = reservationOf(request);
    known.holders += 1;
    return () => {
      known.holders -= 1;
      if (known.holders > 0) return;
      taken -= known.bytes;
      reserved.delete(request);
    };
  }

  return {
    async reserve(request, reply) {
      // Who went away while its key was looked up has been closed already: nothing would give back what is set aside now.
      if (reply.raw.destroyed) return;
      take(request, expectedBytes(request.headers));
      reply.raw.once('close', hold(request));
    },
    hold,
    reservedFor: (request) => reserved.get(request)?.bytes ?? 0,
    reserveMost: (request) => take(request, HTTP_BODY_INFLATED_BYTES_MAX),
  };
}

function expectedBytes(headers: FastifyRequest['headers']): number {
  const length = Number(headers['content-length'] ?? HTTP_BODY_BYTES_MAX);
  const sent = Number.isFinite(length) ? Math.min(length, HTTP_BODY_BYTES_MAX) : HTTP_BODY_BYTES_MAX;
  const packed = headers['content-encoding'] !== undefined;
  return Math.max(RESERVED_MIN, packed ? Math.min(sent * PACKING_EXPECTED, HTTP_BODY_INFLATED_BYTES_MAX) : sent);
}
