/** Goal: the figures of an evaluation mean what they say: compared with values worked out by hand or taken from published tables. */
import { describe, expect, it } from 'vitest';
import { ageClassOf, breakdownsOf } from '../../cli/evaluate/breakdown.ts';
import { histogramOf } from '../../cli/evaluate/histogram.ts';
import { actClassOf, delayClassOf, paceOf } from '../../cli/evaluate/pace.ts';
import { poissonInterval } from '../../cli/evaluate/poisson-interval.ts';
import { promptnessOf, timingOf } from '../../cli/evaluate/promptness.ts';
import { areaUnderCurve, rocCurve, thresholdAtFpr, tprAtFpr } from '../../cli/evaluate/roc.ts';
import { dailyRate, shareOf } from '../../cli/evaluate/share.ts';
import { DAY_MS, MINUTE_MS, MONDAY_MS } from '../support/agent-bench.ts';
import { outcome } from '../support/session-outcomes.ts';

describe('areaUnderCurve', () => {
  it.each<[string, number[], number[], number | null]>([
    ['all above', [0.9, 0.8], [0.1, 0.2], 1],
    ['all below', [0.1], [0.2, 0.3], 0],
    ['3.5 of 4 pairs', [0.9, 0.4], [0.4, 0.1], 0.875],
    ['all tied', [0, 0, 0], [0, 0], 0.5],
    ['no attacks', [], [0.1], null],
    ['no benign sessions', [0.1], [], null],
  ])('%s', (_name, attacks, benign, expected) => {
    expect(areaUnderCurve(attacks, benign)).toBe(expected);
  });

  it('is the area under the points of the curve', () => {
    const attacks = [0.9, 0.8, 0.8, 0.4, 0.4, 0.1];
    const benign = [0.8, 0.5, 0.4, 0.2, 0.1, 0.1, 0];
    const points = rocCurve(attacks, benign);
    const trapezes = points.slice(1).map((point, i) => {
      const before = points[i] ?? point;
      return (point.fpr - before.fpr) * ((point.tpr + before.tpr) / 2);
    });
    expect(trapezes.reduce((sum, one) => sum + one, 0)).toBeCloseTo(areaUnderCurve(attacks, benign) ?? 0, 12);
  });
});

describe('tprAtFpr', () => {
  const benign = Array.from({ length: 100 }, (_, i) => i / 100);

  it('lets floor(fpr n) benign sessions pass, and takes what lies above the next', () => {
    expect(thresholdAtFpr(benign, 0.01)).toBe(0.98);
    expect(tprAtFpr([0.99, 0.985, 0.98, 0.5], benign, 0.01)).toBe(0.5);
    expect(thresholdAtFpr(benign, 0.055)).toBe(0.94);
    expect(thresholdAtFpr([0.3, 0.1], 0.01)).toBe(0.3);
  });

  it('is unknown without attacks or benign sessions', () => {
    expect([tprAtFpr([], benign, 0.01), tprAtFpr([1], [], 0.01)]).toEqual([null, null]);
  });
});

describe('rocCurve', () => {
  it('goes from nothing to all, with a diagonal for a tie, and keeps only its corners', () => {
    expect(rocCurve([0.9, 0.8, 0.5, 0.2], [0.5, 0.3, 0.1, 0])).toEqual([
      { fpr: 0, tpr: 0 },
      { fpr: 0, tpr: 0.5 },
      { fpr: 0.25, tpr: 0.75 },
      { fpr: 0.5, tpr: 0.75 },
      { fpr: 0.5, tpr: 1 },
      { fpr: 1, tpr: 1 },
    ]);
  });

  it('has no points without attacks or benign sessions, and a bounded number of a million', () => {
    expect([rocCurve([], [1]), rocCurve([1], [])]).toEqual([[], []]);
    const many = Array.from({ length: 20_000 }, (_, i) => i);
    const points = rocCurve(
      many.map((i) => 2 * i + 1),
      many.map((i) => 2 * i),
    );
    expect(points.length).toBeLessThanOrEqual(1001);
    expect([points[0], points.at(-1)]).toEqual([
      { fpr: 0, tpr: 0 },
      { fpr: 1, tpr: 1 },
    ]);
  });
});

