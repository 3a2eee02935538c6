import { Command, InvalidArgumentError } from 'commander';
import { type ApiClient, ApiProblem } from '../../api/client.ts';
import type { BaselineChangeBody } from '../../api/schemas/baseline.ts';
import { baselinePage } from '../baseline/show.ts';
import { cleaned } from '../cleaned.ts';
import { type Connected, connect } from '../connect.ts';
import { type CommandContext, CommandFailure, EXIT } from '../context.ts';
import { counted } from '../counted.ts';
import { startProgress } from '../progress.ts';
import { sleep } from '../sleep.ts';
import { type ApiOptions, apiSubcommand } from './api-options.ts';

interface BuildOptions extends ApiOptions {
  all?: boolean;
  since?: number;
  note?: string;
}

export function baselineCommand(context: CommandContext): Command {
  const command = new Command('baseline').description("Shows and changes what Picket holds for an agent's normal.");
  const sub = (name: string, description: string) => apiSubcommand(command, name, description);
  sub('show', 'Shows the baseline of an agent, and its last week against it.')
    .argument('<agent>', 'agent id')
    .action((agent: string, options: ApiOptions) => show(context, agent, options));
  sub('reset', 'Forgets what was learned of an agent: it is new again. `rollback` undoes it.')
    .argument('<agent>', 'agent id')
    .option('--note <text>', 'why, for those who come after')
    .action((agent: string, options: ApiOptions & { note?: string }) =>
      change(context, options, (client) => client.resetBaseline(agent, noteOf(options))),
    );
  sub('rollback', 'Goes on from a stored baseline; one a day is kept for a month.')
    .argument('<agent>', 'agent id')
    .option('--to <id>', 'the newest up to this id (default: the newest that is a day older than the newest)', idOf)
    .option('--note <text>', 'why, for those who come after')
    .action((agent: string, options: ApiOptions & { to?: number; note?: string }) => {
      const to = options.to === undefined ? {} : { to: options.to };
      return change(context, options, (client) => client.rollBackBaseline(agent, { ...to, ...noteOf(options) }));
    });
  sub(
    'build',
    'Builds a baseline from the stored events of an agent, with what analysts have decided since, and goes on from it.',
  )
    .argument('[agent]', 'agent id')
    .option('--all', 'one agent after the other')
    .option('--since <age>', 'only events of the last so many days or hours: 30d, 12h (default: all)', ageOf)
    .option('--note <text>', 'why, for those who come after')
    .action((agent: string | undefined, options: BuildOptions) => build(context, agent, options));
  return command;
}

const noteOf = ({ note }: { note?: string }) => (note === undefined ? {} : { note });

function idOf(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError('An id is a whole number.');
  return Number(text);
}

const AGE_MS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

function ageOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([dh])$/.exec(text) ?? [];
  if (count === undefined) throw new InvalidArgumentError('Write days or hours, such as 30d or 12h.');
  return Number(count) * (AGE_MS[unit] ?? 0);
}

/** A build answers when it is done, four minutes later at most. */
const PATIENCE_MS = 5 * 60_000;

async function withClient<T>(
  context: CommandContext,
  options: ApiOptions,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  const connected = await connect(context, { ...options, timeoutMs: PATIENCE_MS });
  try {
    return await work(connected);
  } finally {
    await connected.close();
  }
}

async function show(context: CommandContext, agent: string, options: ApiOptions): Promise<void> {
  await withClient(context, options, async ({ client }) => {
    const baseline = await client.getBaseline(agent);
    const series = await client.getBaselineSeries(agent);
    const { terminal, env } = context;
    if (options.json === true) return terminal.out(JSON.stringify({ baseline, series }));
    const plain = !terminal.interactive || (env['NO_COLOR'] ?? '') !== '';
    terminal.out(baselinePage(baseline, series, plain ? 'ascii' : 'blocks'));
  });
}

