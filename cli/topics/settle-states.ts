/** Brings the stored state of every agent to the end of the log: they are written from time to time only, and replayed in between. */
import { createHitStore } from '../../alerts/hit-store.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { createTurns } from '../../store/turns.ts';
import { CommandFailure } from '../context.ts';
import { createPartition, type PartitionDeps } from '../partition.ts';
import { emptyCounters } from '../partition-counters.ts';
import { slotCodec } from '../scorer.ts';
import { settingsOf } from '../scoring-settings.ts';
import { markOf } from '../verify/judging-mark.ts';
import type { MoveDeps } from './move-deps.ts';
import type { OldLog } from './old-log.ts';

/** Nobody waits for the partition: its states may take their time. */
const SAVE_MS_MAX = 60 * 60_000;
const NO_CHECKPOINTS = Number.MAX_SAFE_INTEGER;
/** Of the filter of ids, which is not used: nothing is judged. */
const SMALL_FILTER_BITS = 2 ** 10;

export const statesOf = ({ store, config }: Pick<MoveDeps, 'store' | 'config'>) =>
  createStateStore(store, slotCodec(createScoring(DETECTORS, settingsOf(config).baseline)), markOf(config), {
    daysKept: config.stateDays,
  });

type SettleDeps = Pick<MoveDeps, 'config' | 'store' | 'persist' | 'now' | 'sleep'>;

/** Returns the clock of the log: the newest tick of all partitions, epoch ms. */
export async function settleStates(old: Pick<OldLog, 'partitions'>, deps: SettleDeps): Promise<number> {
  for (const { number } of old.partitions) await settlePartition(number, deps);
  return assertSettled(old, deps);
}

/**
 * The same, without settling anything: a store that was put back to an earlier time meanwhile has lost states that are to move.
 *
 * @throws CommandFailure when a partition's states are not stored up to its end
 */
export async function assertSettled(old: Pick<OldLog, 'partitions'>, deps: SettleDeps): Promise<number> {
  const states = statesOf(deps);
  let lastTickMs = 0;
  for (const { number, stored } of old.partitions) {
    const checkpoint = await states.latestCheckpoint(number);
    if ((checkpoint?.position ?? -1) < stored) {
      throw new CommandFailure(`The states of partition ${number} are not stored to its end. Run this again.`);
    }
    lastTickMs = Math.max(lastTickMs, checkpoint?.lastTickMs ?? 0);
  }
  return lastTickMs;
}

/** As a worker that takes the partition and gives it back without having read anything. */
async function settlePartition(number: number, deps: SettleDeps): Promise<void> {
  const { config, store } = deps;
  const settings = settingsOf(config);
  const limits = {
    agentsMax: config.agentsInMemory,
    bytesMax: config.stateMib * 1024 * 1024,
    sessionBytesMax: config.openSessionsMib * 1024 * 1024,
    checkpointRecords: NO_CHECKPOINTS,
    checkpointMs: NO_CHECKPOINTS,
    seenIdsBits: SMALL_FILTER_BITS,
    knownAgentsBits: SMALL_FILTER_BITS,
    filterRecords: NO_CHECKPOINTS,
    revokeGraceMs: SAVE_MS_MAX,
  };
  const partition = createPartition(number, { ...settings, ...limits }, partitionDeps(deps, store));
  await partition.assign();
  await partition.revoke();
}

function partitionDeps(deps: SettleDeps, store: MoveDeps['store']): PartitionDeps {
  return {
    log: { ...createEventLogStore(store), ids: async function* none() {} },
    states: statesOf(deps),
    // What has seen no ids must not be stored as a filter of them.
    filters: { latest: async () => undefined, write: async () => {} },
    hits: createHitStore(store),
    contents: createContentStore(store),
    scoring: createScoring(DETECTORS, settingsOf(deps.config).baseline),
    deadLetters: { write: async () => {} },
    notify: () => {},
    persist: deps.persist,
    now: deps.now,
    sleep: deps.sleep,
    turns: createTurns(),
    counters: emptyCounters(),
  };
}
