/** Score and learn, all detectors, against JSON.parse of the same events. */
import { createBaselineBench } from '../support/baseline-bench.ts';
import { admitAll, fleetLines, newIntake, parseAll, withoutContent } from './bench-events.ts';
import { type MeasureOptions, type Row, summedUp } from './measurement.ts';
import { measureRatio } from './ratio.ts';

const CONTENT_CHARS = 2048;

export async function measureScoring({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const lines = fleetLines(quick ? 3000 : 8000);
  const pairs = quick ? 3 : 7;
  progress('score and learn without content');
  const bare = await againstParse(lines.map(withoutContent), pairs);
  progress('score and learn with 2 KiB of content');
  const full = await againstParse(lines.map(withLongResult), pairs);
  const what = 'score + learn / JSON.parse of the event';
  return [
    summedUp(`${what}, without content`, 'ratio', bare, { ask: { atMost: 0.8 } }),
    summedUp(`${what}, 2 KiB of content`, 'ratio', full, { ask: { atMost: 4 } }),
  ];
}

async function againstParse(lines: readonly Buffer[], pairs: number) {
  const events = admitAll(lines, newIntake(), Date.now()).map(({ event }) => event);
  const judge = () => void createBaselineBench().events(events);
  const ratio = await measureRatio('', lines.length, judge, () => parseAll(lines), pairs);
  return { ...ratio, pairs };
}

/** Prose and some structure, other for every event, in the result of the call. */
function withLongResult(line: Buffer, index: number): Buffer {
  const event = JSON.parse(line.toString()) as { content?: object };
  const sentence = `Row ${index}: the invoice of customer ${index % 97} over ${index % 1013} was "paid" on time.\n`;
  const result = sentence.repeat(Math.ceil(CONTENT_CHARS / sentence.length)).slice(0, CONTENT_CHARS);
  return Buffer.from(JSON.stringify({ ...event, content: { ...event.content, result } }));
}
