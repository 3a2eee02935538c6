import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { loadPlaybooks } from '../../alerts/playbook.ts';
import { checkCanary } from '../../detectors/canary-check.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import type { Store } from '../../store/store.ts';
import { BUILD } from '../build.ts';
import type { Config } from '../config.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { ADMIN_KEY_FILE, prepareDataFolder, runningServer } from '../data-folder.ts';
import { openStore } from '../storage.ts';
import { playbookFiles, settingsOf } from '../worker.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do, when it is not ok. */
  readonly advice?: string;
}

export const doctorCommand = (context: CommandContext): Command =>
  new Command('doctor')
    .description('Checks store, disk, clock, versions, secrets, playbooks and each detector, and says what to do.')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print one object')
    .action((options: { config?: string; json?: boolean }) => doctor(context, options));

async function doctor(context: CommandContext, options: { config?: string; json?: boolean }): Promise<void> {
  const config = configOf(context, options);
  prepareDataFolder(config.dataDir);
  const checks = [
    checkNode(),
    checkFolder(config),
    checkDisk(config),
    checkSecrets(config),
    ...(await checkStore(config)),
    checkPlaybooks(config),
    ...checkDetectors(config),
  ];
  const failed = checks.filter(({ ok }) => !ok).length;
  const { out } = context.terminal;
  if (options.json === true) out(JSON.stringify({ build: BUILD, ok: failed === 0, checks }));
  else for (const check of checks) out(lineOf(check));
  if (failed > 0) throw new CommandFailure(`${failed} of ${checks.length} checks failed.`, EXIT.unhealthy);
}

const lineOf = ({ name, ok, found, advice }: Check): string =>
  `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(26)} ${found}${ok || advice === undefined ? '' : `\n     -> ${advice}`}`;

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    ok,
    found: `${process.versions.node}, picket ${BUILD}`,
    advice: 'Install Node.js 20.19 or newer.',
  };
}

function checkFolder({ dataDir }: Config): Check {
  const advice = `Make ${dataDir} readable and writable for this user.`;
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK);
    return { name: 'data folder', ok: true, found: dataDir };
  } catch {
    return { name: 'data folder', ok: false, found: `${dataDir} cannot be used`, advice };
  }
}

const FREE_BYTES_MIN = 1024 ** 3;

function checkDisk({ dataDir }: Config): Check {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const advice = 'Free some space: below 1 GiB the engine may stop taking events.';
  return { name: 'disk', ok: free >= FREE_BYTES_MIN, found: `${(free / 1024 ** 3).toFixed(1)} GiB free`, advice };
}

const OTHERS_MAY = 0o077;

function checkSecrets({ dataDir }: Config): Check {
  const files = [ADMIN_KEY_FILE, 'master.key', 'running.json']
    .map((name) => join(dataDir, name))
    .filter((path) => existsSync(path));
  const open = files.filter((path) => (statSync(path).mode & OTHERS_MAY) !== 0);
  const found =
    open.length === 0
      ? `${files.length || 'no'} secret files, none readable by others`
      : `others may read ${open.join(', ')}`;
  return { name: 'secrets', ok: open.length === 0, found, advice: `chmod 600 ${open.join(' ')}` };
}

/** While a server holds the embedded engine it is asked instead. */
async function checkStore(config: Config): Promise<Check[]> {
  const server = config.clickhouse === undefined ? runningServer(config.dataDir) : undefined;
  if (server !== undefined) return [await checkServer(server.url)];
  try {
    const store = await openStore(config, Date.now);
    try {
      return [await checkVersion(store), await checkClock(store)];
    } finally {
      await store.close();
    }
  } catch (error) {
    const advice = 'See the message; without CLICKHOUSE_URL the embedded engine (npm package chdb) is used.';
    return [{ name: 'store', ok: false, found: error instanceof Error ? error.message : String(error), advice }];
  }
}

async function checkServer(url: string): Promise<Check> {
  const advice = 'Look at its log; stop it and run doctor again to check the engine itself.';
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5000) });
    return { name: 'running server', ok: response.ok, found: `${url} answers ${response.status}`, advice };
  } catch {
    return { name: 'running server', ok: false, found: `${url} does not answer`, advice };
  }
}

async function checkVersion(store: Store): Promise<Check> {
  const [row] = await store.query<{ version: string }>('SELECT version() AS version');
  return { name: 'store', ok: true, found: `ClickHouse ${row?.version} (${store.engine}) in ${store.place}` };
}

const CLOCK_APART_MS_MAX = 5000;

async function checkClock(store: Store): Promise<Check> {
  const [row] = await store.query<{ ms: number }>("SELECT toUnixTimestamp64Milli(now64(3, 'UTC')) AS ms");
  const apartMs = Math.abs(Date.now() - Number(row?.ms));
  const advice = 'Synchronise both clocks (NTP): receipt times, expiry and signatures depend on them.';
  return { name: 'clock', ok: apartMs <= CLOCK_APART_MS_MAX, found: `${apartMs} ms from the store's`, advice };
}

function checkPlaybooks({ playbooksDir, lookup }: Config): Check {
  const { playbooks, errors } = loadPlaybooks(
    playbookFiles(playbooksDir),
    lookup,
    DETECTORS.map(({ name }) => name),
  );
  const [first] = errors;
  const enabled = playbooks.filter((one) => one.enabled).length;
  const found =
    first === undefined ? `${enabled} enabled in ${playbooksDir}` : `${first.file}:${first.line}: ${first.message}`;
  return { name: 'playbooks', ok: first === undefined, found, advice: 'picket config check lists every fault.' };
}

const checkDetectors = (config: Config): Check[] =>
  DETECTORS.map((detector) => {
    const { fired, p } = checkCanary(detector, settingsOf(config).baseline);
    const found = `its canary is ${fired ? 'seen' : 'not seen'} (p ${p.toExponential(1)})`;
    return {
      name: `detector ${detector.name}`,
      ok: fired,
      found,
      advice: 'This build is broken: do not rely on it, report it.',
    };
  });
