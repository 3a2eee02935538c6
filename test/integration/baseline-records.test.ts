/**
 * Goal: models of kinds, resets and rollbacks are records like all others: they take effect at their position, and the states they lead
 * to are the same after any restart. What they name by hash is stored before them.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeBaseline } from '../../baselines/baseline-change.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import type { AgentKey } from '../../baselines/state-cache.ts';
import { readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { createKindPublisher } from '../../cli/kind-publisher.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { LogEntry, ModelEntry } from '../../ingest/log.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';
import {
  agentsIn,
  entriesOf,
  openPartition,
  processInBatches,
  recordsOf,
  runInMemory,
  scoring,
  settings,
  stateTexts,
} from '../support/partition-run.ts';

const PARTITION = 3;
const TENANT = 'acme';
const BATCH = 200;
const entries = entriesOf(TENANT, simulateFleet({ seed: 'records', agents: 25, days: 10, density: 0.5 }).events);
const agents = agentsIn(entries);
const first = Math.floor(entries.length * 0.7);

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await openTemporaryStore();
});
afterAll(() => temporary.close());

const NOW_MS = Date.UTC(2026, 10, 21);

/** What a publisher over the stored states writes to the log. */
async function publishedModels(): Promise<ModelEntry[]> {
  const written: ModelEntry[] = [];
  const publisher = createKindPublisher({
    states: createStateStore(temporary.store, slotCodec(scoring), 'test'),
    contents: createContentStore(temporary.store),
    log: { append: async (more) => void written.push(...(more as ModelEntry[])) },
    partitions: [PARTITION],
    settings: settings.baseline,
    lend: scoring.lend,
    now: () => NOW_MS,
  });
  const count = await publisher.publish();
  expect(count).toBe(written.length);
  // Nothing has changed since.
  expect(await publisher.publish()).toBe(0);
  return written;
}

describe('models, resets and rollbacks in the log', () => {
  it('lead to the same states after any restart, and change what is judged after them', async () => {
    const contents = createContentStore(temporary.store);
    const before = openPartition(temporary.store, { checkpointRecords: 1000 });
    await before.partition.assign(PARTITION);
    await processInBatches(before.partition, recordsOf(PARTITION, entries.slice(0, first)), BATCH);
    const [one, other] = agents as [AgentKey, AgentKey];
    const known = await before.partition.peek(other);
    if (known === undefined) throw new Error('the agent is not known');
    const content = await contents.put(TENANT, encodeBaseline(known, scoring), NOW_MS);
    await before.partition.revoke(PARTITION);
    const models = await publishedModels();
    expect(models.length).toBeGreaterThan(0);

    const about = { tenant: TENANT, receivedMs: NOW_MS, by: 'ops' };
    const rest: LogEntry[] = [
      ...models,
      { kind: 'reset', agent: one.agent, ...about },
      ...entries.slice(first, first + 500),
      { kind: 'rollback', agent: other.agent, content, to: '7', ...about },
      ...entries.slice(first + 500),
    ];
    const records = recordsOf(PARTITION, [...entries.slice(0, first), ...rest]);
    const hashes = [...models.map((model) => model.content), content];
    const stored = await contents.get(TENANT, hashes);
    expect(new Set(stored.keys())).toEqual(new Set(hashes));
    const expected = runInMemory(records, stored);

    // One checkpoint after the models, so that they have to come back from before it; and none at the end.
    const second = openPartition(temporary.store, { checkpointRecords: 300 });
    expect(await second.partition.assign(PARTITION)).toBe(first);
    await processInBatches(second.partition, records.slice(first), BATCH);
    const third = openPartition(temporary.store);
    expect(await third.partition.assign(PARTITION)).toBe(records.length);

    expect(await stateTexts(second.partition, agents)).toEqual(expected.states);
    expect(await stateTexts(third.partition, agents)).toEqual(expected.states);
    const without = runInMemory(records);
    expect([...without.verdicts]).not.toEqual([...expected.verdicts]);
    expect(eventsLearned(expected.states, one)).toBeLessThan(learnedBefore(one));
  });
});

/** Events the baseline of an agent had learned before the records above. */
function learnedBefore(key: AgentKey): number {
  const { states } = runInMemory(recordsOf(PARTITION, entries.slice(0, first)));
  return eventsLearned(states, key);
}

function eventsLearned(states: ReadonlyMap<string, string>, { agent }: AgentKey): number {
  const state = states.get(`${TENANT}\u0000${agent}`) ?? '';
  return JSON.parse(readableState({ format: STATE_FORMAT, state })).baseline.eventsEver;
}
