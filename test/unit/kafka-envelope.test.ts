/** Goal: what Picket writes to the log in Kafka comes back as it was, and nothing else is taken for it. */
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, type ReceivedRecord } from '../../ingest/kafka/envelope.ts';
import type { WrittenEntry } from '../../ingest/log.ts';

const receivedMs = Date.UTC(2026, 0, 5);
const content = 'ab'.repeat(32);
const about = { tenant: 'acme', receivedMs, agent: 'bot', by: 'ops' } as const;

const received = ({ key, value, headers }: ReturnType<typeof encodeEntry>): ReceivedRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  timestamp: String(receivedMs),
});

describe('an entry of the log in Kafka', () => {
  const entries: WrittenEntry[] = [
    { kind: 'tick', receivedMs },
    { kind: 'model', tenant: 'acme', receivedMs, agentKind: 'billing', content },
    { kind: 'reset', ...about, note: 'poisoned' },
    { kind: 'rollback', ...about, content, to: '4711' },
    { kind: 'disposition', ...about, alertId: 'al_1', state: 'closed', disposition: 'false_positive' },
  ];

  it.each(entries)('$kind comes back as it was', (entry) => {
    expect(decodeEntry(received(encodeEntry(entry)))).toEqual(entry);
  });

  it('has the key of its agent, or none when it concerns a partition', () => {
    expect(entries.map((entry) => encodeEntry(entry).key)).toEqual([
      null,
      null,
      'acme\u0000bot',
      'acme\u0000bot',
      'acme\u0000bot',
    ]);
  });

  it.each([
    ['a rollback to nothing', 'rollback', { ...about }],
    ['a rollback to what is no hash', 'rollback', { ...about, content: '../../etc' }],
    ['a model without a content', 'model', { agentKind: 'billing' }],
    ['a model of no kind', 'model', { content }],
    ['a reset of nobody', 'reset', { by: 'ops' }],
    ['a reset by nobody', 'reset', { agent: 'bot' }],
    ['a kind that a later build may write', 'config', { agent: 'bot', by: 'ops' }],
  ])('is unreadable: %s', (_, kind, value) => {
    const headers = { kind, tenant: 'acme', received: String(receivedMs) };
    const record = received({ key: 'acme\u0000bot', value: JSON.stringify(value), headers });
    expect(decodeEntry(record).kind).toBe('unreadable');
  });
});
