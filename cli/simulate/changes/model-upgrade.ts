import { DAY_MS, HOUR_MS } from '../rhythm.ts';
import type { Change } from './change.ts';
import { someAtWork } from './change.ts';

/** The same agents with a newer model: other prices, longer answers, a new version, the same tools. */
export const modelUpgrade: Change = {
  summary: 'A newer model behind some agents, with a new version',
  plan: (setting, random) => {
    const agents = someAtWork(setting, 0.15, random);
    if (agents.length === 0) return [];
    const startMs = setting.changesFromMs + random.int(0, 2) * DAY_MS + random.int(6, 12) * HOUR_MS;
    const inputMicroUsd = Number(random.lognormal(2, 0.5).toFixed(2));
    const model = {
      provider: 'gateway',
      name: `next-${random.int(2, 9)}`,
      inputMicroUsd,
      outputMicroUsd: 5 * inputMicroUsd,
    };
    const version = `${random.int(5, 8)}.${random.int(0, 9)}.0`;
    const verbosity = random.lognormal(1.6, 0.3);
    const { endMs } = setting;
    const effects = [{ agents, startMs, endMs, upgrade: { version, model, verbosity } }];
    return [{ startMs, endMs, agents, words: `version ${version} on ${model.name}`, effects }];
  },
};
