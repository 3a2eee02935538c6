/** Limits of a worker that are so narrow that a run of minutes meets them. */
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
