/** Goal: good records reach the log in order, bad ones the dead letters, and nothing is acknowledged before both are durable. */
import { expect, it } from 'vitest';
import { createAcceptor } from '../../ingest/acceptor.ts';
import type { DeadLetter } from '../../ingest/dead-letter.ts';
import { createIntake } from '../../ingest/intake.ts';
import { type LogEntry, LogUnavailable } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';

const NOW = Date.UTC(2026, 5, 1, 12);
const record = (fields: object) =>
  Buffer.from(JSON.stringify({ time: NOW, agent: { id: 'a' }, action: { type: 'send', name: 'mail' }, ...fields }));
const origin = { source: 'http', delivery: 'r1', fallbackId: (index: number) => `made-${index}` };

function acceptor(
  sink: (entries: readonly LogEntry[]) => Promise<void>,
  keep: (letters: readonly DeadLetter[]) => Promise<void>,
) {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });
  return createAcceptor({ intake, sink: { append: sink }, deadLetters: { write: keep }, now: () => NOW });
}

it('sorts records, names what is wrong by index, and derives ids', async () => {
  const entries: LogEntry[] = [];
  const letters: DeadLetter[] = [];
  const accept = acceptor(
    async (more) => void entries.push(...more),
    async (more) => void letters.push(...more),
  );
  const answer = await accept.accept('t', [record({ id: 'x' }), Buffer.from('nonsense'), record({})], origin);
  expect(answer).toEqual({
    accepted: 2,
    rejected: [{ index: 1, code: 'invalid_json', field: '', message: expect.any(String) }],
  });
  expect(entries.map((entry) => entry.kind === 'event' && [entry.tenant, entry.event.id, entry.receivedMs])).toEqual([
    ['t', 'x', NOW],
    ['t', 'made-2', NOW],
  ]);
  expect(letters.map(({ tenant, source, sourcePosition, code }) => [tenant, source, sourcePosition, code])).toEqual([
    ['t', 'http', 'r1:1', 'invalid_json'],
  ]);
});

it('accepts nothing when the dead letters cannot be kept', async () => {
  const entries: LogEntry[] = [];
  const accept = acceptor(
    async (more) => void entries.push(...more),
    () => Promise.reject(new Error('store is down')),
  );
  await expect(accept.accept('t', [record({}), Buffer.from('[]')], origin)).rejects.toThrow('store is down');
  expect(entries).toEqual([]);
});

it('passes on that the log is full', async () => {
  const full = new LogUnavailable('log_queue_full', 'full');
  const accept = acceptor(
    () => Promise.reject(full),
    async () => {},
  );
  await expect(accept.accept('t', [record({})], origin)).rejects.toBe(full);
});
