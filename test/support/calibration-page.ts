/** The calibration of the detectors as one HTML page without anything outside it: a plot for each age, a curve for each detector. */
import { AGES, type CalibrationRow, type FalseAlerts, NOMINALS } from './calibration-table.ts';

export interface CalibrationReport {
  readonly title: string;
  /** What was run, in words. */
  readonly basis: string;
  readonly rows: readonly CalibrationRow[];
  readonly alerts: readonly FalseAlerts[];
}

const SIZE = 260;
const MARGIN = { left: 52, bottom: 40, top: 12, right: 12 };
/** Both axes span 10^-4 to 1. */
const DECADES = 4;
const COLOURS = ['#1b6ac9', '#c2410c', '#15803d', '#7e22ce', '#334155'];

const escaped = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
/** Fraction of the axis at which a p lies; what is smaller than the axis stands at its end. */
const along = (p: number) => Math.max(0, Math.min(1, 1 + Math.log10(Math.max(p, 1e-12)) / DECADES));
const x = (p: number) => (MARGIN.left + along(p) * SIZE).toFixed(1);
const y = (p: number) => (MARGIN.top + (1 - along(p)) * SIZE).toFixed(1);

export function calibrationPage({ title, basis, rows, alerts }: CalibrationReport): string {
  const detectors = [...new Set(rows.map(({ detector }) => detector))];
  const colourOf = (detector: string) => COLOURS[detectors.indexOf(detector) % COLOURS.length] ?? '#000';
  const legend = detectors
    .map((one) => `<span style="color:${colourOf(one)}">&#9632; ${escaped(one)}</span>`)
    .join(' ');
  const plots = Object.keys(AGES).map((age) => {
    const own = rows.filter((row) => row.age === age);
    return `<figure><figcaption>${escaped(age)} (${own[0]?.sessions ?? 0} sessions)</figcaption>${plot(own, colourOf)}</figure>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1><p>${escaped(basis)}</p>
<p>Each point: the share of benign sessions whose lowest p was at or below the nominal one, with its 95 % interval. On the diagonal a p comes
true as often as it says; above it the detector claims too much, below it too little. Points at the lower edge: none seen.</p>
<p>${legend}</p><div class="plots">${plots.join('')}</div>
<h2>False alerts per agent and day</h2>${alertTable(alerts)}
<h2>Observed against nominal</h2>${rowTable(rows)}
</body></html>
`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#111;background:#fff}
.plots{display:flex;flex-wrap:wrap}figure{margin:0 1rem 1rem 0}figcaption{font-weight:600}table{border-collapse:collapse;margin-bottom:2rem}
td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child,td:nth-child(2){text-align:left}`;

function plot(rows: readonly CalibrationRow[], colourOf: (detector: string) => string): string {
  const decades = Array.from({ length: DECADES + 1 }, (_, i) => Number(`1e-${i}`));
  const grid = decades.map(
    (p) =>
      `<path d="M${x(p)} ${y(1)}V${y(1e-12)}M${x(1e-12)} ${y(p)}H${x(1)}" stroke="#ddd"/>` +
      `<text x="${x(p)}" y="${MARGIN.top + SIZE + 16}" text-anchor="middle">${p}</text>` +
      `<text x="${MARGIN.left - 6}" y="${Number(y(p)) + 4}" text-anchor="end">${p}</text>`,
  );
  const detectors = [...new Set(rows.map(({ detector }) => detector))];
  const curves = detectors.map((detector) =>
    curve(
      rows.filter((row) => row.detector === detector),
      colourOf(detector),
    ),
  );
  const width = MARGIN.left + SIZE + MARGIN.right;
  const height = MARGIN.top + SIZE + MARGIN.bottom;
  const titles =
    `<text x="${MARGIN.left + SIZE / 2}" y="${height - 6}" text-anchor="middle">nominal p</text>` +
    `<text transform="translate(11 ${MARGIN.top + SIZE / 2}) rotate(-90)" text-anchor="middle">observed share</text>`;
  const diagonal = `<path d="M${x(1e-12)} ${y(1e-12)}L${x(1)} ${y(1)}" stroke="#111" stroke-dasharray="4 3"/>`;
  return `<svg role="img" aria-label="observed share against nominal p" width="${width}" height="${height}" font-size="11">${grid.join('')}${titles}${diagonal}${curves.join('')}</svg>`;
}

function curve(rows: readonly CalibrationRow[], colour: string): string {
  const line = rows.map(({ nominal, observed }, i) => `${i === 0 ? 'M' : 'L'}${x(nominal)} ${y(observed)}`).join('');
  const points = rows.map(
    ({ nominal, observed, interval, reached }) =>
      `<path d="M${x(nominal)} ${y(interval.low)}V${y(interval.high)}" stroke="${colour}" stroke-opacity=".35"/>` +
      `<circle cx="${x(nominal)}" cy="${y(observed)}" r="3" stroke="${colour}" fill="${reached === 0 ? '#fff' : colour}"/>`,
  );
  return `<path d="${line}" fill="none" stroke="${colour}"/>${points.join('')}`;
}

const share = (value: number) => (value === 0 ? '0' : value.toPrecision(2));

function alertTable(alerts: readonly FalseAlerts[]): string {
  const rows = alerts.map(
    ({ detector, alerts: count, perAgentDay, interval }) =>
      `<tr><td>${escaped(detector)}</td><td>${count}</td><td>${share(perAgentDay)}</td><td>${share(interval.low)} to ${share(interval.high)}</td></tr>`,
  );
  return `<table><tr><th>detector</th><th>alerts</th><th>per agent-day</th><th>95 %</th></tr>${rows.join('')}</table>`;
}

function rowTable(rows: readonly CalibrationRow[]): string {
  const groups = grouped(rows);
  const lines = [...groups].map(([key, own]) => {
    const [detector = '', age = ''] = key.split('\u0000');
    const cells = own.map(({ observed, claimed }) => `<td title="claimed ${share(claimed)}">${share(observed)}</td>`);
    return `<tr><td>${escaped(detector)}</td><td>${escaped(age)}</td><td>${own[0]?.sessions ?? 0}</td>${cells.join('')}</tr>`;
  });
  const heads = NOMINALS.map((nominal) => `<th>${nominal}</th>`).join('');
  return `<table><tr><th>detector</th><th>age</th><th>sessions</th>${heads}</tr>${lines.join('')}</table>`;
}

function grouped(rows: readonly CalibrationRow[]): Map<string, CalibrationRow[]> {
  const groups = new Map<string, CalibrationRow[]>();
  for (const row of rows) {
    const key = `${row.detector}\u0000${row.age}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}
