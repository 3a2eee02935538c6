/** Score and learn, all detectors, as rows of the budget. */
import { type MeasureOptions, type Row, row, summedUp } from './measurement.ts';
import type { Ratio } from './ratio.ts';
import { measureScoring } from './scoring-cost.ts';

const KIB = 1024;

export async function scoringRows({ quick, progress }: MeasureOptions): Promise<Row[]> {
  progress('score and learn against JSON.parse, by content and by its length; memory of an open session');
  const pairs = quick ? 3 : 7;
  const { ratios, linearity, openSession } = await measureScoring({ events: quick ? 2000 : 8000, pairs });
  const rowOf = (ratio: Ratio): Row => {
    const atMost = askOf(ratio.name);
    return summedUp(ratio.name, 'ratio', { ...ratio, pairs }, atMost === undefined ? {} : { ask: { atMost } });
  };
  return [
    ...ratios.map(rowOf),
    ...linearity.map(rowOf),
    row('an open session, as usual', 'bytes', [openSession.usual.session], { ask: { atMost: 64 * KIB } }),
    row('an open session that somebody fills up to every limit', 'bytes', [openSession.hostile.session], {
      ask: { atMost: 64 * KIB },
    }),
    row('the agent of that session, with what it made it learn', 'bytes', [openSession.hostile.agent]),
  ];
}

function askOf(name: string): number | undefined {
  if (name.endsWith('without content')) return 0.8;
  return name.endsWith('2 KiB of content') ? 4 : undefined;
}
