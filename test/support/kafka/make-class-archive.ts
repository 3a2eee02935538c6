import { access, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { classArchivePath, runFile } from './class-archive.ts';
import { startKafka } from './cluster.ts';
import { BROKER_JVM } from './node.ts';

/**
 * Makes the archive of `class-archive.ts` unless it is there: a broker that is ended at once writes it. Never fails, since all can be done
 * without it. Callers in other processes may run at the same time, as for the jars.
 */
export async function makeClassArchive(jars: string): Promise<void> {
  try {
    const archive = await classArchivePath(jars);
    if (!(await exists(archive))) await make(archive, jars);
  } catch {
    // A JVM that knows no such archives, a full disk: brokers start slower.
  }
}

async function make(archive: string, jars: string): Promise<void> {
  const folder = await mkdtemp(`${archive}.part-`);
  try {
    const made = join(folder, 'classes.jsa');
    // A broker whose data are kept is stopped in order; a killed one writes nothing.
    const broker = await startKafka({
      jars,
      dataDir: join(folder, 'data'),
      jvmOptions: [`-XX:ArchiveClassesAtExit=${made}`],
    });
    await broker.stop();
    // One that was not written to its end would crash every broker. Here it crashes a trial, and never gets the name.
    const trial = [...BROKER_JVM, '-Xshare:on', `-XX:SharedArchiveFile=${made}`, '-cp', join(jars, '*'), '-version'];
    await runFile('java', trial, { cwd: folder });
    await rename(made, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
