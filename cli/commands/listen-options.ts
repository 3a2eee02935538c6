/** Options of every command that listens. */
import { type Command, InvalidArgumentError } from 'commander';

export interface ListenOptions {
  config?: string;
  host?: string;
  port?: number;
}

export const withListenOptions = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file (default: picket.yaml, if there is one)')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on', portOf);

export function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}
