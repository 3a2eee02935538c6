/** What HTTP adds to the acceptance of records: where they came from, and ids for those that have none. */
import { createHash, randomUUID } from 'node:crypto';
import type { Intake } from '../api/ports.ts';
import type { Acceptor } from '../ingest/acceptor.ts';

/** Ids of events that came without one: the sender's idempotency key and the index, or fresh. */
export const httpIntake = (acceptor: Acceptor): Intake => ({
  accept(tenant, records, { requestId, idempotencyKey }) {
    const key =
      idempotencyKey === undefined
        ? randomUUID()
        : createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 40);
    const origin = { source: 'http', delivery: requestId, fallbackId: (index: number) => `http:${key}:${index}` };
    return acceptor.accept(tenant, records, origin);
  },
});
