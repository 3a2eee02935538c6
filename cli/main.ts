#!/usr/bin/env node
/** The `picket` command. Each subcommand is a file in `commands/`. */
import { Command } from 'commander';
import { visible } from '../ingest/untrusted-text.ts';
import { BUILD } from './build.ts';
import { type CommandContext, EXIT } from './context.ts';
import { explainFailure } from './failures.ts';

type MakeCommand = (context: CommandContext) => Command;

/** In the order in which help lists them. What a command needs is loaded when it is called: a query must not wait for all of a server. */
const COMMANDS = new Map<string, () => Promise<MakeCommand>>([
  ['up', async () => (await import('./commands/up.ts')).upCommand],
  ['worker', async () => (await import('./commands/worker.ts')).workerCommand],
  ['intake', async () => (await import('./commands/intake.ts')).intakeCommand],
  ['api', async () => (await import('./commands/api.ts')).apiCommand],
  ['demo', async () => (await import('./commands/demo.ts')).demoCommand],
  ['replay', async () => (await import('./commands/replay.ts')).replayCommand],
  ['alerts', async () => (await import('./commands/alerts.ts')).alertsCommand],
  ['baseline', async () => (await import('./commands/baseline.ts')).baselineCommand],
  ['backtest', async () => (await import('./commands/backtest.ts')).backtestCommand],
  ['verify', async () => (await import('./commands/verify.ts')).verifyCommand],
  ['score', async () => (await import('./commands/score.ts')).scoreCommand],
  ['evaluate', async () => (await import('./commands/evaluate.ts')).evaluateCommand],
  ['simulate', async () => (await import('./commands/simulate.ts')).simulateCommand],
  ['keys', async () => (await import('./commands/keys.ts')).keysCommand],
  ['schema', async () => (await import('./commands/schema.ts')).schemaCommand],
  ['config', async () => (await import('./commands/config.ts')).configCommand],
  ['migrate', async () => (await import('./commands/migrate.ts')).migrateCommand],
  ['topics', async () => (await import('./commands/topics.ts')).topicsCommand],
  ['doctor', async () => (await import('./commands/doctor.ts')).doctorCommand],
]);

/** The one that is called; all of them for help, and for a word that is none of them. */
function loadCommands(word: string | undefined): Promise<MakeCommand[]> {
  const called = COMMANDS.get(word ?? '');
  return Promise.all((called === undefined ? [...COMMANDS.values()] : [called]).map((load) => load()));
}

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
      out: (text) => process.stdout.write(`${visible(text)}\n`),
      err: (text) => process.stderr.write(`${visible(text)}\n`),
      interactive: process.stderr.isTTY === true,
      columns: process.stdout.columns ?? 100,
    },
    stop: stopping.signal,
  };
}

const commands = await loadCommands(process.argv[2]);
const context = contextOf(new AbortController());
const program = new Command('picket')
  .description('Sees hijacked or runaway AI agents by their behaviour.')
  .version(BUILD)
  .addHelpText('after', EXIT_HELP)
  .showHelpAfterError('(--help shows what is possible)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));
for (const command of commands) program.addCommand(inheriting(command(context), program));

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
