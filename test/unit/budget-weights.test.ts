/**
 * Goal: detectors spend their parts of one alert budget: a p counts divided by its detector's weight, weights are 1 on average, one set where the
 * user's words are known and one where they are not, and ceilings stand outside of it.
 */
import { describe, expect, it } from 'vitest';
import { alertLimit } from '../../alerts/judge.ts';
import { emptyAgentState } from '../../baselines/agent-state.ts';
import { DEFAULT_BASELINE_SETTINGS, READY_SESSIONS } from '../../baselines/baseline.ts';
import { amountOf, FEATURE_NAMES, type Vector } from '../../baselines/forest/features.ts';
import type { KindPrior } from '../../baselines/kind-prior.ts';
import type { BudgetShare, Detector, Finding } from '../../detectors/detector.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring, scoreOf } from '../../detectors/scoring.ts';
import { viewFor } from '../../detectors/view.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { AGENT, createAgentBench, MONDAY_MS, TENANT, toolCall, tripwire } from '../support/agent-bench.ts';

const settings = DEFAULT_BASELINE_SETTINGS;

/** Always claims `p`. */
const claiming = (name: string, budgetShare: BudgetShare, p = 1e-4, level: Finding['level'] = 'prior'): Detector => ({
  ...tripwire,
  name,
  budgetShare,
  score: (event, view) => {
    const finding = tripwire.score({ ...event, action: { ...event.action, name: 'alarm' } }, view, null);
    return finding && { ...finding, p, level };
  },
});

const untold = toolCall('e', MONDAY_MS);
const told: AuditEvent = { ...untold, content: { prompt: 'go on' } };

/** What becomes of the claims of detectors, by name. */
function judged(detectors: readonly Detector[], event: AuditEvent, prior?: KindPrior) {
  const state = emptyAgentState(TENANT, AGENT);
  const view = { ...viewFor(state, event, 's', event.time, settings), prior, voice: 1 };
  return Object.fromEntries(
    createScoring(detectors, settings)
      .score(event, view)
      .map((one) => [one.detector, one]),
  );
}

const weightsOf = (detectors: readonly Detector[], event: AuditEvent): Record<string, number> =>
  Object.fromEntries(Object.entries(judged(detectors, event)).map(([name, { p }]) => [name, 1e-4 / p]));
const rounded = (weights: Record<string, number>) =>
  Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, Number(weight.toFixed(9))]));

describe('weights', () => {
  it.each<[string, BudgetShare[], number[], number[]]>([
    ['one alone has the whole budget', [{ told: 0.2, untold: 0.01 }], [1], [1]],
    [
      'equal parts change nothing',
      [
        { told: 3, untold: 0.1 },
        { told: 3, untold: 0.1 },
      ],
      [1, 1],
      [1, 1],
    ],
    [
      'three parts to one, and the other way where the user was not heard',
      [
        { told: 3, untold: 1 },
        { told: 1, untold: 3 },
      ],
      [1.5, 0.5],
      [0.5, 1.5],
    ],
    [
      'parts need not add up to anything',
      [
        { told: 20, untold: 2 },
        { told: 20, untold: 2 },
        { told: 60, untold: 1 },
      ],
      [0.6, 0.6, 1.8],
      [1.2, 1.2, 0.6],
    ],
  ])('%s', (_name, shares, whenTold, whenUntold) => {
    const detectors = shares.map((share, i) => claiming(`d${i}`, share));
    const named = (weights: number[]) => Object.fromEntries(weights.map((weight, i) => [`d${i}`, weight]));
    expect(rounded(weightsOf(detectors, told))).toEqual(named(whenTold));
    expect(rounded(weightsOf(detectors, untold))).toEqual(named(whenUntold));
    expect(rounded(weightsOf([...detectors].reverse(), told))).toEqual(named(whenTold));
  });

  it('change p and score, not the surprise that the calibration learns from', () => {
    const { d0, d1 } = judged([claiming('d0', { told: 3, untold: 1 }), claiming('d1', { told: 1, untold: 1 })], told);
    expect([d0?.surprise, d1?.surprise]).toEqual([4, 4]);
    expect([d0?.score, d1?.score]).toEqual([scoreOf(1e-4 / 1.5), scoreOf(1e-4 / 0.5)]);
  });

  it('take no p above 1, and leave ceilings alone', () => {
    const small = { told: 1, untold: 1 };
    const large = { told: 99, untold: 99 };
    const { mild, rest } = judged([claiming('mild', small, 0.5), claiming('rest', large, 0.5)], told);
    expect([mild?.p, mild?.score === 0]).toEqual([1, true]);
    expect(rest?.p).toBeCloseTo(0.5 / 1.98, 12);
    expect(judged([claiming('top', small, 1e-9, 'ceiling'), claiming('rest', large)], told)['top']?.p).toBe(1e-9);
  });

  it('follow the session: the user was heard from the first prompt on', () => {
    const detectors = [claiming('d0', { told: 3, untold: 1 }), claiming('d1', { told: 1, untold: 3 })];
    const bench = createAgentBench({ detectors, alertBudget: 1e-9 });
    const session = { id: 's' };
    const scores = [untold, told, untold].map(
      (event, i) => bench.event({ ...event, id: `e${i}`, time: MONDAY_MS + i * 1000, session }).detectors['d0'],
    );
    const other = bench.event({ ...untold, id: 'o', agent: { id: 'a2' }, session }).detectors['d0'];
    expect([scores[0] === scores[1], scores[1] === scores[2]]).toEqual([false, true]);
    expect(scores[0]).toBe(scoreOf(1e-4 / 0.5));
    expect(scores[1]).toBe(scoreOf(1e-4 / 1.5));
    expect(other).toBe(scores[0]);
  });
});

