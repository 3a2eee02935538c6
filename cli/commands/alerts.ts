import { Command, Option } from 'commander';
import { ALERT_STATES, DISPOSITIONS, type Disposition } from '../../ingest/log.ts';
import { alertList, alertPage } from '../alerts/page.ts';
import { cleaned } from '../cleaned.ts';
import { connect } from '../connect.ts';
import type { CommandContext } from '../context.ts';
import { type ApiOptions, apiSubcommand } from './api-options.ts';

const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'];

export function alertsCommand(context: CommandContext): Command {
  const command = new Command('alerts').description('Works the alert queue from the terminal.');
  const sub = (name: string, description: string) => apiSubcommand(command, name, description);
  sub('list', 'Lists alerts, newest first.')
    .option('--agent <id>', 'only this agent')
    .option('--detector <name>', 'only this detector')
    .addOption(new Option('--severity <name>', 'at least this severity').choices(SEVERITIES))
    .addOption(new Option('--state <state>', 'only this state').choices([...ALERT_STATES]))
    .option('--since <time>', 'seen at or after this time (RFC 3339)')
    .option('--limit <n>', 'at most so many', '50')
    .option('--cursor <cursor>', 'go on after a page')
    .action((options: ApiOptions & Record<string, string>) => list(context, options));
  sub('show', 'Shows one alert with its evidence.')
    .argument('<id>', 'alert id')
    .action((id: string, options: ApiOptions) => show(context, id, options));
  sub('close', 'Closes an alert with a disposition; a dismissed session is learned, a confirmed one never is.')
    .argument('<id>', 'alert id')
    .addOption(new Option('--disposition <word>', 'what it was').choices([...DISPOSITIONS]).makeOptionMandatory())
    .option('--note <text>', 'why, for those who come after')
    .action((id: string, options: ApiOptions & { disposition: Disposition; note?: string }) =>
      close(context, id, options),
    );
  sub('resend', 'Sends an alert to a playbook again, after that delivery has ended.')
    .argument('<id>', 'alert id')
    .argument('<playbook>', 'name of the playbook, as `show --json` lists deliveries')
    .action((id: string, playbook: string, options: ApiOptions) => resend(context, id, playbook, options));
  return command;
}

async function list(context: CommandContext, options: ApiOptions & Record<string, unknown>): Promise<void> {
  const { json, url: _url, key: _key, config: _config, limit, ...query } = options;
  const connected = await connect(context, options);
  try {
    const page = await connected.client.listAlerts({ ...query, limit: Number(limit) });
    if (json === true) return context.terminal.out(JSON.stringify(page));
    if (page.items.length === 0) return context.terminal.out('No alerts.');
    context.terminal.out(alertList(page.items, context.terminal.columns));
    if (page.next_cursor !== undefined) context.terminal.out(`More: --cursor ${page.next_cursor}`);
  } finally {
    await connected.close();
  }
}

async function show(context: CommandContext, id: string, options: ApiOptions): Promise<void> {
  const connected = await connect(context, options);
  try {
    const alert = await connected.client.getAlert(id);
    context.terminal.out(options.json === true ? JSON.stringify(alert) : alertPage(alert));
  } finally {
    await connected.close();
  }
}

async function close(
  context: CommandContext,
  id: string,
  options: ApiOptions & { disposition: Disposition; note?: string },
): Promise<void> {
  const { disposition, note } = options;
  const connected = await connect(context, options);
  try {
    const answer = await connected.client.changeAlert(id, {
      state: 'closed',
      disposition,
      ...(note === undefined ? {} : { note }),
    });
    context.terminal.out(options.json === true ? JSON.stringify(answer) : `${id} is closed as ${disposition}.`);
  } finally {
    await connected.close();
  }
}

async function resend(context: CommandContext, id: string, playbook: string, options: ApiOptions): Promise<void> {
  const connected = await connect(context, options);
  try {
    const answer = await connected.client.replayDelivery(id, playbook);
    const text =
      answer.state === 'begun'
        ? `${id} is sent to ${playbook} again.`
        : `${id} is still on its way to ${playbook}; the next attempt is at ${cleaned(answer.next_attempt)}.`;
    context.terminal.out(options.json === true ? JSON.stringify(answer) : text);
  } finally {
    await connected.close();
  }
}
