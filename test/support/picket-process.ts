import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { compiledPicket } from './compiled-picket.ts';

/** `node` with this as its first argument is the command. */
export const PICKET_MAIN = await compiledPicket();

export interface PicketOptions {
  /** Added to an environment that holds nothing of the person's who runs the test but PATH, HOME and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder; the temporary folder of the system when absent. */
  readonly cwd?: string;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], { env = {}, cwd }: PicketOptions): ChildProcess {
  const { PATH, HOME, TMPDIR } = process.env;
  const inherited = Object.fromEntries(
    Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined),
  );
  return spawn(process.execPath, [PICKET_MAIN, ...args], {
    env: { ...inherited, PICKET_LOG_LEVEL: 'warn', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Runs a command of `picket` to its end. */
export async function runPicket(
  args: readonly string[],
  options: PicketOptions & {
    readonly stdin?: string | Uint8Array;
    /** Called once it runs; may send it signals. */
    readonly meanwhile?: (signal: (name: NodeJS.Signals) => void) => Promise<void>;
  } = {},
): Promise<Ended> {
  const child = start(args, options);
  const meanwhile = options.meanwhile?.((name) => void child.kill(name));
  // A command that does not read its input may be gone before all of it is written.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.stdin ?? '');
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [stdout, stderr, [code]] = await Promise.all([outputOf(child.stdout), outputOf(child.stderr), exited]);
  await meanwhile;
  return { code, stdout, stderr };
}

const outputOf = (stream: ChildProcess['stdout']): Promise<string> =>
  stream === null ? Promise.resolve('') : text(stream);

export interface PicketServer {
  readonly url: string;
  /** The admin key. */
  readonly key: string;
  readonly dataDir: string;
  /** Everything it has printed on standard output so far. */
  printed(): string;
  /** Resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

/**
 * `picket up` on this data folder, on a free port. Resolves once it listens and has said where its key is; rejects with what it
 * printed when it ends before.
 */
export async function startPicket(
  dataDir: string,
  options: PicketOptions & { readonly args?: readonly string[] } = {},
): Promise<PicketServer> {
  const env = { PICKET_DATA_DIR: dataDir, PICKET_PLAYBOOKS_DIR: join(dataDir, 'no-playbooks'), ...options.env };
  const child = start(['up', '--port', '0', ...(options.args ?? [])], { ...options, env });
  const printed: string[] = [];
  const stderr = outputOf(child.stderr);
  const ended = once(child, 'exit').then(
    async ([code]): Promise<Ended> => ({ code, stdout: printed.join('\n'), stderr: await stderr }),
  );
  const url = await listeningUrl(child, printed, ended);
  const key = (await readFile(join(dataDir, 'admin.key'), 'utf8')).trim();
  return {
    url,
    key,
    dataDir,
    printed: () => printed.join('\n'),
    kill(signal) {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}

export interface PicketService {
  /** Where its health routes are. */
  readonly url: string;
  kill(signal: NodeJS.Signals): Promise<Ended>;
  readonly ended: Promise<Ended>;
  readonly pid: number;
}

/** `picket worker`, `intake` or `api` on a free port. Resolves once it has announced itself; rejects with what it printed otherwise. */
export async function startService(
  command: 'worker' | 'intake' | 'api',
  options: PicketOptions & { readonly args?: readonly string[] },
): Promise<PicketService> {
  const child = start([command, '--port', '0', ...(options.args ?? [])], options);
  const stderr = outputOf(child.stderr);
  const printed: string[] = [];
  const ended = once(child, 'exit').then(
    async ([code]): Promise<Ended> => ({ code, stdout: printed.join('\n'), stderr: await stderr }),
  );
  const url = await announcedUrl(child, printed, ended);
  return {
    url,
    pid: child.pid ?? 0,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
    ended,
  };
}

function announcedUrl(child: ChildProcess, printed: string[], ended: Promise<Ended>): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('The process has no output to read.');
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(line);
      const url = /(http:\/\/[^\s,/]+)/.exec(/Health and metrics|^API on/.test(line) ? line : '')?.[1];
      if (url !== undefined) resolve(url);
    });
    ended.then(({ code, stderr }) => reject(new Error(`picket ended with ${code}: ${stderr}`)), reject);
  });
}

const LAST_LINE = /^Try: /;

function listeningUrl(child: ChildProcess, printed: string[], ended: Promise<Ended>): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('The server has no output to read.');
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(line);
      if (!LAST_LINE.test(line)) return;
      resolve(/listens on (\S+)/.exec(printed.join('\n'))?.[1] ?? '');
    });
    ended.then(({ code, stderr }) => reject(new Error(`picket up ended with ${code}: ${stderr}`)), reject);
  });
}
