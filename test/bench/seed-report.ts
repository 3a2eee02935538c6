/** What programs that judge several seeds have in common: a folder and a line of progress for each seed, and where the report goes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgress } from '../../cli/progress.ts';

const TERMINAL = {
  out: (text: string) => void process.stdout.write(`${text}\n`),
  err: (text: string) => void process.stderr.write(`${text}\n`),
  interactive: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
};

/** The folder is gone afterwards; `onEvent` is to be told how many events were read. */
export async function judgeSeed<Run>(
  seed: number | string,
  judge: (folder: string, onEvent: (events: number) => void) => Promise<Run>,
): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'picket-seed-'));
  const progress = startProgress(TERMINAL, `seed ${seed}`, 0, 'events read');
  try {
    return await judge(folder, (events) => progress.update(events));
  } finally {
    progress.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** To the file, which is replaced if it exists, or to standard output. */
export async function report(text: string, file: string | undefined): Promise<void> {
  if (file === undefined) process.stdout.write(`${text}\n`);
  else await writeFile(file, `${text}\n`);
}
