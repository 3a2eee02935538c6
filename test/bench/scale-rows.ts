import { type Row, row, summedUp } from './measurement.ts';

/** What a measurement of very many agents found: states in the store, some of them in memory. */
export interface ScaleFound {
  readonly stateBytes: number;
  readonly restores: readonly { readonly agents: number; readonly firstEventMs: number }[];
  readonly zipf: {
    readonly agents: number;
    readonly agentsInMemory: number;
    readonly events: number;
    readonly ratio: number;
    readonly ratioFrom: number;
    readonly ratioTo: number;
  };
}

export function scaleRows({ stateBytes, restores, zipf }: ScaleFound): Row[] {
  const spread = { median: zipf.ratio, min: zipf.ratioFrom, max: zipf.ratioTo, pairs: Math.round(zipf.events / 2000) };
  const note = `${zipf.agents} agents, ${zipf.agentsInMemory} of them in memory; the spread is that of the middle half of the batches`;
  const seconds = restores.map(({ firstEventMs }) => firstEventMs / 1000);
  const agents = restores[0]?.agents ?? 0;
  return [
    summedUp('10^6 agents, Zipf(1.1) / 10^3 agents, cost per event', 'ratio', spread, { ask: { atMost: 2 }, note }),
    row('first scored event after assignment of 10^6 agents', 's', seconds, {
      ask: { atMost: 10 },
      note: `${agents} agents`,
    }),
    row('full state of an agent', 'bytes', [stateBytes], { ask: { atMost: 8192 } }),
  ];
}
