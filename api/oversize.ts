import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { HTTP_BODY_BYTES_MAX } from '../ingest/http-body.ts';
import { Problem } from './problems.ts';

/** A body that announces more than this is not waited for: its sender may see a broken connection instead of the answer. */
const DRAINED_BYTES_MAX = 4 * HTTP_BODY_BYTES_MAX;

/**
 * Refuses a body that announces too many bytes, after it was read and thrown away. A sender that is still writing does not listen:
 * an answer given at once, and the connection closed behind it, would reach it as a broken pipe and be sent again for ever.
 */
export async function refuseOversize(request: FastifyRequest): Promise<void> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (!(announced > HTTP_BODY_BYTES_MAX)) return;
  if (announced <= DRAINED_BYTES_MAX) await thrownAway(request.raw);
  throw new Problem('payload_too_large', `The body is larger than ${HTTP_BODY_BYTES_MAX} bytes.`);
}

/** Resolves at the end of the body or of the connection; the server's request timeout bounds the wait. */
const thrownAway = (body: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    body.once('end', resolve).once('close', resolve).once('error', resolve);
    body.resume();
  });
