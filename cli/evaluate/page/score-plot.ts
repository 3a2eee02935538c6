/** How far attacks and benign sessions lie apart: shares of each by their highest score. */
import type { HistogramBin } from '../histogram.ts';
import { createFrame, linearAxis } from './frame.ts';
import { html, type Markup } from './markup.ts';

const FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, label: at.toFixed(1) }));

export function scorePlot(bins: readonly HistogramBin[]): Markup {
  const shares = sharesOf(bins);
  const max = Math.max(
    0.1,
    Math.ceil(Math.max(...shares.flatMap(({ attacks, benign }) => [attacks, benign])) * 10) / 10,
  );
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => ({
    at: part * max,
    label: `${(part * max * 100).toFixed(0)} %`,
  }));
  const frame = createFrame(
    linearAxis("highest score of a session's events", 1, FIFTHS),
    linearAxis('share of sessions', max, ticks),
  );
  const bar = (kind: string, from: number, to: number, share: number) =>
    html`<rect class="${kind}" x="${frame.x(from)}" width="${Math.max(0.5, frame.x(to) - frame.x(from) - 0.5)}" y="${frame.y(share)}" height="${frame.y(0) - frame.y(share)}"/>`;
  const bars = shares.flatMap(({ from, to, attacks, benign }) => {
    const middle = (from + to) / 2;
    return [bar('benign', from, middle, benign), bar('attack', middle, to, attacks)];
  });
  return frame.around('Share of attacks and of benign sessions by highest score', bars);
}

function sharesOf(bins: readonly HistogramBin[]): HistogramBin[] {
  const all = { attacks: 1e-9, benign: 1e-9 };
  for (const { attacks, benign } of bins) {
    all.attacks += attacks;
    all.benign += benign;
  }
  return bins.map((bin) => ({ ...bin, attacks: bin.attacks / all.attacks, benign: bin.benign / all.benign }));
}
