import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Standard input ends when the process that holds its other end is gone, kill -9 included. The brokers whose pid files are left
 * then go too, and so does a folder that was meant to be temporary.
 */
const SCRIPT = `
trap '' INT TERM HUP
cat >/dev/null
for file in "$1"/*/pid; do [ -f "$file" ] && kill -9 "$(cat "$file")" && rm -f "$file"; done
[ "$2" = temporary ] && rm -rf "$1"
`;

/** Keeps the brokers below `folder` from outliving this process. The returned function ends the watch without touching them. */
export function leash(folder: string, lifetime: 'temporary' | 'kept'): () => void {
  const child = spawn('sh', ['-c', SCRIPT, 'leash', folder, lifetime], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // It must not keep alive the process that it watches.
  child.unref();
  (child.stdin as Socket).unref();
  child.stdin.on('error', () => {});
  return () => void child.kill('SIGKILL');
}
