/**
 * What a process of Picket keeps, garbage left out. What is resident is no measure of it: that depends on when garbage was last
 * collected, and differs by more than what is looked for from run to run.
 */
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROBE = new URL('reachable-memory-probe.mjs', import.meta.url);
const ANSWER_MS_MAX = 30_000;

export interface ReachableMemory {
  /** For the environment of the process, Node's own included. */
  readonly env: Readonly<Record<string, string>>;
  /** Heap and buffers, in MiB. Rejects when the process does not answer. */
  mib(pid: number): Promise<number>;
  remove(): Promise<void>;
}

export function watchReachableMemory(): ReachableMemory {
  const file = join(tmpdir(), `picket-reachable-${randomUUID()}`);
  const answers = async () => (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  return {
    env: { NODE_OPTIONS: `--import ${PROBE.href}`, REACHABLE_MEMORY_FILE: file },
    async mib(pid) {
      const before = (await answers()).length;
      process.kill(pid, 'SIGUSR2');
      for (const until = performance.now() + ANSWER_MS_MAX; performance.now() < until; await sleep(50)) {
        const answer = (await answers())[before];
        if (answer !== undefined) return Number(answer) / 2 ** 20;
      }
      throw new Error(`Process ${pid} did not say what it keeps.`);
    },
    remove: () => rm(file, { force: true }),
  };
}
