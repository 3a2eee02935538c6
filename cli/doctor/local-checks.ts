/** What can be seen on this machine alone. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlaybooks } from '../../alerts/playbook.ts';
import { checkCanary } from '../../detectors/canary-check.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { BUILD } from '../build.ts';
import type { Config } from '../config.ts';
import { ADMIN_KEY_FILE } from '../data-folder.ts';
import { playbookFiles } from '../playbook-files.ts';
import { settingsOf } from '../scoring-settings.ts';
import type { Check } from './check.ts';

export function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return {
    name: 'node',
    ok,
    found: `${process.versions.node}, picket ${BUILD}`,
    advice: 'Install Node.js 20.19 or newer.',
  };
}

export function checkFolder({ dataDir }: Config): Check {
  const advice = `Make ${dataDir} readable and writable for this user.`;
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK);
    return { name: 'data folder', ok: true, found: dataDir };
  } catch {
    return { name: 'data folder', ok: false, found: `${dataDir} cannot be used`, advice };
  }
}

const FREE_BYTES_MIN = 1024 ** 3;

export function checkDisk({ dataDir }: Config): Check {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const advice = 'Free some space: below 1 GiB the engine may stop taking events.';
  return { name: 'disk', ok: free >= FREE_BYTES_MIN, found: `${(free / 1024 ** 3).toFixed(1)} GiB free`, advice };
}

const OTHERS_MAY = 0o077;

export function checkSecrets({ dataDir }: Config): Check {
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

export function checkPlaybooks({ playbooksDir, lookup }: Config): Check {
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

export const checkDetectors = (config: Config): Check[] =>
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
