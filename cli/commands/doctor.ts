import { Command } from 'commander';
import { BUILD } from '../build.ts';
import type { Config } from '../config.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { prepareDataFolder } from '../data-folder.ts';
import { type Check, lineOf } from '../doctor/check.ts';
import { checkKafka } from '../doctor/kafka-checks.ts';
import {
  checkDetectors,
  checkDisk,
  checkFolder,
  checkNode,
  checkPlaybooks,
  checkSecrets,
} from '../doctor/local-checks.ts';
import { checkStore } from '../doctor/store-checks.ts';

export const doctorCommand = (context: CommandContext): Command =>
  new Command('doctor')
    .description(
      'Checks store, Kafka, disk, clock, versions, secrets, playbooks and each detector, and says what to do.',
    )
    .option('--config <file>', 'configuration file')
    .option('--json', 'print one object')
    .action((options: { config?: string; json?: boolean }) => doctor(context, options));

async function doctor(context: CommandContext, options: { config?: string; json?: boolean }): Promise<void> {
  const config = configOf(context, options);
  prepareDataFolder(config.dataDir);
  const checks = await checkAll(config);
  const failed = checks.filter(({ ok }) => !ok).length;
  const { out } = context.terminal;
  if (options.json === true) out(JSON.stringify({ build: BUILD, ok: failed === 0, checks }));
  else for (const check of checks) out(lineOf(check));
  if (failed > 0) throw new CommandFailure(`${failed} of ${checks.length} checks failed.`, EXIT.unhealthy);
}

async function checkAll(config: Config): Promise<Check[]> {
  const store = await checkStore(config);
  return [
    checkNode(),
    checkFolder(config),
    checkDisk(config),
    checkSecrets(config),
    ...store.checks,
    ...(config.kafka === undefined ? [] : await checkKafka(config.kafka, store.epoch)),
    checkPlaybooks(config),
    ...checkDetectors(config),
  ];
}