describe('intervals', () => {
  it.each([
    [0, 0, 3.6889],
    [1, 0.0253, 5.5716],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [100, 81.364, 121.6268],
  ])('of a Poisson count of %i, as Garwood and the tables have them', (count, low, high) => {
    const interval = poissonInterval(count);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it.each([-1, 0.5, 1e7, Number.NaN])('of a Poisson count of %d there is none', (count) => {
    expect(() => poissonInterval(count)).toThrow(RangeError);
  });

  it('divides counts by agent-days, and by none not at all', () => {
    const rate = dailyRate(5, 100);
    expect({ ...rate, low: rate?.low.toFixed(4), high: rate?.high.toFixed(4) }).toEqual({
      count: 5,
      agent_days: 100,
      rate: 0.05,
      low: '0.0162',
      high: '0.1167',
    });
    expect(dailyRate(0, 0)).toBeNull();
  });

  it('knows no rate of none of none', () => {
    expect(shareOf(0, 0)).toEqual({ count: 0, of: 0, rate: null, low: 0, high: 1 });
  });
});

describe('pace', () => {
  const times = new Map([
    ['seen', MONDAY_MS],
    ['soon', MONDAY_MS + 5000],
    ['later', MONDAY_MS + 10 * MINUTE_MS],
    ['late', MONDAY_MS + 10 * MINUTE_MS + 1],
    ['next', MONDAY_MS + 15 * MINUTE_MS],
  ]);
  const attack = (exposure: string | undefined, ...core: string[]) => ({ exposure, core: new Set(core) });

  it.each([
    ['one act, soon', attack('seen', 'soon'), ['single', '1', 'under 10 s']],
    ['one act, at ten minutes', attack('seen', 'later'), ['single', '1', '1 to 10 min']],
    ['one act, after ten minutes', attack('seen', 'late'), ['slow', '1', 'over 10 min']],
    ['two acts, soon', attack('seen', 'later', 'soon'), ['burst', '2-3', 'under 10 s']],
    ['two acts, far from each other', attack('seen', 'soon', 'next'), ['slow', '2-3', 'under 10 s']],
    ['no exposure', attack(undefined, 'soon', 'later', 'late', 'next'), ['slow', '4 and more', 'unknown']],
    ['an exposure that is not there', attack('gone', 'soon'), ['single', '1', 'unknown']],
    ['acts that are not there', attack('seen', 'gone', 'lost'), ['burst', '2-3', 'unknown']],
    ['no acts', attack('seen'), ['unknown', 'unknown', 'unknown']],
  ])('%s', (_name, one, expected) => {
    expect([paceOf(one, times), actClassOf(one), delayClassOf(one, times)]).toEqual(expected);
  });
});

describe('age', () => {
  it.each([
    [0, 'under 1 day'],
    [DAY_MS - 1, 'under 1 day'],
    [DAY_MS, '1 to 7 days'],
    [7 * DAY_MS, '7 to 30 days'],
    [30 * DAY_MS, '30 days and more'],
  ])('%i ms after the first event', (ageMs, expected) => {
    const known = new Map([['a', MONDAY_MS]]);
    expect(ageClassOf({ agent: 'a', startMs: MONDAY_MS + ageMs }, known)).toBe(expected);
    expect(ageClassOf({ agent: 'b', startMs: MONDAY_MS + ageMs }, known)).toBe('under 1 day');
  });
});

describe('promptness', () => {
  it.each<[string, Parameters<typeof timingOf>[0]]>([
    ['never', places(undefined, 2, 4)],
    ['before the exposure', places(1, 2, 4)],
    ['before the first act', places(2, 2, 4)],
    ['with the first act', places(4, 2, 4)],
    ['1 event after', places(5, 2, 4)],
    ['2 to 3 events after', places(7, 2, 4)],
    ['4 and more events after', places(8, 2, 4)],
    ['acts not labelled', places(3, 2, undefined)],
    ['with the first act', places(4, undefined, 4)],
  ])('%s', (expected, one) => {
    expect(timingOf(one)).toBe(expected);
  });

  it('takes the median over what alerted, and counts what alerted before the exposure only', () => {
    const attacks = [
      places(4, 2, 4),
      places(6, 2, 4),
      places(9, 2, 4),
      places(undefined, 2, 4),
      { ...places(1, 2, 4), lastAlertAt: 1 },
      { ...places(1, 2, 4), lastAlertAt: 5 },
    ].map((one) => outcome(one));
    const found = promptnessOf(attacks);
    expect(found.timing.filter((one) => one.attacks > 0)).toEqual([
      { when: 'before the exposure', attacks: 2 },
      { when: 'with the first act', attacks: 1 },
      { when: '2 to 3 events after', attacks: 1 },
      { when: '4 and more events after', attacks: 1 },
      { when: 'never', attacks: 1 },
    ]);
    expect([found.median_events, found.only_before_exposure]).toEqual([0, 1]);
  });

  function places(firstAlertAt: number | undefined, exposureAt: number | undefined, coreAt: number | undefined) {
    return { firstAlertAt, lastAlertAt: firstAlertAt, exposureAt, coreAt };
  }
});

describe('breakdowns', () => {
  it('leave out empty classes and count both sides of those that are there', () => {
    const attacks = [
      outcome({ knowledge: 'ready', firstAlertAt: 0, label: { category: 'b' } }),
      outcome({ knowledge: 'ready', label: { category: 'b' } }),
      outcome({ knowledge: 'cold', label: { category: 'a' } }),
    ];
    const benign = [outcome({ cohort: 'benign', knowledge: 'warming', firstAlertAt: 3 })];
    const rows = breakdownsOf({ attacks, benign, agentsFromMs: new Map(), namedMs: new Map() });
    expect(rows.category).toEqual([
      { name: 'a', recall: shareOf(0, 1) },
      { name: 'b', recall: shareOf(1, 2) },
    ]);
    expect(rows.knowledge).toEqual([
      { name: 'cold', recall: shareOf(0, 1), benign: shareOf(0, 0) },
      { name: 'warming', recall: shareOf(0, 0), benign: shareOf(1, 1) },
      { name: 'ready', recall: shareOf(1, 2), benign: shareOf(0, 0) },
    ]);
    expect(rows.pace).toEqual([{ name: 'unknown', recall: shareOf(1, 3) }]);
  });
});

describe('histogramOf', () => {
  it('puts every score into one class, 1 into the last', () => {
    const bins = histogramOf([0, 0.049, 0.05, 1], [0.999, 0.5]);
    expect(bins.filter(({ attacks, benign }) => attacks + benign > 0)).toEqual([
      { from: 0, to: 0.05, attacks: 2, benign: 0 },
      { from: 0.05, to: 0.1, attacks: 1, benign: 0 },
      { from: 0.5, to: 0.55, attacks: 0, benign: 1 },
      { from: 0.95, to: 1, attacks: 1, benign: 1 },
    ]);
  });
});
