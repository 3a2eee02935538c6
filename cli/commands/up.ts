import { Command } from 'commander';
import { startApp } from '../app.ts';
import { type CommandContext, configOf } from '../context.ts';
import { announceRunning, retractRunning } from '../data-folder.ts';
import { createLogger } from '../logger.ts';
import { serve } from '../process.ts';
import { type ListenOptions, withListenOptions } from './listen-options.ts';

interface UpOptions extends ListenOptions {
  acceptGaps?: boolean;
}

export const upCommand = (context: CommandContext): Command =>
  withListenOptions(new Command('up'))
    .description('Runs everything in one process: HTTP intake, scoring, playbooks, API; with brokers, over Kafka.')
    .option('--accept-gaps', 'go on after records of the Kafka log that were deleted before they were stored')
    .action((options: UpOptions) => up(context, options));

async function up(context: CommandContext, options: UpOptions): Promise<void> {
  const config = configOf(context, options);
  const logger = createLogger(config.logLevel);
  const where = { host: options.host ?? config.host, port: options.port ?? config.port };
  await serve(context, where, logger, async (onFailure) => {
    const acceptGaps = options.acceptGaps ?? false;
    const app = await startApp(config, { now: Date.now, logger, onFailure, acceptGaps });
    return {
      http: app.api,
      announce(url) {
        announceRunning(config.dataDir, { url, pid: process.pid });
        for (const error of app.playbookErrors) context.terminal.err(`Playbook left out: ${error}`);
        return [
          `Picket listens on ${url} (${app.store.engine} engine in ${app.store.place}).`,
          ...(config.kafka === undefined ? [] : [`The log is in Kafka: ${config.kafka.brokers.join(', ')}.`]),
          `${app.firstStart ? 'An admin key was written to' : 'The admin key is in'} ${app.adminKeyFile}`,
          `${app.playbooks} playbooks are enabled in ${config.playbooksDir}.`,
          `Try: curl -H "Authorization: Bearer $(cat ${app.adminKeyFile})" ${url}/v1/alerts`,
        ];
      },
      retract: () => retractRunning(config.dataDir),
      stop: () => app.stop(),
    };
  });
}
