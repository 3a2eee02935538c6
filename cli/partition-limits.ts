/** What one partition may take of a process. */
import type { JudgeSettings } from '../alerts/judge.ts';
import type { Config } from './config.ts';
import type { PartitionSettings } from './partition.ts';

export type PartitionLimits = Omit<PartitionSettings, keyof JudgeSettings | 'logIsStore'>;

const AGENTS_MIN = 100;
const CHECKPOINT_MS = 5 * 60_000;
/**
 * After a crash up to twice as many records of each partition are read again, so those of a process are shared by its partitions; too few would
 * write the same states again and again.
 */
const CHECKPOINT_RECORDS = 120_000;
const CHECKPOINT_RECORDS_MIN = 10_000;
const CHECKPOINT_RECORDS_MAX = 40_000;
/** What is in hand when a partition is given back; with the drain below the ten seconds a SIGTERM may take. */
const REVOKE_GRACE_MS = 3_000;
/** Each of the two filters, over all partitions: 16 MiB. */
const FILTER_BITS_MAX = 2 ** 27;
const FILTER_RECORDS = 500_000;
const MIB = 1024 * 1024;

const filterBits = (partitionCount: number): number =>
  Math.max(2 ** 20, FILTER_BITS_MAX / 2 ** Math.ceil(Math.log2(partitionCount)));

const checkpointRecords = (partitionCount: number): number =>
  Math.min(Math.max(Math.floor(CHECKPOINT_RECORDS / partitionCount), CHECKPOINT_RECORDS_MIN), CHECKPOINT_RECORDS_MAX);

/** @param partitionCount of the whole log: what one process may keep in memory is divided by it */
export const partitionLimits = (
  config: Pick<Config, 'agentsInMemory' | 'stateMib' | 'openSessionsMib' | 'checkpointRecords'> &
    Partial<Pick<Config, 'clickhouse'>>,
  partitionCount: number,
): PartitionLimits => ({
  agentsMax: Math.max(AGENTS_MIN, Math.floor(config.agentsInMemory / partitionCount)),
  bytesMax: (config.stateMib * MIB) / partitionCount,
  sessionBytesMax: (config.openSessionsMib * MIB) / partitionCount,
  checkpointRecords: config.checkpointRecords ?? checkpointRecords(partitionCount),
  checkpointMs: CHECKPOINT_MS,
  seenIdsBits: filterBits(partitionCount),
  knownAgentsBits: filterBits(partitionCount),
  filterRecords: FILTER_RECORDS,
  // The embedded engine locks its folder.
  soleOwner: config.clickhouse === undefined,
  revokeGraceMs: REVOKE_GRACE_MS,
});
