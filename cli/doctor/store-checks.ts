import { createLogEpochStore, type LogEpoch } from '../../ingest/log-epoch-store.ts';
import type { Store } from '../../store/store.ts';
import type { Config } from '../config.ts';
import { runningServer } from '../data-folder.ts';
import { openStore } from '../storage.ts';
import type { Check } from './check.ts';

export interface StoreFindings {
  readonly checks: readonly Check[];
  /** The log as the store knows it; `unknown` when the store was not asked. */
  readonly epoch: LogEpoch | undefined | 'unknown';
}

/** While a server holds the embedded engine it is asked instead. */
export async function checkStore(config: Config): Promise<StoreFindings> {
  const server = config.clickhouse === undefined ? runningServer(config.dataDir) : undefined;
  if (server !== undefined) return { checks: [await checkServer(server.url)], epoch: 'unknown' };
  try {
    const store = await openStore(config, Date.now);
    try {
      const checks = [await checkVersion(store), await checkClock(store)];
      return { checks, epoch: await createLogEpochStore(store).current() };
    } finally {
      await store.close();
    }
  } catch (error) {
    const advice = 'See the message; without CLICKHOUSE_URL the embedded engine (npm package chdb) is used.';
    const found = error instanceof Error ? error.message : String(error);
    return { checks: [{ name: 'store', ok: false, found, advice }], epoch: 'unknown' };
  }
}

async function checkServer(url: string): Promise<Check> {
  const advice = 'Look at its log; stop it and run doctor again to check the engine itself.';
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
    return { name: 'running server', ok: response.ok, found: `${url} answers ${response.status}`, advice };
  } catch {
    return { name: 'running server', ok: false, found: `${url} does not answer`, advice };
  }
}

async function checkVersion(store: Store): Promise<Check> {
  const [row] = await store.query<{ version: string }>('SELECT version() AS version');
  return { name: 'store', ok: true, found: `ClickHouse ${row?.version} (${store.engine}) in ${store.place}` };
}

const CLOCK_APART_MS_MAX = 5000;

async function checkClock(store: Store): Promise<Check> {
  const [row] = await store.query<{ ms: number }>("SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS ms");
  const apartMs = Math.abs(Date.now() - Number(row?.ms));
  const advice = 'Synchronise both clocks (NTP): receipt times, expiry and signatures depend on them.';
  return { name: 'clock', ok: apartMs <= CLOCK_APART_MS_MAX, found: `${apartMs} ms from the store's`, advice };
}
