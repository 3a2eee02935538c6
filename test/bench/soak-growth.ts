/** Growth of memory over a run, robust against single spikes. */

export interface Sample {
  readonly atMs: number;
  /** Bytes after a forced collection. */
  readonly heap: number;
  readonly rss: number;
  /** As the limits of memory count them. */
  readonly states: number;
}

/**
 * The median slope between all pairs of samples (Theil 1950, Sen 1968), times the time between the first and the last, over the median: 0.01
 * is one per cent in all. NaN for fewer than two samples.
 */
export function growthShare(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const slopes = samples.flatMap((later, index) =>
    samples.slice(0, index).map((earlier) => (of(later) - of(earlier)) / (later.atMs - earlier.atMs)),
  );
  const spanMs = (samples.at(-1)?.atMs ?? Number.NaN) - (samples[0]?.atMs ?? Number.NaN);
  return Number(((median(slopes) * spanMs) / median(samples.map(of))).toPrecision(3));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
