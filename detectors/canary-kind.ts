/** A made-up kind for the canary agent: four silent members, and a forest that knows small sessions only. */
import { FAMILIAR_KINDS, type FamiliarKind } from '../baselines/baseline.ts';
import { FEATURE_NAMES, type FeatureName, levelOf } from '../baselines/forest/features.ts';
import type { StoredTree } from '../baselines/forest/stored-forest.ts';
import { HORIZONS, type KindModel, type Member } from '../baselines/kind-model.ts';
import { MEASURE_NAMES } from '../baselines/measures.ts';

const none = { n: 0, mean: 0, variance: 0, positiveShare: 0 };
const record = <K extends string, T>(keys: readonly K[], value: T) =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, T>;

const members: readonly Member[] = ['a', 'b', 'c', 'd'].map((agent) => ({
  agent: `canary-${agent}`,
  sessions: 60,
  sessionsPerDay: 3,
  amounts: record(HORIZONS, record(MEASURE_NAMES, none)),
  resources: none,
  discoveries: record(FAMILIAR_KINDS, 0),
  alone: record(FAMILIAR_KINDS, 0),
}));

const SIZE = 256;
/** Many, so that what none of them comes near to is as rare as can be said. */
const SCORES = 1000;

/** One cut: what lies above it is alone, all others are together. */
const treeOf = (feature: FeatureName, above: number): StoredTree => ({
  size: SIZE,
  without: [],
  nodes: [levelOf(above) * FEATURE_NAMES.length + FEATURE_NAMES.indexOf(feature), -SIZE, -2],
});

const cuts: readonly StoredTree[] = [treeOf('events', 50), treeOf('tokens', 20_000)];

export const canaryKind: KindModel = {
  format: 1,
  kind: 'canary',
  members,
  items: record<FamiliarKind, never[]>(FAMILIAR_KINDS, []),
  forest: {
    features: FEATURE_NAMES,
    usual: FEATURE_NAMES.map(() => 0),
    trees: Array.from({ length: 8 }, () => cuts).flat(),
    // As high as 256 alike score: 2^-(1 + c(255) / c(256)) and above.
    scores: members.map(() => Array.from({ length: SCORES }, (_, i) => 520 - (i % 100)).sort((a, b) => b - a)),
  },
};
