import { Command } from 'commander';
import { ApiProblem, createApiClient, fetchTransport } from '../../api/client.ts';
import type { IntakeResult } from '../../api/ports.ts';
import { type RawLine, readLines } from '../../ingest/lines.ts';
import { cleaned } from '../cleaned.ts';
import type { Config } from '../config.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { counted } from '../counted.ts';
import { apiKeyOf, prepareDataFolder, runningServer } from '../data-folder.ts';
import { withDerivedId } from '../derived-id.ts';
import { createLogger } from '../logger.ts';
import { startProgress } from '../progress.ts';
import { spoolStandardInput } from '../standard-input.ts';
import { DEFAULT_TENANT } from '../tenant.ts';

interface ReplayOptions {
  config?: string;
  to?: string;
  key?: string;
  json?: boolean;
  kafka?: string;
  unkeyed?: boolean;
}

export const replayCommand = (context: CommandContext): Command =>
  new Command('replay')
    .description(
      'Sends a file of events (JSON Lines, optionally gzip; - for standard input) to the intake. Twice the same file changes nothing.',
    )
    .argument('<file>', 'file of events, or -')
    .option('--to <url>', 'intake to send to (default: the server on the data folder, else the embedded engine)')
    .option('--key <key>', 'API key with scope ingest (default: PICKET_API_KEY, else the admin key of the data folder)')
    .option('--kafka <topic>', 'write to this Kafka topic instead, as a forwarder would; see kafka.intake')
    .option('--unkeyed', 'with --kafka: records without a key, spread over the partitions (default: keyed by agent id)')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print one object')
    .action((file: string, options: ReplayOptions) => replay(context, file, options));

/**
 * Hands records on; resolves when they are durable. `deliveryId` is the same whenever the same part of the same file is sent: events
 * that bring no usable id (`"id": null`) get the same one from it again.
 */
interface Receiver {
  readonly place: string;
  /** What to read, as `readLines` takes it. */
  readonly input: string;
  send(records: Uint8Array[], deliveryId: string): Promise<IntakeResult>;
  close(): Promise<void>;
}

const BATCH_RECORDS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;
const REJECTED_SHOWN = 10;

async function replay(context: CommandContext, file: string, options: ReplayOptions): Promise<void> {
  const { terminal, stop } = context;
  const receiver = await receiverFor(context, file, options);
  const progress = startProgress(terminal, 'replay', 0, 'events');
  const startedMs = performance.now();
  const total = { sent: 0, accepted: 0, rejected: 0 };
  const send = async (batch: readonly RawLine[]) => {
    const { accepted, rejected } = await receiver.send(batch.map(withDerivedId), `replay:${batch[0]?.prefixDigest}`);
    for (const { index, code, field, message } of rejected.slice(0, Math.max(0, REJECTED_SHOWN - total.rejected))) {
      const where = field === '' ? '' : ` at ${field}`;
      terminal.err(cleaned(`line ${batch[index]?.number}: ${code}${where}: ${message}`));
    }
    total.sent += batch.length;
    total.accepted += accepted;
    total.rejected += rejected.length;
    progress.update(total.sent, `${rate(total.sent, startedMs)}/s`);
  };
  try {
    let batch: RawLine[] = [];
    let bytes = 0;
    for await (const line of readLines(receiver.input)) {
      if (stop.aborted)
        throw new CommandFailure(`Interrupted after ${counted(total.sent, 'event')}; run it again to go on.`);
      batch.push(line);
      bytes += line.line.byteLength;
      if (batch.length < BATCH_RECORDS && bytes < BATCH_BYTES) continue;
      await send(batch);
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) await send(batch);
  } finally {
    progress.end();
    await receiver.close();
  }
  const seconds = (performance.now() - startedMs) / 1000;
  if (options.json === true)
    terminal.out(JSON.stringify({ ...total, seconds: Number(seconds.toFixed(3)), place: receiver.place }));
  else
    terminal.out(
      `${counted(total.sent, 'event')} to ${receiver.place}: ${total.accepted} accepted, ${total.rejected} rejected, ${seconds.toFixed(1)} s (${rate(total.sent, startedMs)}/s).`,
    );
  if (total.rejected > 0 && total.accepted === 0 && total.sent > 0) process.exitCode = EXIT.usage;
}

const rate = (count: number, startedMs: number): number =>
  Math.round(count / Math.max(0.001, (performance.now() - startedMs) / 1000));

async function receiverFor(context: CommandContext, file: string, options: ReplayOptions): Promise<Receiver> {
  const config = configOf(context, options);
  if (options.kafka !== undefined) return kafkaReceiver(context, file, config, options.kafka, options.unkeyed !== true);
  const url = options.to ?? runningServer(config.dataDir)?.url;
  if (url !== undefined) {
    const key = apiKeyOf(options.key, context.env, config.dataDir);
    if (key === undefined)
      throw new CommandFailure(`No API key for ${url}: pass --key or set PICKET_API_KEY.`, EXIT.usage);
    const client = createApiClient(fetchTransport({ url, key, fetch }));
    const newline = Buffer.from('\n');
    const lines = (records: Uint8Array[]) => Buffer.concat(records.flatMap((record) => [record, newline]));
    return {
      place: url,
      input: file,
      send: (records, deliveryId) =>
        client
          .postEvents(lines(records), 'application/x-ndjson', { gzip: true, idempotencyKey: deliveryId })
          .catch(noneAccepted),
      close: async () => {},
    };
  }
  return embeddedReceiver(context, file, config);
}

async function kafkaReceiver(
  { stop }: CommandContext,
  file: string,
  config: Config,
  topic: string,
  keyed: boolean,
): Promise<Receiver> {
  if (config.kafka === undefined) throw new CommandFailure('--kafka needs brokers: set KAFKA_BROKERS.', EXIT.usage);
  const { openForwarder } = await import('../forwarder.ts');
  prepareDataFolder(config.dataDir);
  const input = file === '-' ? await spoolStandardInput(config.dataDir, stop) : { path: file, remove: () => {} };
  const forwarder = await openForwarder(config.kafka, topic, keyed, createLogger('warn')).catch((error: unknown) => {
    input.remove();
    throw error;
  });
  return {
    place: `Kafka topic ${topic}`,
    input: input.path,
    async send(records) {
      await forwarder.send(records);
      return { accepted: records.length, rejected: [] };
    },
    async close() {
      await forwarder.close();
      input.remove();
    },
  };
}

async function embeddedReceiver({ stop }: CommandContext, file: string, config: Config): Promise<Receiver> {
  // Loaded only here, like the way to Kafka above: what is sent to a server needs neither.
  const { startApp } = await import('../app.ts');
  prepareDataFolder(config.dataDir);
  const input = file === '-' ? await spoolStandardInput(config.dataDir, stop) : { path: file, remove: () => {} };
  const deps = { now: Date.now, logger: createLogger('warn'), onFailure: () => {} };
  const app = await startApp(config, deps).catch((error: unknown) => {
    input.remove();
    throw error;
  });
  return {
    place: app.store.place,
    input: input.path,
    send: (records, deliveryId) =>
      app.intake.accept(DEFAULT_TENANT, records, { requestId: deliveryId, idempotencyKey: deliveryId }),
    async close() {
      await app.dispatcher.drain(10_000);
      await app.stop();
      input.remove();
    },
  };
}

/** A batch without one good line is no reason to stop: its lines are listed like all others. */
function noneAccepted(error: unknown): IntakeResult {
  if (!(error instanceof ApiProblem) || error.code !== 'nothing_accepted') throw error;
  return { accepted: 0, rejected: error.problem.rejected ?? [] };
}
