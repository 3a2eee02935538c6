/**
 * Goal: a detector's p is corrected by the tail of the agent's own benign sessions: moderate claims that come true too often make strong ones
 * milder, one day teaches a bounded step, states of builds before have no tail, and nothing becomes stronger by it.
 */
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../baselines/periods.ts';
import {
  byTool,
  type Calibration,
  calibrate,
  decodeCalibration,
  emptyCalibration,
  encodeCalibration,
  learnMaxima,
} from '../../detectors/calibration.ts';

const HALF_LIFE_MS = 14 * DAY_MS;
const START_MS = 20_000 * DAY_MS;
const CLAIM = 1e-4;

/** Surprises of sessions by day; days follow each other. */
function learned(days: readonly (readonly number[])[]): Calibration {
  const calibration = emptyCalibration();
  for (const [day, surprises] of days.entries())
    for (const surprise of surprises) {
      const maxima = new Map(surprise > 0 ? [['d', surprise] as const] : []);
      learnMaxima(calibration, maxima, START_MS + day * DAY_MS, HALF_LIFE_MS);
    }
  return calibration;
}

const corrected = (calibration: Calibration, claim = CLAIM): number =>
  calibrate(calibration, 'd', claim, true, { tMs: calibration.atMs, halfLifeMs: HALF_LIFE_MS }).p;

const QUIET = Array.from({ length: 20 }, () => [0, 0]);
const NEAR = Array.from({ length: 20 }, (_, day) => [0, day % 4 === 0 ? 2.5 : 0]);

describe('the tail of session maxima', () => {
  it('leaves a claim alone where no session came near', () => {
    expect(corrected(learned(QUIET))).toBe(CLAIM);
  });

  it('makes a claim milder where sessions came near on several days, though none reached it', () => {
    const near = learned(NEAR);
    expect(corrected(near)).toBeGreaterThan(3 * CLAIM);
    expect(corrected(near)).toBeLessThan(0.1);
  });

  it('says nothing of claims above one in ten', () => {
    expect(corrected(learned(NEAR), 0.3)).toBe(0.3);
  });

  it('lets one day count for three sessions at most, however many sessions it had', () => {
    const afterDayOf = (sessions: number) => corrected(learned([...QUIET, Array.from({ length: sessions }, () => 3)]));
    expect(afterDayOf(100)).toBeLessThanOrEqual(afterDayOf(3));
    expect(afterDayOf(3)).toBeLessThan(4 * CLAIM);
  });

  it('learns no more from a peak of many decades than from one of two', () => {
    const at = (surprise: number) => learned([...QUIET, [surprise]]).peaks.get('d')?.beyond;
    expect(at(9)).toBe(at(2));
    expect(at(1.5)).toBeCloseTo(0.5, 12);
    expect(at(0.5)).toBeUndefined();
  });

  it('keeps the order of claims', () => {
    const near = learned(NEAR);
    const claims = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2];
    const all = claims.map((claim) => corrected(near, claim));
    expect(all).toEqual([...all].sort((a, b) => a - b));
    for (const [i, claim] of claims.entries()) expect(all[i]).toBeGreaterThanOrEqual(claim);
  });

  it('is stored with the state, and empty in states of builds before', () => {
    const near = learned(NEAR);
    const stored = encodeCalibration(near) as Record<string, unknown>;
    expect(corrected(decodeCalibration(JSON.parse(JSON.stringify(stored))))).toBe(corrected(near));
    const { peaks: _, ...before } = stored;
    expect(corrected(decodeCalibration(before))).toBe(CLAIM);
  });
});

describe('near misses by a tool', () => {
  /** Twenty days on which one tool comes near now and then. */
  function wornBy(tool: string, surprise: number): Calibration {
    const calibration = emptyCalibration();
    for (let day = 0; day < 20; day++)
      for (const near of [0, day % 4 === 0 ? surprise : 0]) {
        const maxima = near > 0 ? [['d', near] as const, [byTool('d', tool), near] as const] : [];
        learnMaxima(calibration, new Map(maxima), START_MS + day * DAY_MS, HALF_LIFE_MS);
      }
    return calibration;
  }
  const byA = (calibration: Calibration, tool: string | undefined, claim = CLAIM): number =>
    calibrate(calibration, 'd', claim, true, { tMs: calibration.atMs, halfLifeMs: HALF_LIFE_MS, tool }).p;

  it('count for claims about that tool as they do for all, and less for those about another', () => {
    const near = wornBy('post', 2.5);
    expect(byA(near, 'post')).toBeCloseTo(byA(near, undefined), 12);
    expect(byA(near, 'close')).toBeLessThan(0.9 * byA(near, 'post'));
    expect(byA(near, 'close')).toBeGreaterThan(CLAIM);
  });

  it('are held against the tool that went as far, not against others', () => {
    const far = wornBy('post', 5);
    expect(byA(far, 'post')).toBeGreaterThan(0.05);
    expect(byA(far, 'close')).toBeLessThan(0.02);
  });

  it('are not asked for by claims above one in ten', () => {
    const far = wornBy('post', 5);
    expect(byA(far, 'close', 0.3)).toBe(byA(far, undefined, 0.3));
  });

  it('are remembered of so many tools', () => {
    const calibration = emptyCalibration();
    const maxima = new Map(Array.from({ length: 100 }, (_, i) => [byTool('d', `t${i}`), 3] as const));
    learnMaxima(calibration, maxima, START_MS, HALF_LIFE_MS);
    expect([calibration.cells.size, calibration.peaks.size]).toEqual([48, 48]);
  });
});
