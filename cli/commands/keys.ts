import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ApiProblem } from '../../api/client.ts';
import { parseKey, SCOPES, type Scope } from '../../api/keys.ts';
import type { KeyBody, RotatedKeyBody } from '../../api/schemas/key.ts';
import { cleaned } from '../cleaned.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { ADMIN_KEY_FILE, readAdminKey, writeSecretFile } from '../data-folder.ts';
import { type OpenKeys, openKeys } from '../keys/open-keys.ts';
import { keyList } from '../keys/page.ts';

interface KeyOptions {
  config?: string;
  tenant?: string;
  url?: string;
  key?: string;
  json?: boolean;
}

const HELP = `
The server that runs on the data folder is asked, with a key that has scope admin: it changes keys of that key's tenant, and a revoked key
stops working at once. Without a server the store is opened, and --tenant says whose keys are meant. Other processes on the same
ClickHouse take a revoked key for 5 seconds more at most.`;

export function keysCommand(context: CommandContext): Command {
  const command = new Command('keys')
    .description('Makes, lists, replaces and revokes API keys.')
    .addHelpText('after', HELP);
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--tenant <name>', 'where no server is asked: whose keys (default: default)')
      .option('--url <url>', 'API to ask (default: the server on the data folder, else the store itself)')
      .option(
        '--key <key>',
        'API key with scope admin (default: PICKET_API_KEY, else the admin key of the data folder)',
      )
      .option('--config <file>', 'configuration file')
      .option('--json', 'print the answer as one JSON object');
  sub('create', 'Makes a key and prints it once.')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices([...SCOPES]).makeOptionMandatory())
    .option('--days <n>', 'days until it expires (default: never)')
    .action((name: string, options: KeyOptions & { scope: Scope[]; days?: string }) => create(context, name, options));
  sub('list', 'Lists keys; the keys themselves are not stored.').action((options: KeyOptions) =>
    list(context, options),
  );
  sub('revoke', 'Revokes a key.')
    .argument('<id>', 'key id')
    .action((id: string, options: KeyOptions) => revoke(context, id, options));
  sub('rotate', 'Replaces a key by a new one of the same name, scopes and end, and prints it once.')
    .argument('<id>', 'key id')
    .option('--grace-hours <n>', 'how long the old key works beside it, at most 168', '0')
    .action((id: string, options: KeyOptions & { graceHours: string }) => rotate(context, id, options));
  return command;
}

async function withKeys(
  context: CommandContext,
  options: KeyOptions,
  work: (keys: OpenKeys) => Promise<void>,
): Promise<void> {
  const keys = await openKeys(context, configOf(context, options), options);
  try {
    await work(keys);
  } finally {
    await keys.close();
  }
}

async function create(
  context: CommandContext,
  name: string,
  options: KeyOptions & { scope: Scope[]; days?: string },
): Promise<void> {
  const expiry = options.days === undefined ? {} : { expires: daysFromNow(options.days) };
  const wish = { name, scopes: [...new Set(options.scope)], ...expiry };
  await withKeys(context, options, async (keys) => {
    const { terminal } = context;
    const made = await keys.create(wish);
    if (options.json === true) return terminal.out(JSON.stringify(made));
    const { id, key } = cleaned(made);
    terminal.err(`Key ${id} for ${keys.whose}; it cannot be shown again:`);
    terminal.out(key);
  });
}

const DAYS_MAX = 25_000;

function daysFromNow(text: string): string {
  const days = Number(text);
  if (!(days > 0 && days <= DAYS_MAX))
    throw new CommandFailure(`--days is a number above 0, up to ${DAYS_MAX}.`, EXIT.usage);
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** Pages of 200; who has more keys than these hold is told so. */
const PAGES_MAX = 50;

async function list(context: CommandContext, options: KeyOptions): Promise<void> {
  await withKeys(context, options, async (keys) => {
    const { terminal } = context;
    const { items, more } = await everyKey(keys);
    if (options.json === true) terminal.out(JSON.stringify({ items }));
    else if (items.length === 0) terminal.out('No keys.');
    else terminal.out(keyList(items));
    if (more) terminal.err(`Only the newest ${items.length} keys are shown.`);
  });
}

async function everyKey(keys: OpenKeys): Promise<{ items: KeyBody[]; more: boolean }> {
  const items: KeyBody[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await keys.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...answer.items);
    cursor = answer.next_cursor;
    if (cursor === undefined) return { items, more: false };
  }
  return { items, more: true };
}

async function revoke(context: CommandContext, id: string, options: KeyOptions): Promise<void> {
  await withKeys(context, options, async (keys) => {
    const revoked = await keys.revoke(id).catch((error) => explainMissing(error, id, keys));
    context.terminal.out(options.json === true ? JSON.stringify(revoked) : `${id} is revoked.`);
    const file = adminKeyFileOf(context, options, id);
    if (file !== undefined)
      context.terminal.err(`${file.path} holds this key. Put another there, or remove it: the next start makes one.`);
  });
}

async function rotate(
  context: CommandContext,
  id: string,
  options: KeyOptions & { graceHours: string },
): Promise<void> {
  const hours = Number(options.graceHours);
  if (!(hours >= 0 && hours <= 168)) throw new CommandFailure('--grace-hours is a number from 0 to 168.', EXIT.usage);
  await withKeys(context, options, async (keys) => {
    const { terminal } = context;
    const made = await keys.rotate(id, Math.round(hours * 3600)).catch((error) => explainMissing(error, id, keys));
    if (options.json === true) terminal.out(JSON.stringify(made));
    else sayRotated(terminal, id, cleaned(made));
    // Only now: a folder that cannot be written to must not cost the key.
    const file = adminKeyFileOf(context, options, id);
    if (file === undefined) return;
    writeSecretFile(file.folder, ADMIN_KEY_FILE, `${made.key}\n`);
    terminal.err(`It also stands in ${file.path} now, in place of the old one.`);
  });
}

function sayRotated(
  { out, err }: CommandContext['terminal'],
  id: string,
  { id: newId, key, replaced }: RotatedKeyBody,
) {
  const end = replaced.state === 'revoked' ? 'is revoked' : `works until ${replaced.expires}`;
  err(`${id} ${end}. Key ${newId} replaces it; it cannot be shown again:`);
  out(key);
}

/** The file that commands take their key from, if this key is in it. A server that was named may have another data folder. */
function adminKeyFileOf(context: CommandContext, options: KeyOptions, id: string) {
  const folder = configOf(context, options).dataDir;
  const held = options.url === undefined ? readAdminKey(folder) : undefined;
  return held !== undefined && parseKey(held) === id ? { folder, path: join(folder, ADMIN_KEY_FILE) } : undefined;
}

function explainMissing(error: unknown, id: string, { whose }: OpenKeys): never {
  if (!(error instanceof ApiProblem && error.problem.field === 'id' && error.code === 'not_found')) throw error;
  throw new CommandFailure(`No key ${id} in ${whose}.`, EXIT.usage);
}
