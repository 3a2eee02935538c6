/** The frame of a plot: axes, grid and titles. */
import { html, type Markup } from './markup.ts';

export interface Axis {
  readonly title: string;
  /** Value to place on the axis, 0 (begin) to 1 (end). */
  place(value: number): number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export interface Frame {
  x(value: number): number;
  y(value: number): number;
  /** The plot with what `x` and `y` placed. */
  around(label: string, content: readonly Markup[]): Markup;
}

const WIDTH = 486;
const HEIGHT = 380;
const PLOT = { left: 58, right: 464, top: 12, bottom: 326 };

export function createFrame(across: Axis, up: Axis): Frame {
  const x = (value: number) => rounded(PLOT.left + across.place(value) * (PLOT.right - PLOT.left));
  const y = (value: number) => rounded(PLOT.bottom - up.place(value) * (PLOT.bottom - PLOT.top));
  const columns = across.ticks.map(
    ({ at, label }) => html`<path class="grid" d="M${x(at)} ${PLOT.top}V${PLOT.bottom}"/>
<text x="${x(at)}" y="${PLOT.bottom + 18}" text-anchor="middle">${label}</text>`,
  );
  const rows = up.ticks.map(
    ({ at, label }) => html`<path class="grid" d="M${PLOT.left} ${y(at)}H${PLOT.right}"/>
<text x="${PLOT.left - 8}" y="${y(at) + 4}" text-anchor="end">${label}</text>`,
  );
  const middle = { x: (PLOT.left + PLOT.right) / 2, y: (PLOT.top + PLOT.bottom) / 2 };
  const titles = html`<text x="${middle.x}" y="${HEIGHT - 12}" text-anchor="middle">${across.title}</text>
<text transform="translate(14 ${middle.y}) rotate(-90)" text-anchor="middle">${up.title}</text>`;
  return {
    x,
    y,
    around: (label, content) =>
      html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${columns}${rows}${titles}${content}</svg>`,
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

const within = (value: number): number => Math.max(0, Math.min(1, value));

export const linearAxis = (title: string, max: number, ticks: Axis['ticks']): Axis => ({
  title,
  place: (value) => within(value / max),
  ticks,
});

/** From `min` to 1; what is smaller stands at `min`. */
export const logAxis = (title: string, min: number, ticks: Axis['ticks']): Axis => ({
  title,
  place: (value) => within(1 - Math.log10(Math.max(value, min)) / Math.log10(min)),
  ticks,
});
