import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Site } from '../worker-run.ts';
import { openPeerTable, PEER_TABLE } from './peer-table.ts';

/** Microseconds an event, as the flow itself measures them: from its first batch to its last insert. */
export async function runBytewax(python: string, site: Site, round: number, events: number): Promise<number> {
  const database = `bytewax_${round}`;
  const store = await openPeerTable(site, database);
  const flow = join(process.cwd(), 'test/bench/peers/bytewax_flow.py');
  const target = `${site.url}/?${new URLSearchParams({ database, query: `INSERT INTO ${PEER_TABLE} FORMAT JSONEachRow` })}`;
  const args = [flow, site.brokers.join(','), site.topic, target, String(events)];
  const child = spawn(python, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [out, [code]] = await Promise.all([text(child.stdout), exited]);
  await store.close();
  const seconds = Number(/^seconds (\S+)$/m.exec(out)?.[1]);
  if (code !== 0 || !Number.isFinite(seconds)) throw new Error(`The flow of bytewax ended with code ${code}.`);
  return (seconds * 1e6) / events;
}
