/** Goal: what Picket writes to the log in Kafka comes back as it was, and nothing else is taken for it. */
import { describe, expect, it } from 'vitest';
import { recordOf, type StoredRow } from '../../baselines/event-log-store.ts';
import { decodeEntry, encodeEntry, type ReceivedRecord } from '../../ingest/kafka/envelope.ts';
import type { WrittenEntry } from '../../ingest/log.ts';
import { NewerBuild } from '../../ingest/newer-build.ts';

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
    ['a kind of a stranger', 'config', { agent: 'bot', by: 'ops' }],
  ])('is unreadable: %s', (_, kind, value) => {
    const headers = { kind, tenant: 'acme', received: String(receivedMs) };
    const record = received({ key: 'acme\u0000bot', value: JSON.stringify(value), headers });
    expect(decodeEntry(record).kind).toBe('unreadable');
  });
});

/** As they stand in topics: of builds that wrote no version, of this one, and of one to come. */
describe('a record of another build', () => {
  const value = '{"kind":"reset","tenant":"acme","receivedMs":1767571200000,"agent":"bot","by":"ops"}';
  const headers = { kind: 'reset', tenant: 'acme', received: '1767571200000' };
  const record = (more: Record<string, string>) =>
    received({ key: 'acme\u0000bot', value, headers: { ...headers, ...more } });

  it.each([{}, { v: '1' }, { v: 'x' }, { v: '1.5' }])('is read: %j', (more) => {
    expect(decodeEntry(record(more))).toEqual({ kind: 'reset', ...about });
  });

  it.each([
    ['a later version', { v: '2' }],
    ['a later version of what has no kind here', { v: '3', kind: 'config' }],
    ['a kind that this build does not know', { v: '1', kind: 'config' }],
  ])('is never passed over: %s', (_, more) => {
    expect(() => decodeEntry(record(more))).toThrow(NewerBuild);
  });

  it('is read by the build that wrote it', () => {
    expect(decodeEntry(record({ v: '2' }), 2).kind).toBe('reset');
  });

  it('stops whoever meets it in the stored log, too', () => {
    const row = { kind: 'reset', partition: 0, position: 1, record: value } as StoredRow;
    expect(recordOf(row).record.entry).toMatchObject({ kind: 'reset', agent: 'bot' });
    expect(() => recordOf({ ...row, kind: 'config' } as unknown as StoredRow)).toThrow(NewerBuild);
    expect(() => recordOf({ ...row, record: value.replace('{', '{"v":2,') })).toThrow(NewerBuild);
  });
});
