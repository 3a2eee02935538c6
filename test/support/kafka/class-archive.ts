/**
 * Kafka's classes as a JVM has once loaded and checked them, in a file that it maps at later starts: a broker then starts with two thirds
 * of the processor time. Only for brokers of tests and of `npm run kafka`, which live for seconds; where Kafka serves, a start is rare.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const runFile = promisify(execFile);

/** Beside the folder `jars`. Named for the JVM and for the jars, so that an archive of others is never looked at. */
export async function classArchivePath(jars: string): Promise<string> {
  const { stderr: version } = await runFile('java', ['-version']);
  const hash = createHash('sha256').update(`${jars}\n${version}`);
  for (const name of (await readdir(jars)).sort()) {
    const { size, mtimeMs } = await stat(join(jars, name));
    hash.update(`${name} ${size} ${mtimeMs}\n`);
  }
  return `${jars}-classes-${hash.digest('hex').slice(0, 16)}.jsa`;
}

/** Options for a JVM over these jars. None when no archive was made: it then only starts slower. */
export async function classArchiveOptions(jars: string): Promise<readonly string[]> {
  try {
    const path = await classArchivePath(jars);
    await access(path);
    return [`-XX:SharedArchiveFile=${path}`, '-Xshare:auto'];
  } catch {
    return [];
  }
}
