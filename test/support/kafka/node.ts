import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrokerConfig, brokerProperties, SCRAM_MECHANISMS } from './broker-config.ts';

const LOG_TAIL_CHARACTERS = 6_000;
const GRACE_MS = 10_000;
/** The process lives for seconds to minutes: a quick start is worth more than peak speed. */
export const BROKER_JVM = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.net.preferIPv4Stack=true',
];
const LOGGING = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-Dorg.slf4j.simpleLogger.showDateTime=true'];

export interface KafkaNodeOptions extends Omit<BrokerConfig, 'dataDir'> {
  readonly clusterId: string;
  readonly jars: string;
  /** Of this node alone: data, properties, log, pid. */
  readonly folder: string;
  readonly jvmOptions: readonly string[];
}

/** One broker as a process, which may be ended and started again on the same data. */
export interface KafkaNode {
  /** Formats the data folder when it is new, and starts the process; does not wait until it answers. */
  start(): Promise<void>;
  /** Ends it and waits until it is gone. SIGKILL gives it no chance to flush; SIGTERM is followed by SIGKILL after 10 s. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** The process stands still; its connections stay open and nobody answers. */
  pause(): void;
  resume(): void;
  isRunning(): boolean;
  /** Rejects, with the end of its log, when the process ends that runs now. */
  failure(): Promise<never>;
  /** The end of what it and the JVM have logged, over all its starts. */
  logTail(): Promise<string>;
}

export function createKafkaNode(options: KafkaNodeOptions): KafkaNode {
  const files = filesOf(options.folder);
  let child: ChildProcess | undefined;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  const send = (signal: NodeJS.Signals) => {
    if (!isRunning()) throw new Error(`Node ${options.nodeId} is not running.`);
    child?.kill(signal);
  };
  const logTail = async () => (await readFile(files.log, 'utf8').catch(() => '')).slice(-LOG_TAIL_CHARACTERS);
  return {
    isRunning,
    logTail,
    async start() {
      if (isRunning()) throw new Error(`Node ${options.nodeId} runs already.`);
      refuseSecond(files.pid);
      mkdirSync(files.data, { recursive: true });
      writeFileSync(files.properties, brokerProperties({ ...options, dataDir: files.data }));
      if (!existsSync(join(files.data, 'meta.properties'))) await format(options);
      child = run(options, ['kafka.Kafka', files.properties]);
      await once(child, 'spawn');
      writeFileSync(files.pid, String(child.pid));
      child.once('exit', () => rmSync(files.pid, { force: true }));
    },
    async end(signal) {
      if (child === undefined || !isRunning()) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      // A process that stands still hears SIGTERM only once it goes on.
      child.kill('SIGCONT');
      const timer = setTimeout(() => child?.kill('SIGKILL'), GRACE_MS);
      await exited;
      clearTimeout(timer);
    },
    pause: () => send('SIGSTOP'),
    resume: () => send('SIGCONT'),
    async failure() {
      if (child !== undefined && isRunning()) await once(child, 'exit');
      const how = child?.exitCode ?? child?.signalCode ?? 'never started';
      throw new Error(`Kafka node ${options.nodeId} ended (${how}). The end of its log:\n${await logTail()}`);
    },
  };
}

const filesOf = (folder: string) => ({
  data: join(folder, 'data'),
  properties: join(folder, 'server.properties'),
  log: join(folder, 'kafka.log'),
  pid: join(folder, 'pid'),
});

/** The pid file belongs to the node that runs on this folder, whoever started it: a second one would take it away and then fail. */
function refuseSecond(pidFile: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    process.kill(pid, 0);
  } catch {
    return;
  }
  throw new Error(
    `Kafka runs on this folder already, as process ${pid}. If that is another program, remove ${pidFile}.`,
  );
}

async function format(options: KafkaNodeOptions): Promise<void> {
  const { properties, log } = filesOf(options.folder);
  const scram = (options.users ?? []).flatMap(({ username, password }) =>
    SCRAM_MECHANISMS.flatMap((name) => ['--add-scram', `${name}=[name=${username},password=${password}]`]),
  );
  const child = run(options, [
    'kafka.tools.StorageTool',
    'format',
    '-t',
    options.clusterId,
    '-c',
    properties,
    ...scram,
  ]);
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Formatting the storage failed (${code}):\n${await readFile(log, 'utf8')}`);
}

function run({ jars, folder, jvmOptions }: KafkaNodeOptions, command: readonly string[]): ChildProcess {
  const log = openSync(filesOf(folder).log, 'a');
  try {
    return spawn('java', [...BROKER_JVM, ...jvmOptions, ...LOGGING, '-cp', join(jars, '*'), ...command], {
      stdio: ['ignore', log, log],
      // A session of its own: Ctrl-C of the person at the terminal ends the parent, which ends it in order.
      detached: true,
    });
  } finally {
    closeSync(log);
  }
}