async function change(
  context: CommandContext,
  options: ApiOptions,
  ask: (client: ApiClient) => Promise<BaselineChangeBody>,
): Promise<void> {
  await withClient(context, options, async ({ client }) => {
    const answer = await ask(client);
    context.terminal.out(options.json === true ? JSON.stringify(answer) : sentenceOf(cleaned(answer)));
  });
}

function sentenceOf({ agent, change: kind, to, to_time }: BaselineChangeBody): string {
  if (kind === 'reset') return `The baseline of ${agent} is reset: it is cold until it has learned again.`;
  return `The baseline of ${agent} goes on from ${to}${to_time === undefined ? '' : `, as of ${to_time}`}.`;
}

const AGENTS_PAGE = 200;

async function build(context: CommandContext, agent: string | undefined, options: BuildOptions): Promise<void> {
  if ((agent === undefined) === (options.all !== true))
    throw new CommandFailure('Name an agent, or say --all.', EXIT.usage);
  await withClient(context, options, async ({ client }) => {
    const agents = agent === undefined ? await allAgents(client) : [agent];
    const wish = {
      ...noteOf(options),
      ...(options.since === undefined ? {} : { since: String(Date.now() - options.since) }),
    };
    const answers = await buildEach(context, client, agents, wish);
    if (options.json === true) return context.terminal.out(JSON.stringify(agent === undefined ? answers : answers[0]));
    for (const answer of answers) context.terminal.out(builtOf(cleaned(answer)));
    if (agent === undefined) context.terminal.out(`${answers.length} of ${agents.length} baselines are built.`);
  });
}

async function allAgents(client: ApiClient): Promise<string[]> {
  const agents: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listAgents({ limit: AGENTS_PAGE, ...(cursor === undefined ? {} : { cursor }) });
    agents.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return agents;
}

/** With one agent a refusal is the command's; with all, those that cannot be built are named and the others go on. */
async function buildEach(
  { terminal, stop }: CommandContext,
  client: ApiClient,
  agents: readonly string[],
  wish: { since?: string; note?: string },
): Promise<BaselineChangeBody[]> {
  const progress = startProgress(terminal, 'build', agents.length, 'agents');
  const answers: BaselineChangeBody[] = [];
  const refused: string[] = [];
  let events = 0;
  try {
    for (const [index, agent] of agents.entries()) {
      stop.throwIfAborted();
      try {
        const answer = await patiently(() => client.buildBaseline(agent, wish), stop);
        answers.push(answer);
        events += answer.built?.events ?? 0;
      } catch (error) {
        if (agents.length === 1 || !(error instanceof ApiProblem) || error.status >= 500) throw error;
        refused.push(cleaned(`${agent}: ${error.detail}`));
      }
      progress.update(index + 1, `${events} events`);
    }
  } finally {
    progress.end();
  }
  for (const line of refused) terminal.err(line);
  return answers;
}

const BUSY = ['busy', 'rate_limited'];
const BUSY_TRIES_MAX = 60;

async function patiently<T>(ask: () => Promise<T>, stop: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiProblem) || !BUSY.includes(error.code) || tries >= BUSY_TRIES_MAX) throw error;
      await sleep((error.problem.retry_after_seconds ?? 1) * 1000, stop);
    }
  }
}

function builtOf({ agent, built }: BaselineChangeBody): string {
  if (built === undefined) return `${agent}: built.`;
  const { events, sessions, days, knowledge, left_out, held } = built;
  const parts = [
    counted(events, 'event'),
    `${counted(sessions, 'session')} in ${counted(days, 'day')} learned`,
    knowledge,
  ];
  if (left_out > 0) parts.push(`${counted(left_out, 'session')} with confirmed attacks left out`);
  if (held > 0) parts.push(`${counted(held, 'session')} held back by alerts that nobody has decided`);
  return `${agent}: ${parts.join(', ')}.`;
}
