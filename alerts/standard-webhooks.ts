/**
 * Headers of a webhook as Standard Webhooks 1.0.0 has them (standardwebhooks.com, spec "Webhook Headers", "Signature scheme").
 */
import { createHash, createHmac } from 'node:crypto';

const SECRET_PREFIX = 'whsec_';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** The specification asks for 24 to 64 random bytes. */
const KEY_BYTES_MIN = 24;
const KEY_BYTES_MAX = 64;

/**
 * The same for every attempt to tell one playbook of one alert: receivers use it to drop repeats. No dots, since the signed
 * text is split at them.
 */
export function webhookId(alertId: string, playbook: string): string {
  const digest = createHash('sha256').update(`${alertId}\0${playbook}`).digest('hex');
  return `msg_${digest.slice(0, 32)}`;
}

/** Says what is wrong with a signing secret, without repeating it; null when it can be used. */
export function secretFault(secret: string): string | null {
  if (!secret.startsWith(SECRET_PREFIX)) return `a signing secret starts with ${SECRET_PREFIX}`;
  const encoded = secret.slice(SECRET_PREFIX.length);
  if (!BASE64.test(encoded)) return `what follows ${SECRET_PREFIX} must be base64`;
  const bytes = Buffer.from(encoded, 'base64').length;
  if (bytes >= KEY_BYTES_MIN && bytes <= KEY_BYTES_MAX) return null;
  return `a signing secret holds ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} bytes of base64; this one holds ${bytes}`;
}

export interface WebhookMessage {
  readonly id: string;
  /** Unix seconds of this attempt. Receivers refuse a signature older than five minutes: take it anew for every attempt. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/**
 * `webhook-id` and `webhook-timestamp`, and with secrets `webhook-signature`: one `v1` signature for each secret, so that a
 * receiver that knows only the old or only the new one passes during rotation. Secrets must have passed `secretFault`.
 */
export function webhookHeaders(message: WebhookMessage, secrets: readonly string[]): Record<string, string> {
  const headers = { 'webhook-id': message.id, 'webhook-timestamp': String(message.timestampSeconds) };
  if (secrets.length === 0) return headers;
  return { ...headers, 'webhook-signature': secrets.map((secret) => sign(message, secret)).join(' ') };
}

function sign(message: WebhookMessage, secret: string): string {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  const content = `${message.id}.${message.timestampSeconds}.${message.body}`;
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
