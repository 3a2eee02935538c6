import { Command, InvalidArgumentError } from 'commander';
import { createLogger, startApp } from '../app.ts';
import { publicUrl } from '../config.ts';
import { type CommandContext, configOf, EXIT } from '../context.ts';
import { announceRunning, retractRunning } from '../data-folder.ts';

interface UpOptions {
  config?: string;
  host?: string;
  port?: number;
}

export const upCommand = (context: CommandContext): Command =>
  new Command('up')
    .description('Runs everything in one process: HTTP intake, scoring, playbooks, API.')
    .option('--config <file>', 'configuration file (default: picket.yaml, if there is one)')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on', portOf)
    .action((options: UpOptions) => up(context, options));

export function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const { terminal, stop } = context;
  const config = configOf(context, options);
  const host = options.host ?? config.host;
  const logger = createLogger(config.logLevel);
  let onFailure: (error: unknown) => void = () => {};
  const failed = new Promise<unknown>((resolve) => {
    onFailure = resolve;
  });
  const app = await startApp(config, { now: Date.now, logger, onFailure: (error) => onFailure(error) });
  await app.api.listen({ host, port: options.port ?? config.port });
  const address = app.api.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const url = publicUrl(host, port);
  announceRunning(config.dataDir, { url, pid: process.pid });

  terminal.out(`Picket listens on ${url} (${app.store.engine} engine in ${app.store.place}).`);
  terminal.out(`${app.firstStart ? 'An admin key was written to' : 'The admin key is in'} ${app.adminKeyFile}`);
  terminal.out(`${app.playbooks} playbooks are enabled in ${config.playbooksDir}.`);
  for (const error of app.playbookErrors) terminal.err(`Playbook left out: ${error}`);
  terminal.out(`Try: curl -H "Authorization: Bearer $(cat ${app.adminKeyFile})" ${url}/v1/alerts`);

  const stopped = new Promise<undefined>((resolve) => {
    // A signal that came while the store was being opened has been heard already, and is not heard again.
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const failure = await Promise.race([failed, stopped]);
  retractRunning(config.dataDir);
  if (failure === undefined) {
    await app.stop();
    return;
  }
  // What is in memory cannot be trusted any more; the log can. No checkpoint, no goodbye: the next start restores.
  logger.fatal({ err: failure }, 'the log could not be written; stopping');
  process.exit(EXIT.failure);
}
