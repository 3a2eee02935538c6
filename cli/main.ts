#!/usr/bin/env node
/** The `picket` command. Each subcommand is a file in `commands/`. */
import { Command } from 'commander';
import { BUILD } from './build.ts';
import { alertsCommand } from './commands/alerts.ts';
import { apiCommand } from './commands/api.ts';
import { backtestCommand } from './commands/backtest.ts';
import { baselineCommand } from './commands/baseline.ts';
import { configCommand } from './commands/config.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { intakeCommand } from './commands/intake.ts';
import { keysCommand } from './commands/keys.ts';
import { migrateCommand } from './commands/migrate.ts';
import { replayCommand } from './commands/replay.ts';
import { schemaCommand } from './commands/schema.ts';
import { scoreCommand } from './commands/score.ts';
import { simulateCommand } from './commands/simulate.ts';
import { topicsCommand } from './commands/topics.ts';
import { upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';
import { type CommandContext, EXIT } from './context.ts';
import { explainFailure } from './failures.ts';

const COMMANDS = [
  upCommand,
  workerCommand,
  intakeCommand,
  apiCommand,
  demoCommand,
  replayCommand,
  alertsCommand,
  baselineCommand,
  backtestCommand,
  verifyCommand,
  scoreCommand,
  evaluateCommand,
  simulateCommand,
  keysCommand,
  schemaCommand,
  configCommand,
  migrateCommand,
  topicsCommand,
  doctorCommand,
] as const;

const EXIT_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong arguments, configuration or input, 3 a check found something wrong,
4 a newer build has written what this one cannot read.`;

let stopAskedMs = 0;

/** A terminal's Ctrl-C reaches a process once from the terminal and again from npm; only a later one is impatience. */
function stopOnce(stopping: AbortController, signal: string): void {
  if (stopping.signal.aborted && performance.now() - stopAskedMs > 1000) process.exit(EXIT.failure);
  if (!stopping.signal.aborted) stopAskedMs = performance.now();
  stopping.abort(new Error(signal));
}

function contextOf(stopping: AbortController): CommandContext {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopOnce(stopping, signal));
  // A reader that went away (`| head`) ends the command quietly instead of with a stack trace.
  process.stdout.on('error', () => process.exit(EXIT.ok));
  return {
    cwd: process.cwd(),
    env: process.env,
    terminal: {
      out: (text) => process.stdout.write(`${text}\n`),
      err: (text) => process.stderr.write(`${text}\n`),
      interactive: process.stderr.isTTY === true,
      columns: process.stdout.columns ?? 100,
    },
    stop: stopping.signal,
  };
}

const context = contextOf(new AbortController());
const program = new Command('picket')
  .description('Sees hijacked or runaway AI agents by their behaviour.')
  .version(BUILD)
  .addHelpText('after', EXIT_HELP)
  .showHelpAfterError('(--help shows what is possible)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
for (const command of COMMANDS) program.addCommand(inheriting(command(context), program));

/** Commander hands settings down when a command is added, which for `alerts close` was before there were any. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const one of command.commands) inheriting(one as Command, command);
  return command;
}

try {
  await program.parseAsync();
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  context.terminal.err(message);
  // Whatever a failed command left open (a server, a store) must not keep the process alive.
  process.exit(exitCode);
}
