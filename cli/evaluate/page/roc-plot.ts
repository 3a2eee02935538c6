/** The curve twice: whole, and with the left end drawn out, where a team that reads alerts lives. */
import type { RocPoint } from '../roc.ts';
import type { Share } from '../share.ts';
import { type Axis, createFrame, type Frame, linearAxis, logAxis } from './frame.ts';
import { html, type Markup } from './markup.ts';

export interface RocPlot {
  readonly roc: readonly RocPoint[];
  /** Where the alerts stand. */
  readonly benign: Share;
  readonly recall: Share;
}

const FPR_MIN = 0.001;
const FIFTHS = [0, 0.2, 0.4, 0.6, 0.8, 1].map((at) => ({ at, label: `${Math.round(at * 100)} %` }));
const DECADES = [0.001, 0.01, 0.1, 1].map((at) => ({ at, label: `${at * 100} %` }));
const ACROSS = 'benign sessions above the score';
const UP: Axis = linearAxis('attacks found', 1, FIFTHS);

export function rocPlot(plot: RocPlot): Markup {
  const frame = createFrame(linearAxis(ACROSS, 1, FIFTHS), UP);
  const chance = html`<path class="chance" d="M${frame.x(0)} ${frame.y(0)}L${frame.x(1)} ${frame.y(1)}"/>`;
  const steps = plot.roc.map(({ fpr, tpr }, i) => `${i === 0 ? 'M' : 'L'}${frame.x(fpr)} ${frame.y(tpr)}`);
  const content = [chance, html`<path class="curve" d="${steps.join('')}"/>`, alertPoint(frame, plot)];
  return frame.around('ROC curve, both axes linear', content);
}

/** Drawn in steps: between two points nothing is claimed beyond what the lower rate reaches. */
export function rocLogPlot(plot: RocPlot): Markup {
  const frame = createFrame(logAxis(`${ACROSS} (logarithmic)`, FPR_MIN, DECADES), UP);
  const start = plot.roc.findLast(({ fpr }) => fpr <= FPR_MIN);
  const rest = plot.roc.filter(({ fpr }) => fpr > FPR_MIN);
  const steps = rest.map(({ fpr, tpr }) => `H${frame.x(fpr)}V${frame.y(tpr)}`);
  const curve = start === undefined ? '' : `M${frame.x(FPR_MIN)} ${frame.y(start.tpr)}${steps.join('')}`;
  const content = [html`<path class="curve" d="${curve}"/>`, alertPoint(frame, plot)];
  return frame.around('ROC curve, false positive rate logarithmic from 0.1 percent', content);
}

/** With 95 % intervals both ways. */
function alertPoint({ x, y }: Frame, { benign, recall }: RocPlot): Markup {
  if (benign.rate === null || recall.rate === null) return html``;
  const across = `M${x(benign.low)} ${y(recall.rate)}H${x(benign.high)}`;
  const up = `M${x(benign.rate)} ${y(recall.low)}V${y(recall.high)}`;
  return html`<path class="spread" d="${across}${up}"/><circle class="point" cx="${x(benign.rate)}" cy="${y(recall.rate)}" r="4"/>`;
}
