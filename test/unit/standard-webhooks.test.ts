/**
 * Goal: any receiver with a Standard Webhooks library accepts our signature, also while a secret is being changed.
 * Method: the official library verifies; it reads the real clock, so the timestamp is the present.
 */
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { secretFault, webhookHeaders, webhookId } from '../../alerts/standard-webhooks.ts';

const secretOf = (byte: number, bytes = 32) => `whsec_${Buffer.alloc(bytes, byte).toString('base64')}`;
const OLD = secretOf(1);
const NEW = secretOf(2);
const body = '{"type":"alert.created","data":{"text":"ümlaut \u{1F600}"}}';
const message = () => ({ id: webhookId('a1', 'soar'), timestampSeconds: Math.floor(Date.now() / 1000), body });
const verify = (secret: string, headers: Record<string, string>, text = body) =>
  new Webhook(secret).verify(text, headers);

describe('signature', () => {
  it('is accepted by the official verifier', () => {
    expect(verify(OLD, webhookHeaders(message(), [OLD]))).toEqual(JSON.parse(body));
  });

  it('is accepted under the old and the new secret during rotation, and under no third', () => {
    const headers = webhookHeaders(message(), [NEW, OLD]);
    expect(verify(OLD, headers)).toEqual(verify(NEW, headers));
    expect(() => verify(secretOf(3), headers)).toThrow(WebhookVerificationError);
  });

  it.each([
    ['the body', (h: Record<string, string>) => verify(OLD, h, `${body} `)],
    ['the id', (h: Record<string, string>) => verify(OLD, { ...h, 'webhook-id': webhookId('a2', 'soar') })],
    [
      'the time',
      (h: Record<string, string>) =>
        verify(OLD, { ...h, 'webhook-timestamp': String(Number(h['webhook-timestamp']) - 1) }),
    ],
  ])('does not hold for a changed copy: %s', (_what, tampered) => {
    expect(() => tampered(webhookHeaders(message(), [OLD]))).toThrow(WebhookVerificationError);
  });

  it('is left out without a secret; id and time stay', () => {
    expect(webhookHeaders({ id: 'msg_1', timestampSeconds: 7, body }, [])).toEqual({
      'webhook-id': 'msg_1',
      'webhook-timestamp': '7',
    });
  });

  it('is the known value for a known message', () => {
    // Computed with Python's hmac module over "msg_1.1774000000.{}", key 32 bytes of 0x01.
    expect(
      webhookHeaders({ id: 'msg_1', timestampSeconds: 1_774_000_000, body: '{}' }, [OLD])['webhook-signature'],
    ).toBe('v1,P0WohdEAXgQL/EoqcAp2ec/0Y6LYS2DOuOIf71aArZY=');
  });
});

it('the id is fixed by alert and playbook, and holds no dot', () => {
  expect(webhookId('a1', 'soar')).toMatch(/^msg_[0-9a-f]{32}$/);
  const ids = [webhookId('a1', 'soar'), webhookId('a1', 'soar'), webhookId('a1', 'soar2'), webhookId('a2', 'soar')];
  expect(new Set(ids).size).toBe(3);
});

it.each([
  [OLD, null],
  [secretOf(1, 24), null],
  [secretOf(1, 64), null],
  [secretOf(1, 23), /24 to 64 bytes.*holds 23/],
  [secretOf(1, 65), /holds 65/],
  ['whsec_', /holds 0/],
  ['whsec_not base64!', /base64/],
  ['hunter2', /starts with whsec_/],
])('secret %j', (secret, fault) => {
  if (fault === null) expect(secretFault(secret)).toBeNull();
  else expect(secretFault(secret)).toMatch(fault);
});
