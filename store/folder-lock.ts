import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreLocked, StoreUnavailable } from './store.ts';

/**
 * Why the engine could not open its folder. It gives no reason that a program could read, but it leaves its process id in the file
 * `status`: when that process lives, it holds the folder.
 */
export async function openFault(path: string, cause: unknown): Promise<StoreLocked | StoreUnavailable> {
  const pid = await lastHolder(path);
  if (pid !== undefined && pid !== process.pid && isAlive(pid)) return lockedBy(pid, path, { cause });
  const detail = cause instanceof Error ? cause.message : String(cause);
  const message = `The data folder ${path} cannot be opened: ${detail}. It may be damaged, or in use on another machine.`;
  return new StoreUnavailable(message, { cause });
}

/**
 * Refuses a folder that another process is seen to hold, before the engine is asked: it would write a line of its own to standard error.
 * Only what is certain counts, a living process that has `status` open: an id alone may have come back as another program's. Where that cannot be
 * seen (no `/proc`, another user's process), the engine finds out.
 */
export async function refuseIfHeld(path: string): Promise<void> {
  const pid = await lastHolder(path);
  if (pid !== undefined && pid !== process.pid && (await hasOpen(pid, join(path, 'status')))) throw lockedBy(pid, path);
}

async function hasOpen(pid: number, file: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const [wanted, ...open] = await Promise.all([file, ...descriptors.map((one) => join(folder, one))].map(identityOf));
  return wanted !== undefined && open.includes(wanted);
}

const identityOf = (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  );

const lockedBy = (pid: number, path: string, options?: ErrorOptions): StoreLocked =>
  new StoreLocked(
    `The data folder ${path} is in use by process ${pid}. Stop it, use its API, or choose another folder.`,
    path,
    options,
  );

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
