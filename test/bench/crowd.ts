/** Cost per event and memory per agent as agents become many, all in memory. */

import { firstSessions, zipfEvents } from '../support/agent-crowd.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';
import { type MeasureOptions, type Row, row } from './measurement.ts';

const FIRST_EVENTS = 2;

export async function measureCrowd({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const many = quick ? 5000 : 50_000;
  const few = openCrowd(1000);
  progress(`${many} agents come into being`);
  const large = openCrowd(many);
  const ratios = Array.from({ length: quick ? 3 : 7 }, (_, i) => {
    progress(`round ${i + 1}`);
    const first = large.batch();
    return first / few.batch();
  });
  const note = `${many} agents against 1,000, all in memory; not yet 10^6 with 10^5 hot`;
  return [
    row('10^6 agents, Zipf(1.1) / 10^3 agents, cost per event', 'ratio', ratios, { ask: { atMost: 2 }, note }),
    row('state of an agent after its first session, as it is stored', 'bytes', large.storedBytes(), {
      ask: { atMost: 8192 },
    }),
    row('state of an agent after its first session, in memory', 'bytes', [large.bytesPerAgent]),
  ];
}

const EVENTS = 4000;
/** States whose stored form is looked at. */
const STORED_MAX = 500;

function openCrowd(agents: number) {
  globalThis.gc?.();
  const before = usedBytes();
  const bench = createBaselineBench();
  for (const event of firstSessions(agents, FIRST_EVENTS)) bench.event(event);
  globalThis.gc?.();
  const bytesPerAgent = Math.round((usedBytes() - before) / agents);
  const events = zipfEvents(agents, EVENTS * 8);
  let at = 0;
  return {
    bytesPerAgent,
    storedBytes: () =>
      bench
        .states()
        .slice(0, STORED_MAX)
        .map(({ agent }) => Buffer.byteLength(bench.stored(agent))),
    /** Microseconds per event. */
    batch(): number {
      const batch = events.slice(at, at + EVENTS);
      at += EVENTS;
      const startedMs = performance.now();
      bench.events(batch);
      return ((performance.now() - startedMs) * 1000) / batch.length;
    },
  };
}

function usedBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
