/**
 * One POST, hardened against the receiver: addresses are checked at the connected socket, redirects are answers like any other,
 * the response body is thrown away and never read further than a cap, and every phase has its own time limit. Environment
 * variables for proxies are not read: a proxy would connect on our behalf, past the guard.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { checkUrl, EgressDenied, type EgressRule } from './egress-guard.ts';
import { connectGuarded, type SocketDeps } from './guarded-socket.ts';
import type { Timers } from './timers.ts';

export interface PostRequest extends EgressRule {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** From the start until the response headers are there. */
  readonly timeoutMs: number;
  /** Ends the attempt; the result is then `failed` with code `aborted`. */
  readonly signal: AbortSignal;
}

export const POST_FAILURES = {
  denied: 'The egress guard refused the address.',
  connect_timeout: 'No connection within the time limit.',
  headers_timeout: 'No response headers within the time limit.',
  network: 'The connection failed.',
  aborted: 'The attempt was ended from this side.',
} as const;

/** `failed.detail` is our own words or an error code such as ECONNRESET or CERT_HAS_EXPIRED; never text from the receiver. */
export type PostResult =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'failed'; readonly code: keyof typeof POST_FAILURES; readonly detail: string };

/** Never rejects for what the network or the receiver does. */
export type Post = (request: PostRequest) => Promise<PostResult>;

export const POST_LIMITS = {
  /** Lookup, connection and TLS handshake together; less when the request's own limit is less. */
  connectMsMax: 5_000,
  /** After the headers, for the body to end. The answer counts either way: its status has been read. */
  bodyMsMax: 2_000,
  /** Then the connection is cut, with the same effect. */
  bodyBytesMax: 64 * 1024,
} as const;

type Ending = Exclude<keyof typeof POST_FAILURES, 'denied' | 'network'>;

export function createHttpPost(deps: SocketDeps & { readonly timers: Timers }): Post {
  return async function post(request) {
    const attempt = new AbortController();
    const end = (why: Ending) => () => attempt.abort(why);
    const endFromOutside = end('aborted');
    request.signal.addEventListener('abort', endFromOutside);
    if (request.signal.aborted) endFromOutside();
    const connectMs = Math.min(POST_LIMITS.connectMsMax, request.timeoutMs);
    const cancelConnect = deps.timers.after(connectMs, end('connect_timeout'));
    const cancelHeaders = deps.timers.after(request.timeoutMs, end('headers_timeout'));
    try {
      const url = checkUrl(request.url, request);
      const socket = await connectGuarded(url, request, deps, attempt.signal);
      cancelConnect();
      const response = await exchange(url, socket, request);
      cancelHeaders();
      await discard(response, deps.timers);
      return { kind: 'answered', status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
    } catch (error) {
      return failure(error, attempt.signal);
    } finally {
      cancelConnect();
      cancelHeaders();
      request.signal.removeEventListener('abort', endFromOutside);
      // Destroys the socket, whatever state it is in.
      attempt.abort();
    }
  };
}

/** Writes the request and resolves with the final response at its headers. */
function exchange(url: URL, socket: Socket, request: PostRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = String(Buffer.byteLength(request.body));
    const sent = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path: url.pathname + url.search,
      headers: { ...request.headers, host: url.host, 'content-length': length },
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.on('close', () => reject(Object.assign(new Error('No response.'), { code: 'ECONNRESET' })));
    sent.end(request.body);
  });
}

/** Reads the body into nothing, so that an honest receiver is not cut off while it writes; ends at the caps. Never rejects. */
function discard(response: IncomingMessage, timers: Timers): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(POST_LIMITS.bodyMsMax, resolve);
    let bytes = 0;
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > POST_LIMITS.bodyBytesMax) response.destroy();
    });
    response.on('error', () => {});
    response.on('close', () => {
      cancel();
      resolve();
    });
  });
}

function failure(error: unknown, signal: AbortSignal): PostResult {
  if (error instanceof EgressDenied) return { kind: 'failed', code: 'denied', detail: error.message };
  if (signal.aborted) return { kind: 'failed', code: signal.reason as Ending, detail: '' };
  return { kind: 'failed', code: 'network', detail: errorCode(error) };
}

/** Only the code: messages of the network layer may quote the URL or the receiver. */
function errorCode(error: unknown): string {
  // Happy eyeballs reports several addresses at once; the first one speaks for all.
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
}
