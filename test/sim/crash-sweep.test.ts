/**
 * Goal: a crash at any port call, before its effect or after it, leaves nothing wrong behind, and crashes have met a process waiting at
 * every `await` of the simulated files. One run without a crash numbers the calls, then it is run again for each of them; what it never
 * comes to (retries, rebalances, refused rows, stops with work in hand) is met in runs with more trouble, by crashes at random and, where
 * those missed, by aimed ones.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { crashAt, watch } from './aimed-crash.ts';
import { awaitSitesOf, SIMULATED_FILES } from './await-sites.ts';
import type { SimulationOptions } from './simulation.ts';
import { sweep } from './sweep.ts';
import { calm, SWEEPS, TROUBLES } from './sweep-scenarios.ts';
import { UNREACHED } from './unreached-awaits.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sites = SIMULATED_FILES.flatMap((file) => awaitSitesOf(file, readFileSync(`${root}${file}`, 'utf8')));
/** A change of the product shifts what happens in every run: what the first ones did not meet is looked for in so many. */
const SEARCHED_SEEDS = 200;

const waitedAt = new Set<string>();
const onWaited = (site: string) => void waitedAt.add(site);
/** Crashes that would meet a site, of runs that came by there; the latest run of each. */
const aims = new Map<string, { readonly options: SimulationOptions; readonly calls: readonly number[] }>();

const unmet = () => sites.filter(({ name, told }) => !waitedAt.has(name) && !Object.hasOwn(UNREACHED, told));

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

describe('a crash', () => {
  it('leaves nothing wrong behind, whatever call it comes before or after', async () => {
    const result = await sweep(calm);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(150);
    result.waitedAt.forEach(onWaited);
  });

  it.each(SWEEPS)('nor while %s', async (_what, scenario, among) => {
    const result = await sweep(scenario, among);
    expect(result.findings).toEqual([]);
    expect(result.runs).toBeGreaterThan(2);
    result.waitedAt.forEach(onWaited);
  });

  describe.each(TROUBLES)('nor %s', (_what, seeds, scenario) => {
    it.each(Array.from({ length: seeds }, (_, seed) => seed))('seed %d', (seed) => trouble(scenario(seed)));
  });
});

it('has met a process waiting at every await', async () => {
  await aimAtUnmet();
  for (let further = 0; further < SEARCHED_SEEDS && unmet().length > 0; further++) {
    for (const [, seeds, scenario] of TROUBLES) await trouble(scenario(seeds + further));
    await aimAtUnmet();
  }
  const met = sites.filter(({ name }) => waitedAt.has(name)).length;
  process.stdout.write(`${met} of ${sites.length} awaits were waited at by a process that died\n`);
  expect(unmet().map(({ told }) => told)).toEqual([]);
});
