/** Loaded before the command: at each SIGUSR2 it collects all garbage and adds a line to a file with what is left, in bytes. */
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    collect();
    // Buffers are let go after the collection that found them unused, not in it.
    setImmediate(() => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      appendFileSync(process.env.REACHABLE_MEMORY_FILE, `${heapUsed + external}\n`);
    });
  });
}
