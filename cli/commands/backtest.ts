import { Command, InvalidArgumentError } from 'commander';
import { TooManyAlerts } from '../backtest/alert-ledger.ts';
import { JUDGING_KEYS, settingChanges, withAssignments } from '../backtest/judging-settings.ts';
import { openHistory } from '../backtest/open-history.ts';
import { readOnly } from '../backtest/read-only-store.ts';
import { reportOf } from '../backtest/report.ts';
import { type BacktestDeps, type BacktestResult, runBacktest } from '../backtest/run.ts';
import { summaryOf } from '../backtest/summary.ts';
import { type Config, loadConfig } from '../config.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { type Progress, startProgress } from '../progress.ts';
import { settingsOf } from '../scoring-settings.ts';
import { timeOf } from '../time-option.ts';

interface BacktestCommandOptions {
  set?: readonly string[];
  config?: string;
  tenant?: string;
  agent?: string;
  since?: number;
  until?: number;
  warmup?: number;
  json?: boolean;
}

const HELP = `
Settings that influence judging: ${JUDGING_KEYS.join(', ')}.
The history is that of the configuration in force (picket.yaml, or the file in PICKET_CONFIG); nothing in it is changed, nothing is sent.
While \`picket up\` holds the embedded engine this is refused: stop it, or work on a copy of its folder.

Examples:
  picket backtest --set detection.alert_budget=0.05
  picket backtest --set baseline.half_life_days=7 --since 2026-03-01T00:00:00Z --agent billing-bot`;

export const backtestCommand = (context: CommandContext): Command =>
  new Command('backtest')
    .description(
      'Judges the stored history again with other settings, and shows which alerts appear and disappear. Changes nothing.',
    )
    .option('--set <key=value>', 'a setting to try; may be repeated', collect)
    .option(
      '--config <file>',
      'a configuration file to try, of which the settings that influence judging are taken; --set goes on top',
    )
    .option('--agent <id>', 'only this agent')
    .option('--tenant <name>', 'only this tenant (default: all)')
    .option(
      '--since <time>',
      'compare alerts that opened at or after this time (RFC 3339); what is before it is learned',
      timeOf,
    )
    .option('--until <time>', 'compare alerts that opened before this time, and read no further', timeOf)
    .option('--warmup <days>', 'days before --since that are learned (default: all stored history)', daysOf)
    .option('--json', 'print one object')
    .addHelpText('after', HELP)
    .action((options: BacktestCommandOptions) => backtest(context, options));

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

function daysOf(text: string): number {
  const days = Number(text);
  if (text.trim() === '' || !(days >= 0 && days <= 36_500))
    throw new InvalidArgumentError('A number of days, 0 or more.');
  return days;
}

/** Two states for each agent, in the memory that a worker has for its states. */
const STATES_PER_AGENT = 2;
const ALERTS_MAX = 100_000;
const LISTED_MAX = 500;

async function backtest(context: CommandContext, options: BacktestCommandOptions): Promise<void> {
  assertTimes(options);
  const config = configOf(context);
  const tried = triedOf(context, config, options);
  const store = readOnly(await openHistory(config, 'backtest'));
  const progress = startEventProgress(context);
  try {
    const limits = {
      agentsMax: Math.floor(config.agentsInMemory / STATES_PER_AGENT),
      alertsMax: ALERTS_MAX,
      listedMax: LISTED_MAX,
    };
    const { onProgress } = progress;
    const deps = { store, now: settingsOf(config), tried: settingsOf(tried), limits, onProgress, stop: context.stop };
    const result = await historyOf(options, deps);
    progress.end();
    if (result === undefined) throw new CommandFailure(nothingFound(options, store.place), EXIT.usage);
    const summary = summaryOf(result, settingChanges(config, tried), store.place);
    const { out, columns } = context.terminal;
    out(options.json === true ? JSON.stringify(summary) : reportOf(summary, columns));
  } finally {
    progress.end();
    await store.close();
  }
}

function assertTimes({ since, until, warmup }: BacktestCommandOptions): void {
  if (warmup !== undefined && since === undefined) throw new CommandFailure('--warmup needs --since.', EXIT.usage);
  if (since !== undefined && until !== undefined && since >= until)
    throw new CommandFailure('--since must be before --until.', EXIT.usage);
}

function triedOf({ cwd, env }: CommandContext, config: Config, options: BacktestCommandOptions) {
  const other = options.config === undefined ? config : loadConfig({ cwd, env, file: options.config });
  return withAssignments(other, options.set ?? []);
}

async function historyOf(options: BacktestCommandOptions, deps: BacktestDeps): Promise<BacktestResult | undefined> {
  const { tenant, agent, since: sinceMs, until: untilMs, warmup: warmupDays } = options;
  try {
    return await runBacktest({ tenant, agent, sinceMs, untilMs, warmupDays }, deps);
  } catch (error) {
    if (deps.stop.aborted) throw new CommandFailure('Interrupted; nothing was changed.');
    if (!(error instanceof TooManyAlerts)) throw error;
    throw new CommandFailure(
      `${error.message} Such settings are of no use to anybody; to look at them nevertheless, take one agent (--agent), one tenant (--tenant), or a ` +
        'shorter time (--since with --warmup, --until).',
    );
  }
}

const nothingFound = ({ agent, tenant, since, until }: BacktestCommandOptions, place: string): string => {
  const narrowed = [agent, tenant, since, until].some((one) => one !== undefined);
  return `No events are stored in ${place}${narrowed ? ' for that agent, tenant and time' : ''}: there is nothing to judge again.`;
};

/** How much there is is known once the history has been looked at. */
function startEventProgress({ terminal }: CommandContext) {
  let progress: Progress | undefined;
  return {
    onProgress(events: number, total: number): void {
      progress ??= startProgress(terminal, 'backtest', total, 'events');
      progress.update(events);
    },
    end: () => progress?.end(),
  };
}
