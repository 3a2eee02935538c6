/** What a measurement of `all.ts` is, and what it says. */

export interface MeasureOptions {
  /** Seconds instead of minutes: shows that it works, and figures to look at, not to quote. */
  readonly quick: boolean;
  /** One line about what is being done. */
  readonly progress: (text: string) => void;
  /** Python that has `bytewax` and its Kafka connector; without it that peer is left out. */
  readonly peerPython: string | undefined;
}

/** A figure is met when its median is on the right side. Without an ask it only informs. */
export type Ask = { readonly atLeast: number } | { readonly atMost: number };

export interface Row {
  readonly what: string;
  readonly unit: string;
  readonly ask?: Ask;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Pairs, or runs, behind the median. */
  readonly pairs: number;
  readonly met?: boolean;
  /** Under what conditions, where the name does not say it. */
  readonly note?: string;
}

/** An entry of the list: `measurements.ts`. Runs in a process of its own. */
export interface Measurement {
  readonly name: string;
  /** Measured wall-clock limit; beyond it the process is ended and the rows are missing. */
  readonly minutesMax: number;
  run(options: MeasureOptions): Promise<readonly Row[]>;
}

/** A row of repeated figures. */
export function row(
  what: string,
  unit: string,
  figures: readonly number[],
  more: { readonly ask?: Ask; readonly note?: string } = {},
): Row {
  const sorted = [...figures].sort((a, b) => a - b);
  const median = rounded(sorted[sorted.length >> 1] ?? Number.NaN);
  const spread = { median, min: rounded(sorted[0] ?? Number.NaN), max: rounded(sorted.at(-1) ?? Number.NaN) };
  const met = more.ask === undefined ? {} : { met: meets(median, more.ask) };
  return { what, unit, ...more, ...spread, pairs: figures.length, ...met };
}

/** A row of figures that are medians already. */
export function summedUp(
  what: string,
  unit: string,
  { median, min, max, pairs }: Pick<Row, 'median' | 'min' | 'max' | 'pairs'>,
  more: { readonly ask?: Ask; readonly note?: string } = {},
): Row {
  const met = more.ask === undefined ? {} : { met: meets(median, more.ask) };
  return { what, unit, ...more, median: rounded(median), min: rounded(min), max: rounded(max), pairs, ...met };
}

const meets = (median: number, ask: Ask): boolean => ('atLeast' in ask ? median >= ask.atLeast : median <= ask.atMost);

const rounded = (x: number): number => Number(x.toPrecision(3));

export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Microseconds of processor time that this process takes while something runs: a busy machine disturbs it less than the clock. */
export async function withProcessorTime<T>(
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly us: number }> {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, us: user + system };
}
