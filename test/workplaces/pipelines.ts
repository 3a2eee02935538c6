/** Models in their harnesses, and their habits. An agent is a workplace and one of these. */
import type { Random } from './random.ts';

export interface Pipeline {
  readonly name: string;
  readonly model: string;
  readonly provider: string;
  /** Reads without need, per call. */
  readonly wanders: number;
  /** Checks its work, per occasion. */
  readonly careful: number;
  /** Acts that nobody asked for, per session. */
  readonly eager: number;
  /** Calls without a model call between. */
  readonly parallel: number;
  /** Calls that fail at first, per call. */
  readonly fails: number;
  /** Optional arguments that it gives. */
  readonly fills: number;
  /** Changes the order of independent steps. */
  readonly reorders: number;
  /** Long texts. */
  readonly chatty: number;
  readonly manner: number;
  readonly ibanSpaced: boolean;
  readonly phoneStyle: 0 | 1 | 2;
  readonly dateStyle: 0 | 1 | 2 | 3;
  readonly moneyStyle: 0 | 1 | 2;
  /** Sets which way it prefers where there are several. */
  readonly taste: number;
  readonly stepMs: number;
  readonly systemBytes: number;
}

const MODELS: readonly (readonly [name: string, model: string, provider: string])[] = [
  ['kestrel-3-large', 'kestrel-3-large-2025-10', 'avian'],
  ['kestrel-3-mini', 'kestrel-3-mini-2025-10', 'avian'],
  ['kestrel-3-large-planner', 'kestrel-3-large-2025-10', 'avian'],
  ['basalt-70b', 'basalt-70b-instruct', 'lithos'],
  ['basalt-12b-toolcall', 'basalt-12b-instruct', 'lithos'],
  ['mirador-pro', 'mirador-pro-002', 'castra'],
  ['mirador-flash', 'mirador-flash-002', 'castra'],
  ['mirador-pro-selfcheck', 'mirador-pro-002', 'castra'],
  ['ondine-2', 'ondine-2-0711', 'selkie'],
];

/** `count` different ones, with habits of their own in this workplace. */
export function makePipelines(r: Random, count: number): Pipeline[] {
  return r.sample(MODELS, count).map(([name, model, provider]) => {
    const own = r.fork(name);
    const strong = /large|pro|70b/.test(name);
    return {
      name,
      model,
      provider,
      wanders: own.pick([0.02, 0.05, 0.1, 0.18]),
      careful: name.includes('selfcheck') ? 0.85 : own.pick([0.1, 0.25, 0.5]),
      eager: own.pick([0.01, 0.03, 0.08]),
      parallel: own.pick([0, 0.1, 0.4]),
      fails: (strong ? 1 : 2) * own.pick([0.01, 0.025, 0.04]),
      fills: own.pick([0.1, 0.4, 0.8]),
      reorders: own.pick([0, 0.3, 0.6]),
      chatty: own.pick([0.1, 0.4, 0.8]),
      manner: own.int(0, 3),
      ibanSpaced: own.chance(0.4),
      phoneStyle: own.pick([0, 1, 2] as const),
      dateStyle: own.pick([0, 0, 1, 2, 3] as const),
      moneyStyle: own.pick([0, 1, 2] as const),
      taste: own.int(0, 5),
      stepMs: own.pick([900, 1600, 2600, 5200]),
      systemBytes: own.int(500, 2600),
    };
  });
}
