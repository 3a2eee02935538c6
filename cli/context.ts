/** What a command may touch of the outside world; tests bring their own. */
import { type Config, loadConfig } from './config.ts';

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
