import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbedded } from '../../store/connection.ts';
import { migrate } from '../../store/migrate.ts';
import type { Store } from '../../store/store.ts';

export interface TemporaryStore {
  readonly store: Store;
  readonly path: string;
  /** Closes the store and removes its folder. */
  close(): Promise<void>;
}

/** A migrated store in a new folder. The engine binds one folder per process: close one before opening the next. */
export async function openTemporaryStore(): Promise<TemporaryStore> {
  const path = await temporaryFolder();
  const store = await openEmbedded({ path });
  await migrate(store, { now: Date.now, sleep: (ms) => sleep(ms) });
  return {
    store,
    path,
    async close() {
      await store.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'picket-test-'));
}
