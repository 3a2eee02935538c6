import type { Command } from 'commander';

export interface ApiOptions {
  config?: string;
  url?: string;
  key?: string;
  json?: boolean;
}

/** A subcommand that asks the API, with the options of all such; `connect` takes them. */
export const apiSubcommand = (parent: Command, name: string, description: string): Command =>
  parent
    .command(name)
    .description(description)
    .option('--url <url>', 'API to ask (default: the server on the data folder, else the embedded engine)')
    .option('--key <key>', 'API key (default: PICKET_API_KEY, else the admin key of the data folder)')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the answer as one JSON object');
