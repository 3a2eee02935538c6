import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Fault } from './clickhouse-faults.ts';

export interface FrontProcess {
  readonly url: string;
  readonly port: number;
  inject(fault: Fault): Promise<void>;
  clear(): Promise<void>;
  /** kill -9: the engine gets no chance to put anything in order. Resolves when the process is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** As this file itself runs: from TypeScript, or compiled. */
const KIND = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const FRONT = fileURLToPath(new URL(`./clickhouse-front.${KIND}`, import.meta.url));
const LOADER = KIND === 'ts' ? ['--import', 'tsx'] : [];

/** The front of `clickhouse-front.ts` as a process of its own. With `port` of an earlier one, it comes back at the same address. */
export async function spawnFront(options: { readonly path: string; readonly port?: number }): Promise<FrontProcess> {
  const args = [...LOADER, FRONT, '--path', options.path, '--port', String(options.port ?? 0)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const port = await listeningPort(child);
  const url = `http://127.0.0.1:${port}`;
  const post = async (fault: Fault | { kind: 'clear' }) => {
    await fetch(`${url}/__faults`, { method: 'POST', body: JSON.stringify(fault) });
  };
  return {
    url,
    port,
    inject: post,
    clear: () => post({ kind: 'clear' }),
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  };
}

async function listeningPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error('The front has no output to read.');
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /^listening (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('The front ended before it listened.');
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
