/** The API that a command asks. */
import { type ApiClient, createApiClient, fetchTransport, injectTransport } from '../api/client.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from './context.ts';
import { apiKeyOf, runningServer } from './data-folder.ts';

export interface Connected {
  readonly client: ApiClient;
  /** Where the answers come from, for people. */
  readonly place: string;
  close(): Promise<void>;
}

/**
 * The API: of the server that runs on the data folder, or, when none does, of one started here for this command and never listening.
 * The embedded engine belongs to one process, so there is no third way.
 */
export async function connect(
  context: CommandContext,
  options: { config?: string; url?: string; key?: string; timeoutMs?: number },
): Promise<Connected> {
  const { timeoutMs } = options;
  const config = configOf(context, options);
  const running = options.url === undefined ? runningServer(config.dataDir) : { url: options.url };
  if (running !== undefined) {
    const key = apiKeyOf(options.key, context.env, config.dataDir);
    if (key === undefined)
      throw new CommandFailure(`No API key for ${running.url}: pass --key or set PICKET_API_KEY.`, EXIT.usage);
    const client = createApiClient(
      fetchTransport({ url: running.url, key, fetch, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    );
    return { client, place: running.url, close: async () => {} };
  }
  // Loaded only now: most commands find a server, and need no other.
  const [{ startApp }, { createLogger }] = await Promise.all([import('./app.ts'), import('./logger.ts')]);
  const app = await startApp(config, { now: Date.now, logger: createLogger('silent'), onFailure: () => {} });
  await app.api.ready();
  const client = createApiClient(injectTransport(app.api, app.adminKey));
  return { client, place: app.store.place, close: () => app.stop() };
}
