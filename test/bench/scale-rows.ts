/** Very many agents, as rows of the budget. */
import { partitionLimits } from '../../cli/partition-limits.ts';
import { type MeasureOptions, type Row, row, summedUp } from './measurement.ts';
import { measureScale, SCALE_DEFAULTS, type ScaleFigures } from './scale.ts';

const QUICK = { agents: 20_000, hot: 5000, batches: 10, flood: 200_000 };

export async function scaleRows({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const found = await measureScale({
    ...SCALE_DEFAULTS,
    ...(quick ? QUICK : {}),
    onProgress: (what, done) => progress(`${what}: ${done}`),
  });
  return [...manyRows(found), ...floodRows(found)];
}

function manyRows({ stateBytes, restores, zipf }: ScaleFigures): Row[] {
  const spread = { median: zipf.ratio, min: zipf.ratioFrom, max: zipf.ratioTo, pairs: Math.round(zipf.events / 2000) };
  const note = `${zipf.agents} agents, ${zipf.agentsInMemory} of them in memory; the spread is that of the middle half of the batches`;
  const seconds = restores.map(({ firstEventMs }) => firstEventMs / 1000);
  const agents = restores[0]?.agents ?? 0;
  const limits = { agentsInMemory: 1, stateMib: 1, openSessionsMib: 1, checkpointRecords: 1 };
  const filterBytes = partitionLimits(limits, 1).knownAgentsBits / 8;
  return [
    summedUp('10^6 agents, Zipf(1.1) / 10^3 agents, cost per event', 'ratio', spread, { ask: { atMost: 2 }, note }),
    row('first scored event after assignment of 10^6 agents', 's', seconds, {
      ask: { atMost: 10 },
      note: `${agents} agents`,
    }),
    row('full state of an agent of that crowd', 'bytes', [stateBytes], { ask: { atMost: 8192 } }),
    row('memory of a known agent whose state is stored', 'bytes', [filterBytes / agents], {
      ask: { atMost: 512 },
      note: 'its share of the filter that tells known agents from fresh ones',
    }),
  ];
}

function floodRows({ flood }: ScaleFigures): Row[] {
  const note = `${flood.freshIds} fresh ids, ${flood.agentsMax} places`;
  return [
    row('agents known well that fresh ids displaced', 'agents', [flood.establishedBefore - flood.establishedAfter], {
      ask: { atMost: 0 },
      note,
    }),
    row('memory after them / before', 'ratio', [flood.mibAfter / flood.mibBefore], { note }),
  ];
}
