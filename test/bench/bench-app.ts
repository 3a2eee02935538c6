import { rm } from 'node:fs/promises';
import { type App, startApp } from '../../cli/app.ts';
import { loadConfig } from '../../cli/config.ts';
import { createLogger } from '../../cli/logger.ts';
import { temporaryFolder } from '../support/embedded-store.ts';

export interface BenchApp {
  readonly app: App;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** What `picket up` runs, in this process, on an engine in a temporary folder. */
export async function openBenchApp(): Promise<BenchApp> {
  const folder = await temporaryFolder();
  const config = { ...loadConfig({ cwd: folder, env: {} }), logLevel: 'silent' };
  const app = await startApp(config, {
    now: Date.now,
    logger: createLogger('silent'),
    onFailure: (error) => {
      throw error;
    },
  });
  return {
    app,
    async close() {
      await app.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
