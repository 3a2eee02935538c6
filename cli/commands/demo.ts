import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadConfig } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { announceRunning, retractRunning } from '../data-folder.ts';
import { reportOf, summaryOf } from '../demo/report.ts';
import { type DemoRun, runDemo } from '../demo/run.ts';
import { startProgress } from '../progress.ts';
import { type SimulatedFleet, SMALL_FLEET, simulateFleet } from '../simulate/fleet.ts';
import { portOf } from './listen-options.ts';

interface DemoOptions {
  seed: string;
  small?: boolean;
  keep?: boolean;
  json?: boolean;
  port?: number;
}

export const demoCommand = (context: CommandContext): Command =>
  new Command('demo')
    .description(
      'Simulates a fleet of agents with planted attacks, runs the whole path on the embedded engine, and shows what was caught.',
    )
    .option('--seed <n>', 'the same seed gives the same fleet', '1')
    .option('--small', 'fewer agents, days and events')
    .option('--keep', 'keep the API up afterwards, to look around')
    .option('--port <number>', 'port of the API with --keep (default: a free one)', portOf)
    .option('--json', 'print one object instead of the report')
    .action((options: DemoOptions) => demo(context, options));

async function demo(context: CommandContext, options: DemoOptions): Promise<void> {
  const { terminal, stop } = context;
  const fleet = simulateFleet({ seed: options.seed, ...(options.small === true ? SMALL_FLEET : {}) });
  const folder = mkdtempSync(join(tmpdir(), 'picket-demo-'));
  if (options.json !== true) {
    const days = Math.round((fleet.endMs - fleet.startMs) / 86_400_000);
    terminal.out(
      `Seed ${options.seed}: ${fleet.agents.length} agents over ${days} simulated days, ${fleet.stories.length} planted attacks.`,
    );
  }
  const progress = startProgress(terminal, 'demo', fleet.events.length, 'events');
  try {
    const run = await runDemo(demoConfig(folder, options), fleet, (done) => progress.update(done), stop);
    progress.end();
    terminal.out(options.json === true ? JSON.stringify(summaryOf(fleet, run)) : reportOf(fleet, run));
    if (options.keep === true) await keepUp(context, folder, fleet, run);
    else if (options.json !== true) terminal.out('\nLook around yourself: npm run demo -- --keep');
    await run.stop();
  } finally {
    progress.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

const demoConfig = (folder: string, { port }: DemoOptions) => ({
  ...loadConfig({ cwd: folder, env: {} }),
  // Models of kinds are made of stored states. Days pass in half a second here, so that no checkpoint comes by the clock.
  checkpointRecords: 10_000,
  port: port ?? 0,
  logLevel: 'error',
});

async function keepUp(
  { terminal, stop }: CommandContext,
  folder: string,
  fleet: SimulatedFleet,
  run: DemoRun,
): Promise<void> {
  announceRunning(join(folder, 'data'), { url: run.url, pid: process.pid });
  const key = `$(cat ${run.app.adminKeyFile})`;
  const agent = fleet.stories[0]?.agent ?? fleet.agents[0]?.id ?? '';
  terminal.out(
    [
      `\nThe API stays up on ${run.url} until you press Ctrl-C. Try:`,
      `  curl -s -H "Authorization: Bearer ${key}" '${run.url}/v1/alerts?severity=high&limit=3'`,
      `  curl -s -H "Authorization: Bearer ${key}" '${run.url}/v1/agents/${encodeURIComponent(agent)}'`,
      `  curl -s -H "Authorization: Bearer ${key}" '${run.url}/v1/events?min_score=0.4&limit=3'`,
    ].join('\n'),
  );
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
  retractRunning(join(folder, 'data'));
}
