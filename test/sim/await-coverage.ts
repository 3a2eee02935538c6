/**
 * Which awaits of some files crashes have met a process waiting at. What crashes at random missed is met by aimed ones, and where no run has come by
 * yet, further runs are looked through.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { crashAt, watch } from './aimed-crash.ts';
import { awaitSitesOf } from './await-sites.ts';
import type { SimulationOptions } from './simulation-options.ts';
import type { Trouble } from './sweep-scenarios.ts';
import { UNREACHED } from './unreached-awaits.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A change of the product shifts what happens in every run: what the first ones did not meet is looked for in so many. */
const SEARCHED_SEEDS = 200;

/** @param exceptions sites that nobody is to be met at, with the reasons */
export function createAwaitCoverage(
  files: readonly string[],
  exceptions: Readonly<Record<string, string>> = UNREACHED,
) {
  const sites = files.flatMap((file) => awaitSitesOf(file, readFileSync(`${root}${file}`, 'utf8')));
  const waitedAt = new Set<string>();
  const onWaited = (site: string) => void waitedAt.add(site);
  /** Crashes that would meet a site, of runs that came by there; the latest run of each. */
  const aims = new Map<string, { readonly options: SimulationOptions; readonly calls: readonly number[] }>();
  const unmet = () => sites.filter(({ name, told }) => !waitedAt.has(name) && !Object.hasOwn(exceptions, told));

  async function trouble(options: SimulationOptions): Promise<void> {
    const { result, callsAt } = await watch(options, onWaited);
    expect(result.findings).toEqual([]);
    for (const { name } of unmet()) {
      const calls = callsAt(name);
      if (calls.length > 0) aims.set(name, { options, calls });
    }
  }

  async function aimAtUnmet(): Promise<void> {
    for (const { name } of unmet()) {
      const { options, calls = [] } = aims.get(name) ?? {};
      for (const call of calls) {
        if (options === undefined || waitedAt.has(name)) break;
        expect((await crashAt(call, options, onWaited)).findings).toEqual([]);
      }
      aims.delete(name);
    }
  }

  /** Sites that no crash has met in all these runs, as they are written. */
  async function search(troubles: readonly Trouble[]): Promise<string[]> {
    await aimAtUnmet();
    for (let further = 0; further < SEARCHED_SEEDS && unmet().length > 0; further++) {
      for (const [, seeds, scenario] of troubles) await trouble(scenario(seeds + further));
      await aimAtUnmet();
    }
    const met = sites.filter(({ name }) => waitedAt.has(name)).length;
    process.stdout.write(`${met} of ${sites.length} awaits were waited at by a process that died\n`);
    return unmet().map(({ told }) => told);
  }

  return { onWaited, trouble, search };
}
