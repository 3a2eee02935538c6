import { Command } from 'commander';
import { loadPlaybooks } from '../../alerts/playbook.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { playbookFiles } from '../playbook-files.ts';

export function configCommand(context: CommandContext): Command {
  const command = new Command('config').description('Looks after the configuration.');
  command
    .command('check')
    .description('Reads the configuration and all playbooks and says what is wrong with them. Starts nothing.')
    .option('--config <file>', 'configuration file')
    .action((options: { config?: string }) => check(context, options));
  return command;
}

function check(context: CommandContext, options: { config?: string }): void {
  const { terminal } = context;
  const { masterKey, lookup, clickhouse, ...shown } = configOf(context, options);
  const { playbooks, errors } = loadPlaybooks(
    playbookFiles(shown.playbooksDir),
    lookup,
    DETECTORS.map(({ name }) => name),
  );
  // Credentials stay out of what is printed: people paste it into tickets.
  const engine = clickhouse === undefined ? 'embedded' : new URL(clickhouse.url).host;
  terminal.out(
    JSON.stringify({ ...shown, engine, masterKey: masterKey === undefined ? 'file' : 'environment' }, null, 2),
  );
  for (const { name, file, enabled, target } of playbooks)
    terminal.out(`playbook ${name} (${file}): ${enabled ? `enabled, to ${target}` : 'disabled'}`);
  if (errors.length === 0) return;
  const faults = errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new CommandFailure(faults.join('\n'), EXIT.usage);
}
