/** `npm run chaos`: the long form of the chaos test over Kafka, for as many kills as somebody has time for. */
import { Command, InvalidArgumentError } from 'commander';
import { startKafka } from '../test/support/kafka/cluster.ts';
import type { ChaosOptions } from '../test/support/kafka-chaos/plan.ts';
import { type ChaosReport, openChaos } from '../test/support/kafka-chaos/run.ts';

interface Options {
  readonly kills: number;
  readonly workers: number;
  readonly agents?: number;
  readonly seed: string;
  readonly json?: boolean;
}

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) throw new InvalidArgumentError('1 to 10000.');
  return number;
};

const command = new Command('chaos')
  .description(
    'Kills workers and intake processes over a real broker while events come, from one worker to several and back, lets some stand\n' +
      'still for longer than their session, and compares what is stored with an undisturbed run. Needs Java 17 or later.\n' +
      'Ends with 1 when anything is lost, doubled or different. Steps and victims follow from the seed; the rest is up to the machine.',
  )
  .option('--kills <count>', 'SIGKILLs of workers and intake processes', whole, 200)
  .option('--workers <count>', 'workers at most', whole, 4)
  .option('--agents <count>', 'simulated agents, of about 700 events each (default: by the number of kills)', whole)
  .option('--seed <text>', 'of events, steps and victims', 'chaos')
  .option('--json', 'print the report as one object')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(error.stack ?? error.message));

function optionsOf({ kills, workers, seed, agents }: Options): ChaosOptions {
  return {
    seed,
    kills,
    workers,
    intakes: 2,
    partitions: 12,
    // Some 400 events for each kill.
    agents: agents ?? Math.max(60, Math.ceil(kills * 0.6)),
    scaleOuts: Math.max(1, Math.floor(kills / 50)),
    zombies: Math.max(1, Math.floor(kills / 10)),
    brokerRestarts: Math.max(1, Math.floor(kills / 20)),
  };
}

async function run(given: Options): Promise<void> {
  const options = optionsOf(given);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  say(`Seed ${options.seed}: ${options.kills} kills, 1 to ${options.workers} workers, ${options.agents} agents.`);
  const kafka = await startKafka({ nodes: 1 });
  const startedMs = performance.now();
  let told = 0;
  try {
    const chaos = await openChaos(kafka, options);
    try {
      const report = await chaos.run(({ kills, inFlight, rebalances }, share) => {
        if (kills < told + options.kills / 20) return;
        told = kills;
        const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
        say(
          `${minutes} min: ${Math.round(share * 100)} % stored, ${kills} kills, ${inFlight} in flight, ${rebalances} rebalances`,
        );
      });
      process.stdout.write(given.json ? `${JSON.stringify(report)}\n` : textOf(report));
      if (Object.values(wrongs(report)).some((found) => found.length > 0)) process.exitCode = 1;
    } finally {
      await chaos.close();
    }
  } finally {
    await kafka.stop();
  }
}

function wrongs({ audit, surprises }: ChaosReport): Record<string, readonly string[]> {
  return {
    lost: audit.lost,
    doubled: audit.doubled,
    'never sent': audit.strangers,
    'another verdict': audit.otherVerdicts,
    'different from the undisturbed run': audit.differences,
    'alerts without a webhook': audit.untold,
    'processes that ended or did not start by themselves': surprises,
  };
}

function textOf(report: ChaosReport): string {
  const { audit, surprises: _, seed, ...figures } = report;
  const { records, hits, alerts, states } = audit;
  const lines = [
    `seed ${seed}`,
    ...Object.entries({ ...figures, records, hits, alerts, states }).map(([name, value]) => `${name}: ${value}`),
    ...Object.entries(wrongs(report)).map(
      ([name, found]) => `${name}: ${found.length} ${found.slice(0, 5).join('\n  ')}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
