import { Command } from 'commander';
import type { RangeReport, RangeWish } from '../../api/schemas/verify.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { type Progress, startProgress } from '../progress.ts';
import { type OpenVerification, openVerification } from '../verify/open-verification.ts';
import { addReport, emptyReport, leftOver } from '../verify/range-check.ts';
import { parseRange } from '../verify/range-text.ts';
import { agentText, rangeText } from '../verify/text-report.ts';

interface VerifyOptions {
  agent?: string;
  tenant?: string;
  replay?: boolean;
  from?: number;
  range?: RangeWish;
  partition?: number;
  repair?: boolean;
  url?: string;
  key?: string;
  config?: string;
  json?: boolean;
}

const HELP = `
With --agent every verdict and retained state of the agent is recomputed from the log and compared with what is stored. With --range every
position of the log must have its row, and every verdict its hits, changes, dead letters and deliveries.

A range is FROM..TO, either end of which may be left out: positions, or times as RFC 3339 has them.

Exit codes: 0 everything is as it must be (or was repaired), 1 it could not be told, 2 wrong arguments, 3 something differs or is missing,
4 a newer build has written the store.

Examples:
  picket verify --agent billing-bot
  picket verify --agent billing-bot --replay
  picket verify --range 2026-03-01T00:00:00Z..2026-03-02T00:00:00Z --json
  picket verify --range .. --repair`;

export const verifyCommand = (context: CommandContext): Command =>
  new Command('verify')
    .description('Proves that what is stored is what the log leads to, and repairs what can be repaired.')
    .option('--agent <id>', 'recompute this agent')
    .option('--tenant <name>', 'of this tenant (default: default; over an API that of the key)')
    .option(
      '--replay',
      'with --agent: take in recorded verdicts as a restart does it, from every retained state to the next',
    )
    .option('--from <position>', 'with --agent: begin with the retained state of this position', wholeNumber)
    .option('--range <from..to>', 'check this range of the log: positions or times', parseRange)
    .option('--partition <number>', 'with --range: only this partition (default: all)', wholeNumber)
    .option('--repair', 'with --range: write again what can be written again')
    .option('--url <url>', 'API to ask (default: the server on the data folder, else the store itself)')
    .option('--key <key>', 'API key with scope admin (default: PICKET_API_KEY, else the admin key of the data folder)')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print one object')
    .addHelpText('after', HELP)
    .action((options: VerifyOptions) => verify(context, options));

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new CommandFailure(`${text}: a whole number, 0 or more.`, EXIT.usage);
  return Number(text);
}

async function verify(context: CommandContext, options: VerifyOptions): Promise<void> {
  assertOptions(options);
  const progress = startWork(context);
  const opened = await openVerification(context, configOf(context, options), {
    ...options,
    repair: options.repair === true,
    onProgress: (events, total) => progress.update(events, total, 'events'),
  });
  const ended = () => context.stop.aborted;
  try {
    const good =
      options.agent === undefined
        ? await verifyRange(opened, context, options, progress)
        : await verifyOne(opened, context, options, progress);
    if (good !== EXIT.ok) process.exitCode = good;
  } catch (error) {
    if (ended()) throw new CommandFailure('Interrupted; what was repaired by then is.');
    throw error;
  } finally {
    progress.end();
    await opened.close();
  }
}

function assertOptions({ agent, range, replay, from, partition, repair, tenant }: VerifyOptions): void {
  const fail = (text: string) => {
    throw new CommandFailure(text, EXIT.usage);
  };
  if ((agent === undefined) === (range === undefined)) fail('Say what to verify: --agent or --range, one of them.');
  if (agent === undefined && (replay === true || from !== undefined || tenant !== undefined))
    fail('--replay, --from and --tenant go with --agent.');
  if (range === undefined && (repair === true || partition !== undefined))
    fail('--repair and --partition go with --range.');
}

async function verifyOne(
  { agent, place }: OpenVerification,
  { terminal }: CommandContext,
  options: VerifyOptions,
  progress: Work,
): Promise<number> {
  const report = await agent(options.agent ?? '', options.replay === true ? 'replay' : 'judge', options.from);
  progress.end();
  terminal.out(options.json === true ? JSON.stringify({ place, ...report }) : agentText(report, place));
  return { equal: EXIT.ok, different: EXIT.unhealthy, unclear: EXIT.failure }[report.outcome];
}

async function verifyRange(
  { plan, check, place }: OpenVerification,
  { terminal, stop }: CommandContext,
  { range = {}, partition, repair = false, json }: VerifyOptions,
  progress: Work,
): Promise<number> {
  const { stretches, notes } = await plan({ ...range, ...(partition === undefined ? {} : { partition }) });
  if (stretches.length === 0) throw new CommandFailure('The log has no positions in that range.', EXIT.usage);
  const total = stretches.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const report: RangeReport = emptyReport([]);
  for (const stretch of stretches) {
    stop.throwIfAborted();
    addReport(report, await check(stretch, repair));
    progress.update(report.positions, total, 'positions');
  }
  report.notes = [...new Set([...notes, ...report.notes])];
  progress.end();
  const left = leftOver(report);
  terminal.out(json === true ? JSON.stringify({ place, left, ...report }) : rangeText(report, place, repair));
  return left === 0 ? EXIT.ok : EXIT.unhealthy;
}

type Work = ReturnType<typeof startWork>;

/** How much there is is known once the log has been looked at. */
function startWork({ terminal }: CommandContext) {
  let progress: Progress | undefined;
  return {
    update(done: number, total: number, unit: string): void {
      progress ??= startProgress(terminal, 'verify', total, unit);
      progress.update(done);
    },
    end: () => progress?.end(),
  };
}
