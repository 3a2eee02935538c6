import { Command } from 'commander';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { counted } from '../counted.ts';
import { prepareDataFolder } from '../data-folder.ts';
import { createLogger } from '../logger.ts';
import { startProgress } from '../progress.ts';
import { type MoveReport, repartition } from '../repartition.ts';
import { sleep } from '../sleep.ts';
import { isUnavailable, openStore, persistWith } from '../storage.ts';
import { table } from '../table.ts';
import { type CreatedTopic, createTopics } from '../topics/create.ts';
import { listTopics, type TopicRow } from '../topics/list.ts';
import { MOVE_STEPS } from '../topics/move-deps.ts';
import { epochInStore, withCluster } from '../topics/workspace.ts';

interface CommonOptions {
  config?: string;
  json?: boolean;
}

interface CreateOptions extends CommonOptions {
  partitions?: number;
  replication?: number;
  intake?: boolean;
}

interface RepartitionOptions extends CommonOptions {
  partitions: number;
  toTopic?: string;
  acceptGaps?: boolean;
}

export function topicsCommand(context: CommandContext): Command {
  const command = new Command('topics').description('Makes and lists the Kafka topics of Picket, and moves its log.');
  const sub = (name: string, description: string) =>
    command
      .command(name)
      .description(description)
      .option('--config <file>', 'configuration file')
      .option('--json', 'print one object');
  sub('create', 'Makes the topics that do not exist, and checks the settings of those that do.')
    .option('--partitions <n>', 'partitions of the log (default: kafka.partitions)', wholeNumber)
    .option('--replication <n>', 'replicas of each partition (default: kafka.replication_factor)', wholeNumber)
    .option('--intake', 'also the topics of kafka.intake')
    .action((options: CreateOptions) => create(context, options));
  sub('list', 'Shows each topic: partitions, replicas, offsets, and how far its readers are behind.').action(
    (options: CommonOptions) => list(context, options),
  );
  sub(
    'repartition',
    'Moves the log to a topic with another number of partitions; also from the embedded log, or to another cluster.',
  )
    .requiredOption('--partitions <n>', 'partitions of the new topic', wholeNumber)
    .option('--to-topic <name>', 'its name (default: the events topic, a dot, and the number of the epoch)')
    .option('--accept-gaps', 'go on although the old topic is gone, elsewhere, or shorter than what is stored')
    .addHelpText('after', REPARTITION_HELP)
    .action((options: RepartitionOptions) => moveLog(context, options));
  return command;
}

const REPARTITION_HELP = `
Stop every picket worker, intake, api and up first; start them again afterwards. If it is interrupted, run it again.
Events, alerts and what was learned of each agent go along. The old topic stays, closed for writing; delete it when you like.`;

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new CommandFailure(`${text} is not a whole number above 0.`, EXIT.usage);
  return Number(text);
}

async function create(context: CommandContext, options: CreateOptions): Promise<void> {
  const config = configOf(context, options);
  const { partitions, replication, intake = false } = options;
  const request = {
    intake,
    ...(partitions === undefined ? {} : { partitions }),
    ...(replication === undefined ? {} : { replication }),
  };
  const topics = await withCluster(config, async (cluster) => {
    const epoch = await epochInStore(config);
    return createTopics(cluster, request, epoch === 'unknown' ? undefined : epoch);
  });
  if (options.json === true) context.terminal.out(JSON.stringify({ topics }));
  else for (const topic of topics) context.terminal.out(createdLine(topic));
  const faults = topics.flatMap((topic) => topic.faults);
  if (faults.length > 0) throw new CommandFailure(faults.join('\n'), EXIT.unhealthy);
}

const createdLine = ({ topic, partitions, created }: CreatedTopic): string =>
  partitions === 0
    ? `missing  ${topic}`
    : `${created ? 'created' : 'exists '}  ${topic} (${counted(partitions, 'partition')})`;

async function list(context: CommandContext, options: CommonOptions): Promise<void> {
  const config = configOf(context, options);
  const { topics, epoch } = await withCluster(config, async (cluster) => {
    const found = await epochInStore(config);
    return { epoch: found, topics: await listTopics(cluster, found === 'unknown' ? undefined : found) };
  });
  const { out } = context.terminal;
  if (options.json === true) return out(JSON.stringify({ epochKnown: epoch !== 'unknown', topics }));
  out(table(LIST_HEAD, topics.map(listedCells), context.terminal.columns));
  if (epoch === 'unknown')
    out(
      'A running Picket holds the store: the topic of the log is the one of the configuration, its epoch is not known.',
    );
}

const LIST_HEAD = ['topic', 'role', 'epoch', 'partitions', 'replicas', 'records', 'lag', 'offsets'] as const;

function listedCells({ topic, role, exists, epoch, replication, partitions }: TopicRow): string[] {
  if (!exists) return [topic, role, String(epoch ?? '-'), '-', '-', '-', '-', 'does not exist'];
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  const records = sum(partitions.map(({ low, high }) => high - low));
  const lags = partitions.flatMap(({ lag }) => lag ?? []);
  return [
    topic,
    role,
    String(epoch ?? '-'),
    String(partitions.length),
    String(replication),
    String(records),
    lags.length === 0 ? '-' : String(sum(lags)),
    partitions.map(({ partition, low, high }) => `${partition}:${low}-${high}`).join(' '),
  ];
}

async function moveLog(context: CommandContext, options: RepartitionOptions): Promise<void> {
  const config = configOf(context, options);
  const { partitions, toTopic, acceptGaps = false } = options;
  prepareDataFolder(config.dataDir);
  const progress = startProgress(context.terminal, 'repartition', MOVE_STEPS.length, 'steps');
  const report = await withCluster(config, async (cluster) => {
    const store = await openStore(config, Date.now);
    try {
      const persist = persistWith(context.stop, createLogger(config.logLevel), isUnavailable);
      return await repartition(
        { partitions, acceptGaps, ...(toTopic === undefined ? {} : { topic: toTopic }) },
        {
          ...cluster,
          config,
          store,
          persist,
          now: Date.now,
          sleep,
          reached(step, facts) {
            // Between two steps it may end: the same command goes on from there.
            context.stop.throwIfAborted();
            progress.update(MOVE_STEPS.indexOf(step) + 1, facts);
          },
        },
      );
    } finally {
      progress.end();
      await store.close();
    }
  });
  if (options.json === true) context.terminal.out(JSON.stringify(report));
  else for (const line of reportLines(report)) context.terminal.out(line);
}

function reportLines({ moved, epoch, agents, forwarded, open }: MoveReport): string[] {
  const { topic, partitions } = epoch;
  return [
    moved
      ? `The log is now ${topic} with ${counted(partitions, 'partition')} (epoch ${epoch.epoch}); ${counted(agents, 'agent')} went along. Start the workers, the intake and the API.`
      : `The log is ${topic} with ${counted(partitions, 'partition')} (epoch ${epoch.epoch}) already: nothing to move.`,
    ...(forwarded > 0 ? [`${forwarded} records that were written to the old topic meanwhile were forwarded.`] : []),
    ...(open === undefined
      ? []
      : [
          `The old topic could not be closed for writing (${open}): make sure that no old process runs, and run this again afterwards.`,
        ]),
  ];
}
