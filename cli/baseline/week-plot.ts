/** Hours of an agent as bars in a terminal: a line for each day, what happened beside what was expected. */
import type { SeriesBody } from '../../api/schemas/baseline.ts';

type Point = SeriesBody['points'][number];

const BARS = { blocks: ' ▁▂▃▄▅▆▇█', ascii: ' .:-=+*#%' } as const;
/** How a plot is drawn: block characters, or plain letters where nobody knows what the terminal can show. */
export type Drawing = keyof typeof BARS;

const DAY_HOURS = 24;
const LABEL_WIDTH = 11;
const OUTLIERS_SHOWN = 6;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const RULER = '0     6     12    18    ';

/** Days begin on the tenant's clock. Each side has a scale of its own: agents work in bursts, whose mean would be no bar at all. */
export function weekPlot(series: SeriesBody, drawing: Drawing): string[] {
  const { points, zone_offset_minutes: offset, unit, knowledge } = series;
  const cold = knowledge === 'cold';
  const top = (of: (point: Point) => number) => points.reduce((highest, point) => Math.max(highest, of(point)), 0);
  const topSeen = top(({ observed }) => observed);
  const topUsual = cold ? 0 : top(({ expected }) => expected);
  const margin = ' '.repeat(LABEL_WIDTH);
  const lines = [...byDay(points, offset)].map(([day, hours]) => {
    const seen = hours.map((point) => bar(point?.observed, topSeen, drawing)).join('');
    const usual = hours.map((point) => bar(point?.expected, topUsual, drawing)).join('');
    return `${day.padEnd(LABEL_WIDTH)}${seen}  ${usual}  ${totals(hours, cold)}`;
  });
  return [
    `${margin}${'observed'.padEnd(DAY_HOURS)}  ${'expected now'.padEnd(DAY_HOURS)}  ${unit}: observed / expected`,
    `${margin}${RULER}  ${RULER}`,
    ...lines,
    ...(cold
      ? [`A full bar is ${shown(topSeen)} observed. Too little is known to expect anything.`]
      : [`A full bar is ${shown(topSeen)} observed, ${shown(topUsual)} expected.`, ...outliers(series)]),
  ];
}

function byDay(points: readonly Point[], offsetMinutes: number): Map<string, (Point | undefined)[]> {
  const days = new Map<string, (Point | undefined)[]>();
  for (const point of points) {
    const local = localTime(point.time, offsetMinutes);
    const name = dayName(local);
    const hours = days.get(name) ?? new Array<Point | undefined>(DAY_HOURS).fill(undefined);
    hours[local.getUTCHours()] = point;
    days.set(name, hours);
  }
  return days;
}

/** A date whose UTC fields read as the local ones. */
const localTime = (time: string, offsetMinutes: number): Date => new Date(Date.parse(time) + offsetMinutes * 60_000);

const dayName = (local: Date): string => `${WEEKDAYS[local.getUTCDay()]} ${local.toISOString().slice(5, 10)}`;

/** Anything above a hundredth of the top is at least the lowest bar. */
function bar(value: number | undefined, top: number, drawing: Drawing): string {
  const bars = BARS[drawing];
  const height = value === undefined || top === 0 ? 0 : value / top;
  const steps = bars.length - 1;
  return height < 0.01 ? ' ' : (bars[Math.max(1, Math.round(height * steps))] ?? ' ');
}

function totals(hours: readonly (Point | undefined)[], cold: boolean): string {
  const sum = (of: (point: Point) => number) => hours.reduce((total, point) => total + (point ? of(point) : 0), 0);
  if (cold) return shown(sum(({ observed }) => observed));
  const odd = hours.filter((point) => point !== undefined && isOutside(point)).length;
  const note = odd === 0 ? '' : `  ${odd} ${odd === 1 ? 'hour' : 'hours'} outside`;
  return `${shown(sum(({ observed }) => observed))} / ${shown(sum(({ expected }) => expected))}${note}`;
}

/** Hours outside of the band, the farthest out first. One in twenty lies there by chance alone. */
function outliers({ points, zone_offset_minutes: offset, band, unit }: SeriesBody): string[] {
  const outside = points.filter(isOutside).sort((a, b) => excess(b) - excess(a));
  const percent = Math.round(band * 100);
  const chance = Math.round(points.length * (1 - band));
  if (outside.length === 0) return [`No hour lies outside of the ${percent} % band.`];
  const lines = outside.slice(0, OUTLIERS_SHOWN).map(({ time, observed, lower, upper }) => {
    const local = localTime(time, offset);
    const bound = observed > upper ? `at most ${shown(upper)}` : `at least ${shown(lower)}`;
    return `  ${dayName(local)} ${local.toISOString().slice(11, 16)}  ${shown(observed)} ${unit}, ${bound} expected`;
  });
  const more = outside.length > lines.length ? [`  and ${outside.length - lines.length} more`] : [];
  return [
    `${outside.length} of ${points.length} hours lie outside of the ${percent} % band (${chance} would by chance):`,
    ...lines,
    ...more,
  ];
}

const isOutside = ({ observed, lower, upper }: Point): boolean => observed < lower || observed > upper;

const excess = ({ observed, lower, upper }: Point): number =>
  observed > upper ? (observed + 1) / (upper + 1) : (lower + 1) / (observed + 1);

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** Three digits and a unit: 12345 is 12.3k. */
export function shown(value: number): string {
  let rest = value;
  let unit = 0;
  // Four digits are read as easily as three and a unit.
  while (rest >= (unit === 0 ? 9999.5 : 999.5) && unit < UNITS.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const digits = unit === 0 && rest >= 100 ? Math.round(rest) : Number(rest.toPrecision(3));
  return `${digits}${UNITS[unit]}`;
}
