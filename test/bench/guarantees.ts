/**
 * Throughput with all promises kept over throughput with none of them: one process, embedded engine, the same bytes in the same batches.
 *
 * Off: decode, normalise, score, learn, insert the rows; no sync to disk, no look for repeated ids, no states that come and go, no
 * checkpoints, no alerts stored, nobody told.
 *
 * Each side has events of its own, equal but for their ids, and goes first in every other round: when both read the same
 * bytes, parsing them took a third less for whoever came second.
 */
import { createEventLogStore } from '../../baselines/event-log-store.ts';
import { createPipelineBench } from '../support/pipeline-bench.ts';
import { openBenchApp } from './bench-app.ts';
import { admitAll, BENCH_TENANT, fleetLines, freshIds, inBatches, newIntake } from './bench-events.ts';
import { type MeasureOptions, type Row, row, withProcessorTime } from './measurement.ts';

const BATCH = 2000;

export async function measureGuarantees({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const lines = fleetLines(quick ? 4000 : 10_000);
  const { app, close } = await openBenchApp();
  try {
    await app.store.command(
      'CREATE TABLE unguarded AS event_log ENGINE = MergeTree PARTITION BY toYYYYMM(received) ORDER BY (tenant, partition, position)',
    );
    const log = createEventLogStore({ ...app.store, insert: (_, rows) => app.store.insert('unguarded', rows) });
    const bench = createPipelineBench({ tenant: BENCH_TENANT });
    const intake = newIntake();
    const ratios: number[] = [];
    const processor: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= (quick ? 3 : 7); round += 1) {
      const guarded = inBatches(freshIds(lines, 2 * round), BATCH);
      const bare = inBatches(freshIds(lines, 2 * round + 1), BATCH);
      const withGuarantees = () =>
        timed(async () => {
          for (const batch of guarded) await app.intake.accept(BENCH_TENANT, batch, { requestId: `r${round}` });
        });
      const without = () =>
        timed(async () => {
          for (const batch of bare) {
            await log.write(admitAll(batch, intake, Date.now()).map((entry) => bench.append(entry)));
          }
        });
      const early = round % 2 === 0 ? await without() : undefined;
      const on = await withGuarantees();
      const off = early ?? (await without());
      progress(`round ${round}: ${(off.ms / on.ms).toFixed(2)}, processor time ${(off.us / on.us).toFixed(2)}`);
      if (round === 0) continue;
      ratios.push(off.ms / on.ms);
      processor.push(off.us / on.us);
    }
    return [
      row('guarantees on / off', 'of throughput', ratios, { ask: { atLeast: 0.9 } }),
      row('guarantees off / on', 'of processor time', processor, { note: 'engine included, waiting for the disk not' }),
    ];
  } finally {
    await close();
  }
}

async function timed(work: () => Promise<void>): Promise<{ readonly ms: number; readonly us: number }> {
  const startedMs = performance.now();
  const { us } = await withProcessorTime(work);
  return { ms: performance.now() - startedMs, us };
}
