/** What a stopped `picket up` has left in its data folder, in a form in which two runs over the same events can be compared. */
import { join } from 'node:path';
import { readableState, type StoredState } from '../../baselines/state-codec.ts';
import { openEmbedded } from '../../store/connection.ts';
import type { Store } from '../../store/store.ts';

export interface FolderContents {
  /** Events as the view shows them, by id, with the verdict taken on each. */
  readonly events: Map<string, string>;
  /** Ids that stand in the log more than once as something other than a repeat. Must be empty. */
  readonly doubled: string[];
  /** `alert id, event id`, sorted. */
  readonly hits: string[];
  /** Alerts that opened. */
  readonly opened: string[];
  /** Newest stored state of each agent, normalised. */
  readonly states: Map<string, string>;
  /** Duplicates in the log: events that were stored although their sender was never told, and came again. */
  readonly duplicates: number;
  readonly checkpoints: number;
}

/** Opens the engine of the data folder for as long as `work` takes. One folder at a time per process. */
export async function withEngine<T>(dataDir: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openEmbedded({ path: join(dataDir, 'engine') });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export const contentsOf = (dataDir: string): Promise<FolderContents> => withEngine(dataDir, readContents);

export async function readContents(store: Store): Promise<FolderContents> {
  const events = await store.query<{ id: string; verdict: string }>(EVENTS);
  const doubled = await store.query<{ id: string }>(DOUBLED);
  const hits = await store.query<{ hit: string; alert: string; opened: number }>(HITS);
  const states = await store.query<StoredState & { agent: string }>(STATES);
  const [counts] = await store.query<{ duplicates: number; checkpoints: number }>(COUNTS);
  return {
    events: new Map(events.map(({ id, verdict }) => [id, verdict])),
    doubled: doubled.map(({ id }) => id),
    hits: hits.map(({ hit }) => hit),
    opened: hits.filter(({ opened }) => Number(opened) === 1).map(({ alert }) => alert),
    states: new Map(states.map(({ agent, format, state }) => [agent, normalised({ format: Number(format), state })])),
    duplicates: Number(counts?.duplicates),
    checkpoints: Number(counts?.checkpoints),
  };
}

/**
 * Where a record stands and when it was received are facts of the run, not of the events: a repeat takes a position of its own, and
 * the second run happens later. Everything else must be equal to the last bit.
 */
const OF_THE_RUN = new Set(['position', 'firstPosition', 'lastPosition', 'receivedMs', 'lastReceivedMs']);

const normalised = (stored: StoredState): string =>
  JSON.stringify(JSON.parse(readableState(stored), (key, value: unknown) => (OF_THE_RUN.has(key) ? 0 : value)));

const KEPT = `kind = 'event' AND status NOT IN ('duplicate', 'conflict', 'rejected')`;

const EVENTS = `
  SELECT id, toJSONString(tuple(status, flags, session, knowledge, score, detectors, alert_ids, record, content)) AS verdict
  FROM events ORDER BY id`;

const DOUBLED = `SELECT id FROM event_log FINAL WHERE ${KEPT} GROUP BY tenant, agent, id HAVING count() > 1 ORDER BY id`;

const HITS = `
  SELECT concat(alert_id, ' ', event_id) AS hit, alert_id AS alert, opened FROM alert_hits FINAL ORDER BY hit`;

const STATES = `
  SELECT agent, argMax(format, position) AS format, argMax(state, position) AS state FROM agent_state FINAL GROUP BY tenant, agent ORDER BY agent`;

const COUNTS = `
  SELECT (SELECT count() FROM event_log FINAL WHERE status = 'duplicate') AS duplicates,
    (SELECT count() FROM checkpoints FINAL) AS checkpoints`;
