/**
 * Memory for event bodies, shared by all requests: many small ones are as welcome as a few large ones. What a request may take is set
 * aside before its first byte is read and given back when its connection is done with it, however it ends.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HTTP_BODY_BYTES_MAX, HTTP_BODY_INFLATED_BYTES_MAX } from '../ingest/http-body.ts';
import { Problem } from './problems.ts';

export interface BodyBudget {
  /** For `onRequest`. Rejects with the problem `busy` when the budget does not allow the body. */
  reserve(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Bytes set aside for what a body becomes when it is unpacked. */
  reservedFor(request: FastifyRequest): number;
  /** Sets aside the most an unpacked body can need. Throws the problem `busy` when that is too much. */
  reserveMost(request: FastifyRequest): number;
}

/** JSON of many similar events packs well; what packs better than this asks again, for the most there can be. */
const PACKING_EXPECTED = 16;
const RESERVED_MIN = 16 * 1024;

export function createBodyBudget(bytesMax: number): BodyBudget {
  const reserved = new WeakMap<FastifyRequest, number>();
  let taken = 0;

  function take(request: FastifyRequest, bytes: number): number {
    const more = bytes - (reserved.get(request) ?? 0);
    // A body larger than the whole budget still gets its turn, alone.
    if (taken > 0 && taken + more > bytesMax) {
      throw new Problem('busy', 'Too many requests are bringing events.', { retryAfterSeconds: 1 });
    }
    taken += more;
    reserved.set(request, bytes);
    return bytes;
  }

  return {
    async reserve(request, reply) {
      // Who went away while its key was looked up has been closed already: nothing would give back what is set aside now.
      if (reply.raw.destroyed) return;
      take(request, expectedBytes(request.headers));
      reply.raw.once('close', () => {
        taken -= reserved.get(request) ?? 0;
        reserved.delete(request);
      });
    },
    reservedFor: (request) => reserved.get(request) ?? 0,
    reserveMost: (request) => take(request, HTTP_BODY_INFLATED_BYTES_MAX),
  };
}

function expectedBytes(headers: FastifyRequest['headers']): number {
  const length = Number(headers['content-length'] ?? HTTP_BODY_BYTES_MAX);
  const sent = Number.isFinite(length) ? Math.min(length, HTTP_BODY_BYTES_MAX) : HTTP_BODY_BYTES_MAX;
  const packed = headers['content-encoding'] !== undefined;
  return Math.max(RESERVED_MIN, packed ? Math.min(sent * PACKING_EXPECTED, HTTP_BODY_INFLATED_BYTES_MAX) : sent);
}
