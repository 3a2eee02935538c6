import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const OUTPUT_LINES_MAX = 200;

/** This machine cannot run Kafka from its jars: Java or Maven is missing, or the download failed. The message holds what they said. */
export class KafkaUnavailable extends Error {
  override readonly name = 'KafkaUnavailable';
}

export interface JarsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Gets each line of Maven while it downloads. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The folder with the jars of Apache Kafka, downloaded by Maven when it is not in the cache yet. Callers in other processes may run at
 * the same time: each downloads into a folder of its own, the first to finish gives it the final name.
 *
 * @throws {KafkaUnavailable}
 */
export async function kafkaJars(options: JarsOptions): Promise<string> {
  await runTool('java', ['-version'], options);
  const folder = await cacheFolder(options.env);
  if (await exists(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const download = await mkdtemp(`${folder}.part-`);
  try {
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${download}`];
    await runTool('mvn', ['-B', '-f', POM, ...goal], options);
    await rename(download, folder);
  } catch (error) {
    // The name is taken when another caller was faster; its folder is as good.
    if (!(await exists(folder))) throw error;
  } finally {
    await rm(download, { recursive: true, force: true });
  }
  return folder;
}

/** Named for the version and for the whole pom, so that a change of either is a download of its own. */
async function cacheFolder(env: JarsOptions['env']): Promise<string> {
  const pom = await readFile(POM, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw new Error(`${POM} names no kafka.version.`);
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 8);
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'picket', `kafka-${version}-${hash}`);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

async function runTool(command: string, args: readonly string[], options: JarsOptions): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: DOWNLOAD_TIMEOUT_MS });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      if (output.length > OUTPUT_LINES_MAX) output.shift();
      if (command === 'mvn') options.onProgress?.(line);
    });
  }
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0) throw new Error(`ended with ${code ?? signal}:\n${output.join('\n')}`);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing
      ? `Kafka without Docker needs Java 17 or later and Maven: there is no \`${command}\` on the PATH.`
      : `${[command, ...args].join(' ')} ${(error as Error).message}`;
    throw new KafkaUnavailable(what, { cause: error });
  }
}
