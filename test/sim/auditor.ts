/** `picket verify --range ..`, by a process of its own: what the command does once it has opened the store. */
import type { RangeFinding, RangeReport, RangeWish } from '../../api/schemas/verify.ts';
import { createLogRows } from '../../cli/verify/log-rows.ts';
import { addReport, checkStretch, emptyReport } from '../../cli/verify/range-check.ts';
import { rangeChecker } from '../../cli/verify/range-checker.ts';
import { planRange } from '../../cli/verify/range-plan.ts';
import { createTopicLook, type TopicLook } from '../../cli/verify/topic-look.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';
import { TOPIC } from './broker.ts';
import { CLUSTER_ID, type Cluster } from './cluster.ts';
import { createSimStore } from './sim-store.ts';
import type { Tables } from './tables.ts';
import { config, DEAD_LETTERS, PLAYBOOKS, type Variation } from './worker-process.ts';
import type { SimProcess, World } from './world.ts';

export interface AuditorDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly cluster: Cluster;
  readonly variation: Variation;
  /** Newest version of the envelope that this build reads, by now. */
  readonly logFormat: () => number;
  /** There is no topic to look into: the log is in the store. */
  readonly embedded: boolean;
}

/** So few that a log of a run is several lots. */
const LOT_POSITIONS = 15;
const PAUSE_MS = 5;

/** @param range all of the log, however it is told */
export async function audit(
  process: SimProcess,
  deps: AuditorDeps,
  { repair, range }: { readonly repair: boolean; readonly range: RangeWish },
): Promise<RangeReport> {
  const { world, tables, variation } = deps;
  const { now, sleep } = process;
  const real = createSimStore(process, tables, world.random.fork(`streams ${process.name}`));
  const store = variation.audited?.(real) ?? real;
  const topic = deps.embedded ? undefined : await topicLook(process, store, deps);
  const deadLetters = createDeadLetterStore(store, DEAD_LETTERS);
  const stop = new AbortController().signal;
  const checker = rangeChecker({ store, config, now, deadLetters, topic, sleep }, PLAYBOOKS, {
    repair,
    pauseMs: PAUSE_MS,
    stop,
    lotPositions: LOT_POSITIONS,
  });
  const { stretches } = await planRange(range, createLogRows(store), topic);
  const report = emptyReport([]);
  for (const stretch of stretches) addReport(report, await checkStretch(stretch, checker));
  return report;
}

async function topicLook(process: SimProcess, store: Store, { cluster, logFormat }: AuditorDeps): Promise<TopicLook> {
  // Runs in which the log stays where it is have not written down where that is.
  const first = { epoch: 0, topic: TOPIC, partitions: cluster.broker(TOPIC).partitions, cluster: CLUSTER_ID };
  const epoch = (await createLogEpochStore(store).current()) ?? first;
  return createTopicLook({ client: cluster.kafka(process), epoch }, { sleep: process.sleep, format: logFormat() });
}

/** What is missing, by name; rows one by one. */
export const lossesIn = ({ findings }: Pick<RangeReport, 'findings'>): string[] => findings.flatMap(namesOf);

export function namesOf({ part, partition, first, last, id }: RangeFinding): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => lossName(part, partition, first + at, id));
}

export const lossName = (part: RangeFinding['part'], partition: number, position: number, id = ''): string =>
  `${part} ${partition}:${position} ${id}`.trim();
