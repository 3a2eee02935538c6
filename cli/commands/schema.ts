import { Command } from 'commander';
import { WIRE_EVENT_SCHEMA } from '../../ingest/event.ts';
import { ConfigSchema } from '../config.ts';
import type { CommandContext } from '../context.ts';

export function schemaCommand({ terminal }: CommandContext): Command {
  const command = new Command('schema').description('Prints JSON Schemas.');
  const print = (schema: object) =>
    terminal.out(JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema }, null, 2));
  command
    .command('event')
    .description('The audit event, wire format picket.event/1.')
    .action(() => print(WIRE_EVENT_SCHEMA));
  command
    .command('config')
    .description('The configuration file picket.yaml.')
    .action(() => print(ConfigSchema));
  return command;
}
