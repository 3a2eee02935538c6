/**
 * Goal: a forest is grown in a thread of its own, goes out with the model of its kind as a record of the log, and judges from its position
 * on, the same after any restart. A training that fails costs its forest and nothing else, and no thread outlives its use.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContentStore } from '../../baselines/content-store.ts';
import type { ForestJob } from '../../baselines/forest/grow-forest.ts';
import { createForestTrainer, type ForestTrainer } from '../../baselines/forest/trainer.ts';
import { decodeKindModel } from '../../baselines/kind-model.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { createKindPublisher, type ForestTraining } from '../../cli/kind-publisher.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { isolationForest } from '../../detectors/isolation-forest.ts';
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
const NOW_MS = Date.UTC(2026, 10, 21);
const entries = entriesOf(TENANT, simulateFleet({ seed: 'forest', agents: 25, days: 12, density: 0.6 }).events);
const agents = agentsIn(entries);
const first = Math.floor(entries.length * 0.8);

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await openTemporaryStore();
  const run = openPartition(temporary.store, { checkpointRecords: 1000 });
  await run.partition.assign(PARTITION);
  await processInBatches(run.partition, recordsOf(PARTITION, entries.slice(0, first)), 500);
  await run.partition.revoke(PARTITION);
});
afterAll(() => temporary.close());

/** What a publisher over the stored states writes to the log, and the contents it names. */
async function published(trainer: ForestTraining['trainer']) {
  const written: ModelEntry[] = [];
  const failures: Parameters<ForestTraining['onFailure']>[0][] = [];
  const contents = createContentStore(temporary.store);
  await createKindPublisher({
    states: createStateStore(temporary.store, slotCodec(scoring), 'test'),
    contents,
    log: { append: async (more) => void written.push(...(more as ModelEntry[])) },
    partitions: [PARTITION],
    settings: settings.baseline,
    lend: scoring.lend,
    now: () => NOW_MS,
    forests: { trainer, onFailure: (failure) => failures.push(failure) },
  }).publish();
  const stored = await contents.get(
    TENANT,
    written.map(({ content }) => content),
  );
  const forests = written.filter(({ content }) => decodeKindModel(stored.get(content) ?? '')?.forest !== undefined);
  return { written, stored, failures, forests: forests.map(({ agentKind }) => agentKind) };
}

describe('models with forests in the log', () => {
  it('are the same whenever they are made, and lead to the same verdicts and states after a restart', async () => {
    const { written, stored, failures, forests } = await published(createForestTrainer());
    expect(failures).toEqual([]);
    expect(forests.length).toBeGreaterThan(0);
    expect((await published(createForestTrainer())).written).toEqual(written);

    const rest: LogEntry[] = [...written, ...entries.slice(first)];
    const records = recordsOf(PARTITION, [...entries.slice(0, first), ...rest]);
    const expected = runInMemory(records, stored);
    const judged = [...expected.verdicts.values()].filter(({ surprise }) => isolationForest.name in surprise);
    expect(judged.length).toBeGreaterThan(0);

    // The second starts anew half-way, with the models before its checkpoint; the third has only what is stored.
    const second = openPartition(temporary.store, { checkpointRecords: 200 });
    expect(await second.partition.assign(PARTITION)).toBe(first);
    const half = first + Math.floor(rest.length / 2);
    await processInBatches(second.partition, records.slice(first, half), 200);
    await second.partition.revoke(PARTITION);
    const third = openPartition(temporary.store);
    expect(await third.partition.assign(PARTITION)).toBe(half);
    await processInBatches(third.partition, records.slice(half), 200);
    expect(await stateTexts(third.partition, agents)).toEqual(expected.states);
  });

  it('go out without a forest when its training fails, and somebody hears of it', async () => {
    const failing = { train: async () => ({ failure: 'no threads left' }), close: async () => {} };
    const { written, failures, forests } = await published(failing);
    expect(written.length).toBeGreaterThan(0);
    expect(forests).toEqual([]);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures[0]).toEqual({ tenant: TENANT, agentKind: failures[0]?.agentKind, reason: 'no threads left' });
  });
});

const job = (members: number): ForestJob => ({
  seed: 's',
  vectors: Array.from({ length: members }, (_, m) =>
    Array.from({ length: 32 }, (_, i) => Array.from({ length: 15 }, (_, f) => (m * 7 + i * (f + 3)) % 90)),
  ),
});

describe('a trainer', () => {
  it('grows the same, either way of waiting, and again after its end', async () => {
    const trainer = createForestTrainer();
    const answer = await trainer.train(job(4));
    expect(Object.keys(answer)).toEqual(['forest']);
    expect(trainer.trainNow(job(4))).toEqual(answer);
    await trainer.close();
    expect(trainer.trainNow(job(4))).toEqual(answer);
    await trainer.close();
  });

  it.each<[string, (trainer: ForestTrainer) => unknown]>([
    ['while others go on', (trainer) => trainer.train(job(4))],
    ['while all wait', (trainer) => trainer.trainNow(job(4))],
  ])('answers within its time, %s', async (_how, train) => {
    const trainer = createForestTrainer(0);
    expect(await train(trainer)).toEqual({ failure: 'no forest within 0 s' });
    await trainer.close();
  });

  it('answers a job that it cannot do, and does the next', async () => {
    const trainer = createForestTrainer();
    const broken = { seed: 's', vectors: [null] } as unknown as ForestJob;
    expect(Object.keys(await trainer.train(broken))).toEqual(['failure']);
    expect(Object.keys(await trainer.train(job(4)))).toEqual(['forest']);
    await trainer.close();
  });

  it('does not keep a process alive that never closes it', async () => {
    const program = fileURLToPath(new URL('../../baselines/forest/trainer.ts', import.meta.url));
    const code = `import { createForestTrainer } from ${JSON.stringify(program)};
      const trainer = createForestTrainer();
      const job = ${JSON.stringify(job(4))};
      const now = trainer.trainNow(job);
      process.stdout.write(JSON.stringify(now) === JSON.stringify(await trainer.train(job)) ? 'same' : 'different');`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', code];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
    expect(stdout).toBe('same');
  });
});
