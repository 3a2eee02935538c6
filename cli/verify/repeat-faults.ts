/** An id counts once per agent: the first one counts, what came after it is a duplicate or a conflict. */
import type { VerifiedDifference } from '../../api/schemas/verify.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { Store } from '../../store/store.ts';

const FAULTS_MAX = 20;

interface Row {
  readonly partition: number;
  readonly position: number;
  readonly status: string;
  readonly expected: string;
}

/** Rows whose status says otherwise, the first ones. What came before the stored log is not known: such a repeat is believed. */
export async function repeatFaults(
  store: Pick<Store, 'query'>,
  tenant: string,
  agent: string,
): Promise<VerifiedDifference[]> {
  const rows = await store.query<Row>(FAULTS, { tenant, agent, limit: FAULTS_MAX });
  return rows.map(({ partition, position, status, expected }) => ({
    partition: Number(partition),
    position: Number(position),
    what: 'repeat' as const,
    field: 'status',
    stored: JSON.stringify(status),
    recomputed: JSON.stringify(expected),
  }));
}

// `rejected` gives its id free: nothing of such an event is stored.
const FAULTS = `
  SELECT partition, position, status, expected FROM (
    SELECT partition, position, toString(status) AS status, digest, status NOT IN ('duplicate', 'conflict') AS counts,
      count() OVER (PARTITION BY id ORDER BY partition, position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
      first_value(digest) OVER (PARTITION BY id ORDER BY partition, position) AS original,
      multiIf(before = 0, if(counts, status, status), digest = original, 'duplicate', 'conflict') AS expected
    FROM event_log FINAL
    WHERE tenant = {tenant:String} AND agent = {agent:String} AND kind = 'event' AND status != 'rejected'
      AND ${OF_THE_LOG})
  WHERE before > 0 AND status != expected
  ORDER BY partition, position LIMIT {limit:UInt32}`;
