/**
 * The command as people run it, compiled: the loader that runs TypeScript as it is costs each process that a test starts more than a
 * second, and everything it does afterwards half of its speed. Types are the business of `npm run types`; here they are only taken out.
 */
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the repository, where packages are found; never in version control. */
const BUILDS = join(ROOT, 'build', 'command');
const ROOMS = ['ingest', 'baselines', 'detectors', 'alerts', 'api', 'store', 'cli'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json'];
const SQL = 'store/migrations';
/** A build that was not asked for since belongs to sources as they were before. */
const KEPT_MS = 24 * 3_600_000;

/** Relative path -> text. */
type Sources = ReadonlyMap<string, string>;

/** Path of `cli/main.js`, built from the sources as they are now; nothing is done when that build is there. */
export async function compiledPicket(): Promise<string> {
  const sources = await readSources();
  const build = join(BUILDS, digestOf(sources));
  const main = join(build, 'cli', 'main.js');
  if (await stat(main).catch(() => undefined)) {
    await utimes(build, new Date(), new Date());
    return main;
  }

  // Several processes may build at once: each for itself, and the first to finish gives it its name.
  const own = join(BUILDS, `unfinished-${randomBytes(6).toString('hex')}`);
  await compile(sources, own);
  await rename(own, build).catch(() => rm(own, { recursive: true }));
  await removeOld();
  return main;
}

async function readSources(): Promise<Sources> {
  const inRooms = await Promise.all(
    ROOMS.map(async (room) => (await readdir(join(ROOT, room), { recursive: true })).map((name) => join(room, name))),
  );
  const names = inRooms.flat().filter((name) => /(?<!\.d)\.(ts|sql)$/.test(name));
  const texts = [...SETTINGS, ...names.sort()].map(
    async (name) => [name, await readFile(join(ROOT, name), 'utf8')] as const,
  );
  return new Map(await Promise.all(texts));
}

function digestOf(sources: Sources): string {
  const hash = createHash('sha256');
  for (const [name, text] of sources) hash.update(`${name}\0${text}\0`);
  return hash.digest('hex').slice(0, 16);
}

async function compile(sources: Sources, folder: string): Promise<void> {
  // Loaded only when there is something to compile: it takes most of a second.
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.build.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  // One file alone does not tell the compiler that its package is one of modules.
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, sourceMap: false };
  for (const [name, text] of sources) {
    if (!name.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: name });
    const target = join(folder, name.replace(/\.ts$/, '.js'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
  await cp(join(ROOT, SQL), join(folder, SQL), { recursive: true });
}

async function removeOld(): Promise<void> {
  const names = await readdir(BUILDS);
  for (const path of names.map((name) => join(BUILDS, name))) {
    const made = await stat(path).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true });
  }
}
