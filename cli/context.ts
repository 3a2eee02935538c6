/** What a command may touch of the outside world; tests bring their own. */
import { type ApiClient, createApiClient, fetchTransport, injectTransport } from '../api/client.ts';
import { startApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { readAdminKey, runningServer } from './data-folder.ts';
import { createLogger } from './logger.ts';

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person watches: progress bars and colours make sense. */
  readonly interactive: boolean;
  /** Width of a line. */
  readonly columns: number;
}

export interface CommandContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Terminal;
  /** Ends when the user interrupts or the system asks the process to stop. */
  readonly stop: AbortSignal;
}

/** Exit codes, the same for every command. */
export const EXIT = {
  ok: 0,
  /** Something failed that is not the caller's fault. */
  failure: 1,
  /** Wrong arguments, configuration or input file. */
  usage: 2,
  /** The check that was asked for found something wrong. */
  unhealthy: 3,
  /** A newer build has written what this one cannot read: only another build helps. */
  outdated: 4,
} as const;

/** Ends a command with a message for people; `main` prints it and sets the exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failure) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const configOf = ({ cwd, env }: CommandContext, options: { config?: string } = {}): Config =>
  loadConfig({ cwd, env, file: options.config });

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
    const key = options.key ?? context.env['PICKET_API_KEY'] ?? readAdminKey(config.dataDir);
    if (key === undefined)
      throw new CommandFailure(`No API key for ${running.url}: pass --key or set PICKET_API_KEY.`, EXIT.usage);
    const client = createApiClient(
      fetchTransport({ url: running.url, key, fetch, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
    );
    return { client, place: running.url, close: async () => {} };
  }
  const app = await startApp(config, { now: Date.now, logger: createLogger('silent'), onFailure: () => {} });
  await app.api.ready();
  const client = createApiClient(injectTransport(app.api, app.adminKey));
  return { client, place: app.store.place, close: () => app.stop() };
}
