import { randomBytes } from 'node:crypto';
import { Command, Option } from 'commander';
import { createKey, listKeys, revokeKey } from '../../api/key-store.ts';
import { SCOPES, type Scope } from '../../api/keys.ts';
import type { Store } from '../../store/store.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { openStore } from '../storage.ts';
import { table } from '../table.ts';
import { DEFAULT_TENANT } from '../tenant.ts';

interface KeyOptions {
  config?: string;
  tenant: string;
}

export function keysCommand(context: CommandContext): Command {
  const command = new Command('keys').description(
    'Makes, lists and revokes API keys. With the embedded engine: while no server runs.',
  );
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--tenant <name>', 'tenant', DEFAULT_TENANT)
      .option('--config <file>', 'configuration file');
  sub('create', 'Makes a key and prints it once.')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices([...SCOPES]).makeOptionMandatory())
    .option('--days <n>', 'days until it expires (default: never)')
    .action((name: string, options: KeyOptions & { scope: Scope[]; days?: string }) => create(context, name, options));
  sub('list', 'Lists keys; the keys themselves are not stored.').action((options: KeyOptions) =>
    list(context, options),
  );
  sub('revoke', 'Revokes a key; it stops working within 5 seconds.')
    .argument('<id>', 'key id')
    .action((id: string, options: KeyOptions) => revoke(context, id, options));
  return command;
}

async function withStore<T>(
  context: CommandContext,
  options: KeyOptions,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(configOf(context, options), Date.now);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const DEPS = { now: Date.now, randomBytes };

async function create(
  context: CommandContext,
  name: string,
  options: KeyOptions & { scope: Scope[]; days?: string },
): Promise<void> {
  const days = options.days === undefined ? undefined : Number(options.days);
  if (days !== undefined && !(days > 0)) throw new CommandFailure('--days is a number above 0.', EXIT.usage);
  const expiry = days === undefined ? {} : { expiresMs: Date.now() + days * 86_400_000 };
  const request = { tenant: options.tenant, name, scopes: options.scope, ...expiry };
  const { keyId, key } = await withStore(context, options, (store) => createKey(store, DEPS, request));
  context.terminal.err(`Key ${keyId} for ${options.tenant}; it cannot be shown again:`);
  context.terminal.out(key);
}

async function list(context: CommandContext, options: KeyOptions): Promise<void> {
  const keys = await withStore(context, options, (store) => listKeys(store, options.tenant));
  const rows = keys.map(({ keyId, name, scopes, createdMs, expiresMs, revoked }) => [
    keyId,
    name,
    scopes.join(','),
    new Date(createdMs).toISOString().slice(0, 10),
    expiresMs === 0 ? 'never' : new Date(expiresMs).toISOString().slice(0, 10),
    revoked ? 'revoked' : 'active',
  ]);
  context.terminal.out(table(['key', 'name', 'scopes', 'created', 'expires', 'state'], rows));
}

async function revoke(context: CommandContext, id: string, options: KeyOptions): Promise<void> {
  const found = await withStore(context, options, (store) => revokeKey(store, DEPS, options.tenant, id));
  if (!found) throw new CommandFailure(`No key ${id} in tenant ${options.tenant}.`, EXIT.usage);
  context.terminal.out(`${id} is revoked.`);
}
