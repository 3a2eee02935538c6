/** Limits of a worker that are so narrow that a run of minutes meets them. */
import { API_LIMITS, type ApiLimits } from '../../api/limits.ts';
import type { PartitionLimits } from '../../cli/partition-limits.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { DEFAULT_EMBEDDED_LOG, type EmbeddedLogSettings } from '../../ingest/embedded-log.ts';

const MINUTE_MS = 60_000;

/** What is drawn stays in this order: seeds that found something are kept by their number. */
export function drawLimits(random: Random): PartitionLimits {
  const first = {
    agentsMax: random.pick([1, 2, 100]),
    checkpointRecords: random.pick([5, 20, 60, 1_000]),
    checkpointMs: random.pick([5 * MINUTE_MS, 60 * MINUTE_MS]),
    seenIdsBits: random.pick([2 ** 8, 2 ** 14]),
    revokeGraceMs: random.pick([10, 3_000]),
  };
  const later = random.fork('limits of bytes and filters');
  return {
    ...first,
    bytesMax: later.pick([20_000, 1e9]),
    sessionBytesMax: later.pick([10_000, 1e9]),
    knownAgentsBits: later.pick([2 ** 8, 2 ** 14]),
    filterRecords: later.pick([10, 100, 10_000]),
  };
}

/** Few enough that a burst fills the queue, and takes several batches. */
export const drawEmbeddedLog = (random: Random): EmbeddedLogSettings => ({
  ...DEFAULT_EMBEDDED_LOG,
  batchMax: random.pick([2, 7, 2_000]),
  queueMax: random.pick([4, 20, 20_000]),
});

/** So little that two words in a row are one too many, and that bodies of some requests leave no room for others. */
export const drawApiLimits = (random: Random): ApiLimits => ({
  ...API_LIMITS,
  readsPerSecond: random.pick([0.05, API_LIMITS.readsPerSecond]),
  readBurst: random.pick([1, API_LIMITS.readBurst]),
  intakeBytesMax: random.pick([48 * 1024, API_LIMITS.intakeBytesMax]),
});
