/**
 * From an event at the door to its alert in the store, at half of the throughput of this run: one process, embedded engine. An append is
 * acknowledged when its rows and its alerts are stored, so the time of the acknowledgement is taken for the time of the alert.
 */
import type { Store } from '../../store/store.ts';
import { openBenchApp } from './bench-app.ts';
import { BENCH_TENANT, fleetLines } from './bench-events.ts';
import { createLoad, eventId, REQUEST_EVENTS, tookByEvent } from './load.ts';
import { type MeasureOptions, percentile, type Row, row } from './measurement.ts';

export async function measureLatency({ quick, progress }: MeasureOptions): Promise<Row[]> {
  const { app, close } = await openBenchApp();
  try {
    const load = createLoad(app, BENCH_TENANT, fleetLines(20_000));
    const full = await load.throughput(quick ? 5_000 : 15_000);
    progress(`throughput ${Math.round(full)} events/s`);
    const figures: { alerts: number; all: number }[] = [];
    for (let run = 0; run < (quick ? 2 : 5); run += 1) {
      const sent = await load.atRate(full / 2, quick ? 10_000 : 20_000);
      const alerting = await alertingIds(app.store);
      const alerts = sent.flatMap(({ ids, tookMs }) => {
        const numbers = Array.from({ length: ids.count }, (_, i) => ids.first + i);
        return numbers.filter((number) => alerting.has(eventId(number))).map(() => tookMs);
      });
      figures.push({
        alerts: percentile(alerts, 0.99),
        all: percentile(tookByEvent(sent), 0.99),
      });
      progress(`run ${run}: ${alerts.length} alerting events, p99 ${figures.at(-1)?.alerts.toFixed(0)} ms`);
    }
    const note = `in requests of ${REQUEST_EVENTS} events at ${Math.round(full / 2)} events/s; of events whose hits were found in the store, one request in ten made to alert`;
    return [
      row(
        'p99 event to stored alert, half load',
        'ms',
        figures.map(({ alerts }) => alerts),
        { ask: { atMost: 100 }, note },
      ),
      row(
        'p99 event to acknowledged, half load',
        'ms',
        figures.map(({ all }) => all),
      ),
    ];
  } finally {
    await close();
  }
}

/** Ids of events that a detector hit. */
async function alertingIds(store: Store): Promise<Set<string>> {
  const rows = await store.query<{ event_id: string }>('SELECT DISTINCT event_id FROM alert_hits');
  return new Set(rows.map(({ event_id }) => event_id));
}
