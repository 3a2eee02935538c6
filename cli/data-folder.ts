/** Files in the data folder that are not the engine's: secrets (0600) and the address of a running `picket up`. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ADMIN_KEY_FILE = 'admin.key';
const MASTER_KEY_FILE = 'master.key';
const RUNNING_FILE = 'running.json';

export function prepareDataFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** Written beside and renamed, so that a crash leaves the old file or the new one; never readable by others, not even for a moment. */
export function writeSecretFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
  return path;
}

/** The key that secrets are redacted and dead letters sealed with. Made on first use; losing it makes dead letters unreadable. */
export function masterKeyIn(folder: string): Uint8Array {
  const path = join(folder, MASTER_KEY_FILE);
  if (!existsSync(path)) writeSecretFile(folder, MASTER_KEY_FILE, randomBytes(32).toString('hex'));
  const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'hex');
  if (key.length !== 32) throw new Error(`${path} does not hold a key of 32 bytes in hex. Restore it from a backup.`);
  return key;
}

export function readAdminKey(folder: string): string | undefined {
  const path = join(folder, ADMIN_KEY_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** The key to ask an API with: the one given, else of the environment, else the admin's. An empty variable counts as none. */
export const apiKeyOf = (
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): string | undefined => given ?? (env['PICKET_API_KEY'] || undefined) ?? readAdminKey(folder);

export interface RunningServer {
  readonly url: string;
  readonly pid: number;
}

export const announceRunning = (folder: string, server: RunningServer): string =>
  writeSecretFile(folder, RUNNING_FILE, JSON.stringify(server));

export const retractRunning = (folder: string): void => rmSync(join(folder, RUNNING_FILE), { force: true });

/** The server that says it runs on this folder; undefined when its process is gone (it was killed). */
export function runningServer(folder: string): RunningServer | undefined {
  const path = join(folder, RUNNING_FILE);
  if (!existsSync(path)) return undefined;
  const server = JSON.parse(readFileSync(path, 'utf8')) as RunningServer;
  // In a container process ids come back: after a kill this very command may have the one of the server that is gone.
  return server.pid !== process.pid && isAlive(server.pid) ? server : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
