/**
 * Goal: the stored form of a forest is the forest. What ml-isolation-forest grew decides here as it does there, the same sessions give the
 * same forest to the last bit, an agent is judged by nothing it did itself, and a session that has just begun is not odd for that.
 */
import { IsolationForest } from 'ml-isolation-forest';
import { describe, expect, it } from 'vitest';
import { amountOf, FEATURE_NAMES, LEVEL_MAX, levelOf, raised, type Vector } from '../../baselines/forest/features.ts';
import { createForestPriors } from '../../baselines/forest/forest-prior.ts';
import { type ForestJob, growForest, isEnough } from '../../baselines/forest/grow-forest.ts';
import { averagePath, meanPath } from '../../baselines/forest/isolation-score.ts';
import { fitTail, scoreAt, tailOf } from '../../baselines/forest/score-tail.ts';
import { seededRandom } from '../../baselines/forest/seeded-random.ts';
import { VECTORS_MAX, vectorsOf } from '../../baselines/forest/session-memory.ts';
import { flatForest, nodesOf, type StoredForest } from '../../baselines/forest/stored-forest.ts';
import { isolationForest } from '../../detectors/isolation-forest.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import {
  AGENT,
  createAgentBench,
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  MONDAY_MS,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

const ALL = FEATURE_NAMES.map((_, i) => i);

/** Sessions around one size, and their spread, with some features that never change. */
function sessions(count: number, seed: string): Vector[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    FEATURE_NAMES.map((_, i) => (i % 5 === 4 ? 7 : levelOf(Math.exp(2 + 2 * random() * random())))),
  );
}

const job = (members: number, each = VECTORS_MAX): ForestJob => ({
  seed: 'a seed',
  vectors: Array.from({ length: members }, (_, i) => sessions(each, `member ${i}`)),
});
const membersOf = ({ vectors }: ForestJob) => vectors.map((_, i) => ({ agent: `m${i}` }));

/** In this thread, as the worker does it in its own. */
function grown(one: ForestJob): StoredForest {
  const before = Math.random;
  const random = seededRandom(one.seed);
  Math.random = random;
  try {
    return growForest(one, growOne, random);
  } finally {
    Math.random = before;
  }
}

function growOne(vectors: readonly Vector[]) {
  const forest = new IsolationForest({ nEstimators: 1 });
  forest.train(vectors);
  const [tree] = forest.forest;
  if (tree === undefined) throw new Error('no tree');
  return tree;
}

/** The package's own c(n): Euler's constant once, where the paper has it twice. */
const packageAverage = (n: number): number =>
  n < 2 ? 0 : n === 2 ? 1 : 2 * Math.log(n - 1) + 0.57721 - (2 * (n - 1)) / n;

describe('a stored tree', () => {
  it('sets every vector apart after as many cuts as the package says', () => {
    const training = sessions(256, 'training');
    const probes = [...training, ...sessions(200, 'others'), ALL.map(() => 0), ALL.map(() => LEVEL_MAX)];
    for (let i = 0; i < 20; i++) {
      const tree = growOne(training);
      const nodes = nodesOf(tree, ALL);
      const stored = { features: FEATURE_NAMES, usual: [], scores: [], trees: [{ size: 256, without: [], nodes }] };
      const flat = flatForest(stored);
      if (flat === undefined) throw new Error('no forest');
      for (const probe of probes) {
        const { depth, held } = walk(nodes, probe);
        expect(depth + packageAverage(held)).toBe(tree.pathLengthFromRoot(probe, 0));
        expect(meanPath(flat, Uint32Array.of(0), probe)).toBe((depth + averagePath(held)) / averagePath(256));
      }
    }
  });

  it.each<[string, number[]]>([
    ['no nodes', []],
    ['a cut without branches', [15]],
    ['nodes left over', [-1, -1]],
    ['a chain deeper than any tree grows', [...Array.from({ length: 20 }, () => [15, -1]).flat(), -1]],
  ])('is not used when it is none: %s', (_what, nodes) => {
    const stored = { features: FEATURE_NAMES, usual: ALL, scores: [[1]], trees: [{ size: 2, without: [], nodes }] };
    expect(flatForest(stored)).toBeUndefined();
  });

  it('is not used by a build that counts other things', () => {
    expect(flatForest({ ...grown(job(4)), features: ['events'] })).toBeUndefined();
  });
});

/** Cuts on the way to a leaf, and training vectors in it, read from the stored nodes by the rule of their docstring. */
function walk(nodes: readonly number[], vector: Vector): { depth: number; held: number } {
  let at = 0;
  let depth = 0;
  for (; (nodes[at] ?? -1) >= 0; depth++) {
    const code = nodes[at] ?? 0;
    const left = (vector[code % FEATURE_NAMES.length] ?? 0) < Math.floor(code / FEATURE_NAMES.length);
    at = left ? at + 1 : skip(nodes, at + 1);
  }
  return { depth, held: -1 - (nodes[at] ?? -1) };
}

