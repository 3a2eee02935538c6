import { Command } from 'commander';
import { loadPlaybooks } from '../../alerts/playbook.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { type UnknownVariable, unknownVariables } from '../config.ts';
import { shownConfig } from '../config-shown.ts';
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
  const config = configOf(context, options);
  const files = playbookFiles(config.playbooksDir);
  const { playbooks, errors } = loadPlaybooks(
    files,
    config.lookup,
    DETECTORS.map(({ name }) => name),
  );
  terminal.out(JSON.stringify(shownConfig(config), null, 2));
  for (const variable of unknownVariables(context.env))
    if (!files.some(({ text }) => text.includes(`\${${variable.name}}`))) terminal.err(warningOf(variable));
  for (const { name, file, enabled, target } of playbooks)
    terminal.out(`playbook ${name} (${file}): ${enabled ? `enabled, to ${target}` : 'disabled'}`);
  if (errors.length === 0) return;
  const faults = errors.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`);
  throw new CommandFailure(faults.join('\n'), EXIT.usage);
}

const warningOf = ({ name, near }: UnknownVariable): string =>
  `Warning: nothing reads the variable ${name}${near === undefined ? '.' : `; did you mean ${near}?`}`;
