import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreLocked, StoreUnavailable } from './store.ts';

/**
 * Why the engine could not open its folder. It gives no reason that a program could read, but it leaves its process id in the file
 * `status`: when that process lives, it holds the folder.
 */
export async function openFault(path: string, cause: unknown): Promise<StoreLocked | StoreUnavailable> {
  const pid = await lastHolder(path);
  if (pid !== undefined && pid !== process.pid && isAlive(pid)) {
    const message = `The data folder ${path} is in use by process ${pid}. Stop it, use its API, or choose another folder.`;
    return new StoreLocked(message, path, { cause });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  const message = `The data folder ${path} cannot be opened: ${detail}. It may be damaged, or in use on another machine.`;
  return new StoreUnavailable(message, { cause });
}

async function lastHolder(path: string): Promise<number | undefined> {
  const status = await readFile(join(path, 'status'), 'utf8').catch(() => '');
  const pid = /^PID: (\d+)$/m.exec(status)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