describe('the shape of a session whose user was not heard', () => {
  const share: BudgetShare = { told: 1, untold: 1 };
  const nothingLent: KindPrior['lent'] = (_detector, pool) => pool([]);
  const NEWS = FEATURE_NAMES.indexOf('news');
  /** A forest to which every shape is this odd. */
  const oddTo = (chanceOf: (vector: Vector) => number) =>
    ({ forest: { chanceOf }, lent: nothingLent }) as unknown as KindPrior;
  const known = oddTo(() => 1);
  const shape = (p: number): Detector => claiming('isolation-forest', share, p, 'kind');
  const news: Detector = { ...claiming('news', share), judgesNewness: true };
  const much = claiming('much', share);
  const weightOf = (
    name: string,
    detectors: readonly Detector[],
    event = untold,
    prior: KindPrior | undefined = known,
  ) => 1e-4 / (judged(detectors, event, prior)[name]?.p ?? Number.NaN);

  it.each([
    ['usual', 1, 0.5],
    ['a little odd', 0.25, 1],
    ['odd', 0.01, 5],
    ['odder than can be told', 1e-9, 0.5 / Math.sqrt(1e-3)],
  ])('decides how much the new counts: %s', (_name, p, weight) => {
    expect(
      weightOf(
        'news',
        [news, shape(0.5)],
        untold,
        oddTo(() => p),
      ),
    ).toBeCloseTo(weight, 9);
    expect(
      weightOf(
        'much',
        [much, shape(0.5)],
        untold,
        oddTo(() => p),
      ),
    ).toBeCloseTo(1, 9);
  });

  it('is taken without the new things that the claim itself is about', () => {
    // The event's endpoint and tool are new; the forest minds each new thing.
    const byNews = oddTo((vector) => 4 ** -amountOf(vector[NEWS] ?? 0));
    const about = (count: number): Detector => ({
      ...news,
      score: (event, view) => ({ ...(news.score(event, view, null) as Finding), news: count }),
    });
    const view = (count: number) => {
      const state = emptyAgentState(TENANT, AGENT);
      state.baseline.sessionsEver = READY_SESSIONS;
      const seen = { ...viewFor(state, untold, 's', untold.time, settings), prior: byNews, voice: 1 };
      return 1e-4 / (createScoring([about(count), shape(0.5)], settings).score(untold, seen)[0]?.p ?? Number.NaN);
    };
    expect([view(0), view(1), view(2), view(3)]).toEqual([2, 1, 0.5, 0.5].map((one) => expect.closeTo(one, 9)));
  });

  it('does not count without a forest, and once the user was heard', () => {
    expect(weightOf('news', [news, shape(0.01)], untold, { lent: nothingLent } as KindPrior)).toBeCloseTo(1, 9);
    expect(weightOf('news', [news, shape(0.01)], told)).toBeCloseTo(1, 9);
  });

  it('has parts of the budget of its own', () => {
    const some = claiming('some', { told: 1, untold: 1, shaped: 3 });
    expect(weightOf('some', [some, much])).toBeCloseTo(1.5, 9);
    expect(weightOf('some', [some, much], untold, { lent: nothingLent } as KindPrior)).toBeCloseTo(1, 9);
  });
});

describe('the detectors there are', () => {
  it.each<[string, AuditEvent]>([
    ['told', told],
    ['untold', untold],
  ])('spend the whole budget and no more, and each a part of it: %s', (_name, event) => {
    const claims = DETECTORS.map(({ name, budgetShare }) => claiming(name, budgetShare));
    const weights = Object.values(weightsOf(claims, event));
    expect(weights.length).toBe(DETECTORS.length);
    expect(Math.min(...weights)).toBeGreaterThan(0);
    const limit = alertLimit(emptyAgentState(TENANT, AGENT), event.time, {
      baseline: settings,
      alertBudget: 0.02,
      detectors: DETECTORS.length,
    });
    const perDay = limit * DETECTORS.length;
    expect(weights.reduce((sum, weight) => sum + weight * limit, 0)).toBeCloseTo(perDay, 12);
  });
});