function skip(nodes: readonly number[], at: number): number {
  return (nodes[at] ?? -1) < 0 ? at + 1 : skip(nodes, skip(nodes, at + 1));
}

it('c(n) is the paper\u2019s', () => {
  expect([0, 1, 2, 3, 256].map((n) => Number(averagePath(n).toFixed(4)))).toEqual([0, 0, 1, 1.2074, 10.2448]);
});

describe('a forest', () => {
  it('is the same for the same sessions, another for others, and survives being stored', () => {
    const one = grown(job(6));
    expect(grown(job(6))).toEqual(one);
    expect(grown({ ...job(6), seed: 'another' }).trees).not.toEqual(one.trees);
    const probe = sessions(1, 'probe')[0] ?? [];
    const judge = (stored: StoredForest) => createForestPriors(stored, membersOf(job(6)))('m1')?.contributions(probe);
    expect(judge(JSON.parse(JSON.stringify(one)))).toEqual(judge(one));
  });

  it('stays within its bytes with as many members as a kind has', () => {
    expect(JSON.stringify(grown(job(100))).length).toBeLessThan(300_000);
  });

  it('is not grown from too little', () => {
    expect([job(2, 60), job(3, 29), job(3, 30), job(12, 8)].map(({ vectors }) => isEnough(vectors))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('judges an agent by trees and scores that know nothing of it', () => {
    // The first member has always been odd; to the others that is odd, and its own past must not make it less so.
    const odd = sessions(VECTORS_MAX, 'odd').map((vector) => vector.map((level) => Math.min(LEVEL_MAX, level + 200)));
    const mixed = { ...job(6), vectors: [odd, ...job(5).vectors] };
    const priors = createForestPriors(grown(mixed), membersOf(mixed));
    const probe = odd[0] ?? [];
    const [itself, stranger] = [priors('m0'), priors('nobody')];
    expect(itself?.sessions).toBe(5 * VECTORS_MAX);
    expect(stranger?.sessions).toBe(6 * VECTORS_MAX);
    expect(itself?.judge(probe)?.p).toBeLessThan(0.01);
    // To one whose kind has such a member it is known.
    expect(stranger?.judge(probe)?.p ?? 1).toBeGreaterThan(0.01);
  });

  it('says of a session that has only begun what it says of a usual one: nothing', () => {
    const priors = createForestPriors(grown(job(6)), membersOf(job(6)));
    expect(priors('m0')?.judge(ALL.map(() => 0))).toBeUndefined();
    expect(priors('m0')?.judge(priors('m0')?.usual ?? [])).toBeUndefined();
  });

  it('names the features that set a session apart, most telling first', () => {
    const prior = createForestPriors(grown(job(6)), membersOf(job(6)))('m0');
    const probe = (prior?.usual ?? []).map((level, i) => (i === 3 ? LEVEL_MAX : i === 6 ? level + 5 : level));
    const found = prior?.contributions(probe) ?? [];
    expect(found.map(({ feature }) => feature)).toEqual(['bytes_sent', 'tools']);
    expect(found[0]?.gain).toBeGreaterThan(found[1]?.gain ?? Number.NaN);
  });
});

describe('p from a tail of scores', () => {
  const scores = Array.from({ length: 1000 }, (_, i) => 0.4 + 0.0002 * i);
  const tail = fitTail(scores);
  if (tail === undefined) throw new Error('no tail');

  it('counts within the sample, goes on a little above it, and has a floor', () => {
    expect(tailOf(tail, 0.5)).toBeCloseTo(0.5, 2);
    expect(tailOf(tail, 0.56)).toBeCloseTo(0.2, 2);
    expect(tailOf(tail, 0.62)).toBeLessThan(0.02);
    expect(tailOf(tail, 0.99)).toBe(1 / 10_010);
  });

  it('never rises with the score, and has its inverse', () => {
    const ps = Array.from({ length: 600 }, (_, i) => tailOf(tail, 0.39 + 0.0005 * i));
    expect([...ps].sort((a, b) => b - a)).toEqual(ps);
    for (const p of [0.5, 0.2, 0.05, 0.01]) expect(tailOf(tail, scoreAt(tail, p))).toBeCloseTo(p, 2);
  });

  it('says nothing from fifty scores down', () => {
    expect(fitTail(scores.slice(0, 49))).toBeUndefined();
  });
});

it.each<[number, number]>([
  [0, 0],
  [1, 14],
  [2, 22],
  [1023, 139],
  [1024, 139],
  [Number.MAX_SAFE_INTEGER, LEVEL_MAX],
])('%d is kept as level %d', (value, level) => {
  expect(levelOf(value)).toBe(level);
  expect(amountOf(level) / Math.max(1, value)).toBeCloseTo(value === 0 ? 0 : 1, 1);
});

it('what a session has not done yet is not held against it', () => {
  expect(raised([1, 9, 0], [4, 4, 0])).toEqual([4, 9, 0]);
});

describe('the memory of sessions', () => {
  const act = (id: string, timeMs: number, session: string, extra: Partial<AuditEvent> = {}) =>
    toolCall(id, timeMs, { session: { id: session }, ...extra });
  const named = (vector: Vector | undefined) =>
    Object.fromEntries(FEATURE_NAMES.flatMap((name, i) => ((vector?.[i] ?? 0) > 0 ? [[name, vector?.[i]]] : [])));

  it('keeps a vector of a session when it has been learned', () => {
    const agent = createAgentBench({ detectors: [isolationForest] });
    agent.events([
      act('e1', MONDAY_MS, 's', { usage: { input_tokens: 900 } }),
      act('e2', MONDAY_MS + MINUTE_MS, 's', { outcome: 'denied', data: { rows: 30 } }),
      act('e3', MONDAY_MS + 9 * MINUTE_MS, 's', {
        action: { type: 'send', name: 'mail', phase: 'completed' },
        destinations: [{ kind: 'email', value: 'a@x.example' }],
        resources: [{ name: 'people', classification: 'restricted' }],
      }),
    ]);
    expect(vectorsOf(agent.state())).toEqual([]);
    agent.event(act('later', MONDAY_MS + 2 * HOUR_MS, 't'));
    expect(vectorsOf(agent.state()).map(named)).toEqual([
      {
        events: levelOf(3),
        rows: levelOf(30),
        tokens: levelOf(900),
        tools: levelOf(2),
        endpoints: levelOf(1),
        resources: levelOf(1),
        destinations: levelOf(1),
        failures: levelOf(1),
        acts: levelOf(1),
        sensitive: levelOf(1),
        minutes: levelOf(9),
      },
    ]);
  });

  it('keeps the newest ones', () => {
    const agent = createAgentBench({ detectors: [isolationForest] });
    for (let i = 0; i < 40; i++) agent.event(act(`e${i}`, MONDAY_MS + i * HOUR_MS, `s${i}`, { data: { rows: i } }));
    const rows = vectorsOf(agent.state()).map((vector) => named(vector)['rows'] ?? 0);
    expect(rows).toEqual(Array.from({ length: VECTORS_MAX }, (_, i) => levelOf(i + 39 - VECTORS_MAX)));
  });

  it('keeps nothing of a session that alerted, even when it was dismissed', () => {
    const agent = createAgentBench({ detectors: [isolationForest, tripwire] });
    const alarm = { action: { type: 'tool_call', name: 'alarm', phase: 'completed' } } as const;
    const [hit] = agent.event(act('e1', MONDAY_MS, 's', alarm)).hits;
    agent.close(hit?.alertId ?? '', 'false_positive', MONDAY_MS);
    agent.event(act('later', MONDAY_MS + DAY_MS, 't'));
    expect(agent.state().baseline.sessionsEver).toBe(1);
    expect(vectorsOf(agent.state())).toEqual([]);
  });

  it('counts things as new once the agent is known well', () => {
    const agent = createAgentBench({ detectors: [isolationForest] });
    for (let i = 0; i < 30; i++)
      agent.event(act(`e${i}`, MONDAY_MS + i * HOUR_MS, `s${i}`, { endpoint: `desk.${i < 2 || i > 27 ? i : 0}` }));
    agent.event(act('later', MONDAY_MS + 30 * HOUR_MS, 'last'));
    expect(vectorsOf(agent.state()).map((vector) => named(vector)['news'] ?? 0)).toEqual([
      ...Array.from({ length: 28 }, () => 0),
      levelOf(1),
      levelOf(1),
    ]);
  });

  it('forgets what is left of sessions that closed without being learned', () => {
    const agent = createAgentBench({ detectors: [isolationForest, tripwire] });
    const alarm = { action: { type: 'tool_call', name: 'alarm', phase: 'completed' } } as const;
    for (let i = 0; i < 5; i++) agent.event(act(`a${i}`, MONDAY_MS + i * HOUR_MS, `s${i}`, alarm));
    const own = agent.state().slots.get(isolationForest.name) as { open: Map<string, unknown> };
    expect([...own.open.keys()]).toEqual(['s4']);
    expect(agent.state(AGENT).held.length).toBe(4);
  });
});
