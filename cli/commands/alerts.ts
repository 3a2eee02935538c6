import { Command, Option } from 'commander';
import { type ApiClient, ApiProblem } from '../../api/client.ts';
import type { AlertChangeBody } from '../../api/schemas/alert.ts';
import { SEVERITY_WORDS, type SeverityWord, severityId, severityName } from '../../baselines/severity.ts';
import { ALERT_STATES, DISPOSITIONS, type Disposition } from '../../ingest/log.ts';
import { alertList, alertPage } from '../alerts/page.ts';
import { cleaned } from '../cleaned.ts';
import { connect } from '../connect.ts';
import { type CommandContext, CommandFailure } from '../context.ts';
import { type ApiOptions, apiSubcommand } from './api-options.ts';

interface NoteOptions extends ApiOptions {
  note?: string;
}

interface ListOptions extends ApiOptions {
  agent?: string;
  detector?: string;
  severity?: SeverityWord;
  state?: string;
  since?: string;
  limit: string;
  cursor?: string;
}

export function alertsCommand(context: CommandContext): Command {
  const command = new Command('alerts').description('Works the alert queue from the terminal.');
  const sub = (name: string, description: string) => apiSubcommand(command, name, description);
  sub('list', 'Lists alerts, newest first.')
    .option('--agent <id>', 'only this agent')
    .option('--detector <name>', 'only this detector')
    .addOption(new Option('--severity <name>', 'at least this severity').choices([...SEVERITY_WORDS]))
    .addOption(new Option('--state <state>', 'only this state').choices([...ALERT_STATES]))
    .option('--since <time>', 'seen at or after this time (RFC 3339)')
    .option('--limit <n>', 'at most so many', '50')
    .option('--cursor <cursor>', 'go on after a page')
    .action((options: ListOptions) => list(context, options));
  sub('show', 'Shows one alert with its evidence.')
    .argument('<id>', 'alert id')
    .action((id: string, options: ApiOptions) => show(context, id, options));
  sub('ack', 'Acknowledges an alert: somebody is at it. It stays in the queue until it is closed.')
    .argument('<id>', 'alert id')
    .option('--note <text>', 'why, for those who come after')
    .action((id: string, options: NoteOptions) =>
      change(context, id, options, { state: 'acknowledged' }, `${id} is acknowledged.`),
    );
  sub('close', 'Closes an alert with a disposition; a dismissed session is learned, a confirmed one never is.')
    .argument('<id>', 'alert id')
    .addOption(new Option('--disposition <word>', 'what it was').choices([...DISPOSITIONS]).makeOptionMandatory())
    .option('--note <text>', 'why, for those who come after')
    .action((id: string, { disposition, ...options }: NoteOptions & { disposition: Disposition }) =>
      change(context, id, options, { state: 'closed', disposition }, `${id} is closed as ${disposition}.`),
    );
  sub('resend', 'Sends an alert to a playbook again, after that delivery has ended.')
    .argument('<id>', 'alert id')
    .argument('<playbook>', 'name of the playbook, as `show` lists deliveries')
    .action((id: string, playbook: string, options: ApiOptions) => resend(context, id, playbook, options));
  return command;
}

async function withClient(
  context: CommandContext,
  options: ApiOptions,
  work: (client: ApiClient) => Promise<void>,
): Promise<void> {
  const connected = await connect(context, options);
  try {
    await work(connected.client);
  } finally {
    await connected.close();
  }
}

function list(context: CommandContext, options: ListOptions): Promise<void> {
  const { json, url: _url, key: _key, config: _config, limit, severity, ...filters } = options;
  // Servers of builds before this one know no short word.
  const lowest = severity === undefined ? {} : { severity: severityName(severityId(severity)) };
  return withClient(context, options, async (client) => {
    const page = await client.listAlerts({ ...filters, ...lowest, limit: Number(limit) });
    if (json === true) return context.terminal.out(JSON.stringify(page));
    if (page.items.length === 0) return context.terminal.out('No alerts.');
    context.terminal.out(alertList(page.items, context.terminal.columns));
    if (page.next_cursor !== undefined) context.terminal.out(`More: --cursor ${page.next_cursor}`);
  });
}

function show(context: CommandContext, id: string, options: ApiOptions): Promise<void> {
  return withClient(context, options, async (client) => {
    const alert = await client.getAlert(id).catch(withoutAlert(id));
    context.terminal.out(options.json === true ? JSON.stringify(alert) : alertPage(alert));
  });
}

/** @param done what is said when the word is in the log */
function change(
  context: CommandContext,
  id: string,
  options: NoteOptions,
  word: AlertChangeBody,
  done: string,
): Promise<void> {
  const { note } = options;
  return withClient(context, options, async (client) => {
    const answer = await client
      .changeAlert(id, { ...word, ...(note === undefined ? {} : { note }) })
      .catch(withoutAlert(id));
    context.terminal.out(options.json === true ? JSON.stringify(answer) : done);
  });
}

function resend(context: CommandContext, id: string, playbook: string, options: ApiOptions): Promise<void> {
  return withClient(context, options, async (client) => {
    const answer = await client.replayDelivery(id, playbook).catch(withoutAlert(id));
    const text =
      answer.state === 'begun'
        ? `${id} is sent to ${playbook} again.`
        : `${id} is still on its way to ${playbook}; the next attempt is at ${cleaned(answer.next_attempt)}.`;
    context.terminal.out(options.json === true ? JSON.stringify(answer) : text);
  });
}

/** The API says what its callers can do; who typed an id can look it up. */
const withoutAlert =
  (id: string) =>
  (error: unknown): never => {
    if (error instanceof ApiProblem && error.code === 'not_found' && error.problem.field === 'id')
      throw new CommandFailure(`There is no alert ${id}. \`picket alerts list\` shows the ids of those there are.`);
    throw error;
  };
