/** `npm run kafka`: Apache Kafka on this machine without Docker, for people. */
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { startKafka } from '../test/support/kafka/cluster.ts';
import { kafkaJars } from '../test/support/kafka/jars.ts';

interface Options {
  readonly nodes: 1 | 3;
  readonly port: number;
  readonly data?: string;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

const command = new Command('kafka')
  .description(
    'Runs Apache Kafka 4 on 127.0.0.1 until Ctrl-C, from its published jars: needs Java 17 or later, and Maven for the first time.\n' +
      'Topics are not created by using them; Picket creates its own.',
  )
  .option('--nodes <count>', 'brokers: 1 or 3', parseNodes, 1)
  .option('--port <port>', 'of the first broker; the others take the next ones', parsePort, 9092)
  .option('--data <dir>', 'keep the data in this folder (default: temporary, gone at the end)')
  .action(run);
await command.parseAsync().catch((error: Error) => command.error(error.message));

async function run({ nodes, port, data }: Options): Promise<void> {
  const jars = await kafkaJars({ env: process.env, onProgress: printDownload });
  print(`Starting Kafka with ${nodes === 1 ? '1 node' : `${nodes} nodes`} ...`);
  const clientPorts = Array.from({ length: nodes }, (_, i) => port + i);
  const kafka = await startKafka({ jars, nodes, clientPorts, ...(data && { dataDir: resolve(data) }) });
  const brokers = kafka.brokers.join(',');
  print(`Kafka listens on ${brokers}\n\n  export KAFKA_BROKERS=${brokers}\n`);
  print(`${data ? `Data is kept in ${data}.` : 'Data is temporary.'} Ctrl-C stops it.`);
  try {
    // A second Ctrl-C ends this process at once, and the brokers with it.
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), kafka.failure()]);
    print('Stopping ...');
  } finally {
    await kafka.stop();
  }
}

function printDownload(line: string): void {
  const [, jar, size = ''] = /^Downloaded from \S+: \S+\/(\S+\.jar)(.*)/.exec(line) ?? [];
  if (jar !== undefined) print(`Downloaded ${jar}${size}`);
}

function parseNodes(text: string): 1 | 3 {
  if (text === '1') return 1;
  if (text === '3') return 3;
  throw new InvalidArgumentError('Kafka runs with 1 node or 3.');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_533) throw new InvalidArgumentError('A port is 1 to 65533.');
  return port;
}
