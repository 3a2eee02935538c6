/**
 * What an event costs among very many agents, of whom some are in memory, against few that all are: score, learn, bring states in, write them
 * away. The states rest in the embedded engine; both crowds take turns, batch by batch, so that a machine that slows down slows both.
 */
import { createStateCache } from '../../baselines/state-cache.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { agentsOf, createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import type { LogRecord } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { TENANT } from '../support/agent-bench.ts';
import { crowdEvent, zipfAgents } from '../support/agent-crowd.ts';
import { type Crowd, WAKES_MS } from '../support/crowd-store.ts';
import { scoring, settings } from '../support/partition-run.ts';

const BATCH = 2000;
const STEP_MS = 10;

export interface ZipfCost {
  readonly agents: number;
  readonly agentsInMemory: number;
  readonly events: number;
  /** Medians over batches. */
  readonly microsecondsPerEvent: number;
  readonly fewMicrosecondsPerEvent: number;
  /** Median, and the middle half, of the paired batches. */
  readonly ratio: number;
  readonly ratioFrom: number;
  readonly ratioTo: number;
  /** The same of processor time, the engine's threads included. */
  readonly cpuRatio: number;
  readonly cpuRatioFrom: number;
  readonly cpuRatioTo: number;
  /** Agents per batch that were not in memory. */
  readonly broughtInPerBatch: number;
}

interface Took {
  readonly wallMs: number;
  readonly cpuMs: number;
}

interface Side {
  /** Takes the next batch, and says how long it took. */
  batch(): Promise<Took>;
  /** One event of each agent that is drawn most. */
  wake(agents: number, onProgress: (done: number) => void): Promise<void>;
  broughtIn(): number;
}

export async function measureZipf(
  store: Store,
  many: Crowd & { readonly agentsMax: number },
  few: Crowd,
  batches: number,
  onProgress: (what: string, done: number) => void,
): Promise<ZipfCost> {
  const large = openSide(store, many, many.agentsMax);
  const small = openSide(store, few, few.agents);
  await large.wake(many.agentsMax, (done) => onProgress('agents woken', done));
  await small.wake(few.agents, () => {});
  const before = large.broughtIn();
  const times: [Took, Took][] = [];
  for (let i = 0; i < batches; i++) {
    const first = await large.batch();
    times.push([first, await small.batch()]);
    onProgress('batches', i + 1);
  }
  const wall = times.map(([one, other]) => one.wallMs / other.wallMs);
  const cpu = times.map(([one, other]) => one.cpuMs / other.cpuMs);
  const perEvent = (side: 0 | 1) =>
    rounded(
      (quantile(
        times.map((pair) => pair[side].wallMs),
        0.5,
      ) *
        1000) /
        BATCH,
    );
  return {
    agents: many.agents,
    agentsInMemory: many.agentsMax,
    events: batches * BATCH,
    microsecondsPerEvent: perEvent(0),
    fewMicrosecondsPerEvent: perEvent(1),
    ratio: rounded(quantile(wall, 0.5)),
    ratioFrom: rounded(quantile(wall, 0.25)),
    ratioTo: rounded(quantile(wall, 0.75)),
    cpuRatio: rounded(quantile(cpu, 0.5)),
    cpuRatioFrom: rounded(quantile(cpu, 0.25)),
    cpuRatioTo: rounded(quantile(cpu, 0.75)),
    broughtInPerBatch: Math.round((large.broughtIn() - before) / batches),
  };
}

function openSide(store: Store, { partition, agents }: Crowd, agentsMax: number): Side {
  const states = createStateStore(store, slotCodec(scoring), 'bench');
  let broughtIn = 0;
  const counting = {
    ...states,
    load: (number: number, keys: Parameters<typeof states.load>[1]) => {
      broughtIn += keys.length;
      return states.load(number, keys);
    },
  };
  const unbounded = Number.MAX_SAFE_INTEGER;
  const limits = { agentsMax, bytesMax: unbounded, sessionBytesMax: unbounded };
  const cache = createStateCache(partition, counting, limits);
  const pipeline = createPipeline(
    emptyPipelineState((key) => cache.take(key)),
    scoring,
    settings,
  );
  const draw = zipfAgents(agents, `zipf/${agents}`);
  let position = agents;

  function recordOf(agent: number): LogRecord {
    const timeMs = WAKES_MS + (position - agents) * STEP_MS;
    const event = crowdEvent(agent, `e-${position}`, timeMs);
    const entry = { kind: 'event', tenant: TENANT, receivedMs: timeMs, event, digest: event.id } as const;
    return { partition, position: position++, entry };
  }

  async function take(records: readonly LogRecord[]): Promise<Took> {
    const startedMs = performance.now();
    const used = process.cpuUsage();
    await cache.ensure(agentsOf(records), records[0]?.position ?? 0);
    for (const record of records) pipeline.step(record, 'new');
    await cache.trim();
    const { user, system } = process.cpuUsage(used);
    return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 };
  }

  return {
    batch: () => take(Array.from({ length: BATCH }, () => recordOf(draw()))),
    async wake(count, onProgress) {
      for (let first = 0; first < count; first += BATCH) {
        const size = Math.min(BATCH, count - first);
        // The most drawn last: the longest unused leave first.
        await take(Array.from({ length: size }, (_, n) => recordOf(count - 1 - first - n)));
        onProgress(first + size);
      }
    },
    broughtIn: () => broughtIn,
  };
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

const rounded = (value: number): number => Number(value.toPrecision(3));
