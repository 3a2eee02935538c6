import type { ClickHouseClient } from '@clickhouse/client';
import { type Attempt, classifyFault } from './classify-fault.ts';
import type { Engine } from './engine.ts';
import { createInsertRows } from './insert-rows.ts';
import { classified, createOperations } from './operations.ts';
import { type Store, StoreUnavailable } from './store.ts';
import { COLUMNS_QUERY, type ReadColumns } from './table-columns.ts';

type Params = Readonly<Record<string, unknown>>;

/**
 * The Store over any ClickHouse. Rows go in as `insert-rows.ts` says and come out as JSONEachRow.
 *
 * @param hurriedTables one group for each hurried lane: inserts into a group wait for one another only
 */
export function createClickHouseStore(engine: Engine, hurriedTables: readonly (readonly string[])[] = []): Store {
  const { reads, patient, place } = engine;
  const statement: Attempt = { kind: 'statement', subject: place, place };
  const operations = createOperations(place);
  const readColumns: ReadColumns = (table) => select(COLUMNS_QUERY, { table });
  const insertPatient = createInsertRows(readColumns, patient, place);
  const hurriedInserts = new Map(
    engine.hurried.flatMap((lane, group) => {
      const insert = createInsertRows(readColumns, lane, place);
      return (hurriedTables[group] ?? []).map((table) => [table, insert] as const);
    }),
  );

  function select<Row>(sql: string, params?: Params): Promise<Row[]> {
    return classified(statement, async () => {
      const result = await reads.query({ query: sql, format: 'JSONEachRow', ...boundTo(params) });
      return result.json<Row>();
    });
  }

  async function run(sql: string, params?: Params): Promise<void> {
    await classified(statement, () => patient.writes.command({ query: sql, ...boundTo(params) }));
  }

  async function* stream<Row>(sql: string, params?: Params): AsyncGenerator<Row[]> {
    operations.refuseWhenClosed();
    try {
      for await (const rows of engine.stream(sql, params)) yield rows as Row[];
    } catch (error) {
      throw classifyFault(error, statement);
    }
  }

  return {
    engine: engine.engine,
    place,
    query: (sql, params) => operations.track(() => select(sql, params)),
    stream,
    insert: (table, rows) => operations.track(() => (hurriedInserts.get(table) ?? insertPatient)(table, rows)),
    command: (sql, params) => operations.track(() => run(sql, params)),
    ping: () => operations.track(() => classified(statement, () => askForAnswer(reads, place))),
    async close() {
      if (await operations.close()) await engine.close();
    },
  };
}

async function askForAnswer(client: ClickHouseClient, place: string): Promise<void> {
  const answer = await client.ping({ select: true });
  if (!answer.success) throw new StoreUnavailable(`The store at ${place} does not answer.`, { cause: answer.error });
}

function boundTo(params: Params | undefined): { query_params?: Record<string, unknown> } {
  return params === undefined ? {} : { query_params: { ...params } };
}
