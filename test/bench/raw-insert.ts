/** What the engine itself takes for the rows: the same columns, format, batch and durability, encoded beforehand. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eventLogRow } from '../../baselines/event-log-store.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { openServer } from '../../store/connection.ts';
import { migrate } from '../../store/migrate.ts';
import { nativeBlock } from '../../store/native-block.ts';
import { checkRows } from '../../store/row-check.ts';
import type { Store } from '../../store/store.ts';
import { COLUMNS_QUERY, createTableColumnsCache, type TableColumns } from '../../store/table-columns.ts';
import { inBatches } from './bench-events.ts';
import type { Site } from './worker-run.ts';

const BATCH = 2000;

/** A verdict of usual size. */
const VERDICT = {
  status: 'learn',
  flags: [],
  session: 'session-1',
  knowledge: 'warming',
  known: { sessions: 7, events: 70 },
  score: 0.1,
  detectors: { 'volume-spike': 0.08, 'mass-read': 0.02, 'rare-sequence': 0.15 },
  surprise: { 'volume-spike': 0.53, 'mass-read': 0.22, 'rare-sequence': 1.56 },
  hits: [],
} as const;

/** Keeps the encoded blocks only: what a process holds, its collector looks through, whoever else is being measured there. */
export async function prepareRawInsert({ url }: Site, entries: readonly EventEntry[]) {
  const count = entries.length;
  const rows = entries.map((entry, position) =>
    eventLogRow({ record: { partition: 0, position, entry }, verdict: { ...VERDICT, flags: [], hits: [] } }),
  );
  const columns = Object.keys(rows[0] ?? {});
  const known = await columnsOf(url);
  const blocks = inBatches(rows, BATCH).map((batch) => blockOf(known, batch));
  const query = `INSERT INTO event_log (${columns.map((name) => `\`${name}\``).join(', ')}) FORMAT Native`;

  /** Microseconds a row, into a database of the round. */
  return async function rawInsert(round: number): Promise<number> {
    const database = `raw_${round}`;
    await (await openMigrated(url, database)).close();
    const target = `${url}/?${new URLSearchParams({ database, query })}`;
    const startedMs = performance.now();
    for (const body of blocks) {
      const answer = await fetch(target, { method: 'POST', body: new Uint8Array(body) });
      if (!answer.ok) throw new Error(`The engine refused a block: ${await answer.text()}`);
    }
    return ((performance.now() - startedMs) * 1000) / count;
  };
}

async function openMigrated(url: string, database: string): Promise<Store> {
  const store = await openServer({ url, database, requestTimeoutMs: 60_000 });
  await migrate(store, { now: Date.now, sleep });
  return store;
}

async function columnsOf(url: string): Promise<TableColumns> {
  const store = await openMigrated(url, 'raw_columns');
  const columns = createTableColumnsCache((table) => store.query(COLUMNS_QUERY, { table })).get('event_log');
  return columns.finally(() => store.close());
}

function blockOf(known: TableColumns, rows: readonly object[]): Buffer {
  const block = nativeBlock(known, checkRows(known, rows).columns, rows.length);
  if (block === undefined) throw new Error('The rows of the log cannot be written in binary.');
  return block;
}
