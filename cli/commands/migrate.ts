import { Command } from 'commander';
import { migrate } from '../../store/migrate.ts';
import { type CommandContext, configOf } from '../context.ts';
import { counted } from '../counted.ts';
import { sleep } from '../sleep.ts';
import { openUnmigrated } from '../storage.ts';

export const migrateCommand = (context: CommandContext): Command =>
  new Command('migrate')
    .description('Brings the store to the newest schema. `picket up` does it by itself.')
    .option('--config <file>', 'configuration file')
    .action((options: { config?: string }) => run(context, options));

async function run(context: CommandContext, options: { config?: string }): Promise<void> {
  const config = configOf(context, options);
  const store = await openUnmigrated(config);
  try {
    const applied = await migrate(store, { now: Date.now, sleep });
    for (const { version, name, statements } of applied)
      context.terminal.out(`${version} ${name}: ${counted(statements, 'statement')}`);
    context.terminal.out(applied.length === 0 ? `${store.place} is up to date.` : `${store.place} is now up to date.`);
  } finally {
    await store.close();
  }
}
