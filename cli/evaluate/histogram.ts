/** Sessions by their highest score, in classes of equal width from 0 to 1. */
export interface HistogramBin {
  /** Scores from here... */
  readonly from: number;
  /** ...up to here; the last class holds 1 too. */
  readonly to: number;
  readonly attacks: number;
  readonly benign: number;
}

const BINS = 20;

export function histogramOf(attacks: readonly number[], benign: readonly number[]): HistogramBin[] {
  const bins = Array.from({ length: BINS }, (_, i) => ({ from: i / BINS, to: (i + 1) / BINS, attacks: 0, benign: 0 }));
  const binOf = (score: number) => bins[Math.min(BINS - 1, Math.floor(score * BINS))];
  for (const score of attacks) {
    const bin = binOf(score);
    if (bin !== undefined) bin.attacks += 1;
  }
  for (const score of benign) {
    const bin = binOf(score);
    if (bin !== undefined) bin.benign += 1;
  }
  return bins;
}
