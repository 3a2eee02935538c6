import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import type { WriteLane } from './engine.ts';

/**
 * Binary inserts for the embedded engine. It takes statements as text only, which a block is not: it reads the block from a file, which
 * is gone again before the disk has seen it. What is durable is what the engine writes.
 *
 * @param folder made readable for its owner only; files that another process left there when it was killed are deleted
 */
export async function openBlockInserts(writes: ClickHouseClient, folder: string): Promise<WriteLane['insertNative']> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // A process may have several stores in one folder. Process ids come back in containers, moments do not.
  const own = `${performance.timeOrigin}-`;
  const left = (await readdir(folder)).filter((name) => !name.startsWith(own));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));

  return async function insertNative(target, block) {
    const file = join(folder, `${own}${randomUUID()}`);
    try {
      await writeFile(file, block, { mode: 0o600, flag: 'wx' });
      await writes.command({ query: `INSERT INTO ${target} FROM INFILE ${quoteText(file)} FORMAT Native` });
    } finally {
      // Nobody waits for this: what cannot be deleted is at the next start.
      rm(file, { force: true }).catch(() => {});
    }
  };
}

const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
