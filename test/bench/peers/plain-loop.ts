/** What a team writes first: kafkajs, JSON.parse, an insert of JSONEachRow for every batch. */
import { createClient } from '@clickhouse/client';
import { consumeAll, type Site } from '../worker-run.ts';
import { openPeerTable, PEER_TABLE } from './peer-table.ts';

interface Parsed {
  readonly id: string;
  readonly time: number;
  readonly agent: { readonly id: string };
  readonly action: { readonly name: string };
  readonly endpoint: string;
}

/** Microseconds an event. */
export async function runPlainLoop(site: Site, round: number, events: number): Promise<number> {
  const database = `plain_${round}`;
  const store = await openPeerTable(site, database);
  const client = createClient({ url: site.url, database });
  const micros = await consumeAll(site, `plain-${round}`, events, async (values) => {
    const rows = values.map((value) => rowOf(String(value)));
    await client.insert({ table: PEER_TABLE, values: rows, format: 'JSONEachRow' });
  });
  await client.close();
  await store.close();
  return micros;
}

function rowOf(record: string): object {
  const { id, time, agent, action, endpoint } = JSON.parse(record) as Parsed;
  return { id, agent: agent.id, time, action: action.name, endpoint, record };
}
