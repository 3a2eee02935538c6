/** Paired timing: two ways of doing the same work, in turn, so that a machine that slows down slows both. */

export interface Ratio {
  readonly name: string;
  /** Time of the first over time of the second: median, lowest and highest of the pairs. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Microseconds per item, medians. */
  readonly first_us: number;
  readonly second_us: number;
}

export type Work = () => Promise<void> | void;

export async function measureRatio(
  name: string,
  items: number,
  first: Work,
  second: Work,
  pairs: number,
): Promise<Ratio> {
  const firsts: number[] = [];
  const seconds: number[] = [];
  await first();
  await second();
  for (let i = 0; i < pairs; i++) {
    firsts.push(await timed(first));
    seconds.push(await timed(second));
  }
  const ratios = firsts.map((time, i) => time / (seconds[i] ?? Number.NaN)).sort((a, b) => a - b);
  const perItem = (times: number[]) => round((median([...times].sort((a, b) => a - b)) / items) * 1000);
  return {
    name,
    median: round(median(ratios)),
    min: round(ratios[0] ?? Number.NaN),
    max: round(ratios.at(-1) ?? Number.NaN),
    first_us: perItem(firsts),
    second_us: perItem(seconds),
  };
}

async function timed(work: Work): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;
const round = (x: number): number => Number(x.toPrecision(3));
