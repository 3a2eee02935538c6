/** The receiver of webhooks, and the network to it: every request that arrives is remembered, whatever is answered. */
import type { Post, PostResult } from '../../alerts/http-post.ts';
import { shortHash } from './history.ts';
import type { SimProcess, World } from './world.ts';

export interface Receipt {
  readonly url: string;
  readonly webhookId: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

export interface Receiver {
  readonly receipts: readonly Receipt[];
  post(process: SimProcess): Post;
}

export function createReceiver(world: World): Receiver {
  const receipts: Receipt[] = [];
  const random = world.random.fork('receiver');

  function answer(): { status: number; retryAfter: string | undefined } {
    if (world.strikes('receiver500')) return { status: random.pick([500, 502, 301]), retryAfter: undefined };
    if (world.strikes('receiver429'))
      return { status: random.pick([429, 503]), retryAfter: String(random.int(1, 900)) };
    return { status: 200, retryAfter: undefined };
  }

  const post =
    (process: SimProcess): Post =>
    ({ url, headers, body, timeoutMs, signal }) =>
      new Promise<PostResult>((resolve) => {
        const fail = (code: 'aborted' | 'headers_timeout' | 'network') =>
          resolve({ kind: 'failed', code, detail: code === 'network' ? 'ECONNRESET' : '' });
        signal.addEventListener('abort', () => fail('aborted'), { once: true });
        if (signal.aborted) return fail('aborted');
        process.timers.after(timeoutMs, () => fail('headers_timeout'));
        const sent = process.call(
          'post:webhook',
          () => {
            const { status, retryAfter } = answer();
            receipts.push({ url, webhookId: headers['webhook-id'] ?? '', body, headers, status });
            return { kind: 'answered', status, retryAfter } as const;
          },
          `${headers['webhook-id']} ${shortHash(body)}`,
        );
        sent.then(
          (result) => {
            if (!world.strikes('receiverSilent')) resolve(result);
          },
          () => fail('network'),
        );
      });

  return { receipts, post };
}
