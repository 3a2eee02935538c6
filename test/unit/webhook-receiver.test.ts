/** Goal: what docs/webhooks.md tells receivers to do accepts what we send, and nothing else. Method: the page's own code is run on our own messages. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { webhookBody } from '../../alerts/payload.ts';
import { webhookHeaders, webhookId } from '../../alerts/standard-webhooks.ts';
import { alertNotice } from '../support/alert-notice.ts';

type Verify = (secret: string, headers: Record<string, string>, body: Uint8Array) => unknown;

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
const OLD = secretOf(1);
const NEW = secretOf(2);
const text = webhookBody(alertNotice({ agent: 'ümlaut \u{1F600}' }));
const body = Buffer.from(text);
const nowSeconds = () => Math.floor(Date.now() / 1000);

const headersOf = (secrets: readonly string[], timestampSeconds = nowSeconds()) =>
  webhookHeaders({ id: webhookId('a1', 'soar'), timestampSeconds, body: text }, secrets);

let verify: Verify;

beforeAll(async () => {
  const page = await readFile(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
  const [, code = ''] = /^```js\n(.*?)^```$/ms.exec(page) ?? [];
  const read = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  verify = read.verifiedMessage;
});

describe('the receiver of docs/webhooks.md', () => {
  it('reads a delivery', () => {
    expect(verify(OLD, headersOf([OLD]), body)).toEqual(JSON.parse(text));
  });

  it('reads it under the old and the new secret while that is being changed', () => {
    const headers = headersOf([NEW, OLD]);
    expect([verify(NEW, headers, body), verify(OLD, headers, body)]).toEqual([JSON.parse(text), JSON.parse(text)]);
  });

  it.each([
    ['another secret', () => verify(NEW, headersOf([OLD]), body)],
    ['another body', () => verify(OLD, headersOf([OLD]), Buffer.from(`${text} `))],
    ['another id', () => verify(OLD, { ...headersOf([OLD]), 'webhook-id': webhookId('a2', 'soar') }, body)],
    ['an old message', () => verify(OLD, headersOf([OLD], nowSeconds() - 400), body)],
    ['a time that is none', () => verify(OLD, { ...headersOf([OLD]), 'webhook-timestamp': 'now' }, body)],
    ['no signature', () => verify(OLD, headersOf([]), body)],
    ['half a signature', () => verify(OLD, { ...headersOf([OLD]), 'webhook-signature': 'v1,AAAA' }, body)],
  ])('refuses %s', (_what, attempt) => expect(attempt).toThrow(/^(?:wrong signature|not signed, or too old)$/));
});
