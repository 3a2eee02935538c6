/**
 * Goal: a detector's p is corrected by the tail of the agent's own benign sessions: moderate claims that come true too often make strong ones
 * milder, one day teaches a bounded step, states of builds before have no tail, and nothing becomes stronger by it. Where claims are about
 * subjects, what came near about one makes claims about it milder than claims about others.
 */
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../baselines/periods.ts';
import {
  type Calibration,
  calibrate,
  decodeCalibration,
  emptyCalibration,
  encodeCalibration,
  learnMaxima,
  tailKey,
} from '../../detectors/calibration.ts';
import { lendTails, poolTails } from '../../detectors/kind-tails.ts';

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

describe('the tails of subjects', () => {
  /** Twenty days, with a session near an alert about `subject` every fourth. */
  function nearAbout(subjects: (day: number) => string): Calibration {
    const calibration = emptyCalibration();
    for (const [day, surprises] of NEAR.entries())
      for (const surprise of surprises) {
        const maxima = surprise > 0 ? [['d', surprise] as const, [tailKey('d', subjects(day)), surprise] as const] : [];
        learnMaxima(calibration, new Map(maxima), START_MS + day * DAY_MS, HALF_LIFE_MS);
      }
    return calibration;
  }
  const about = (calibration: Calibration, subject?: string): number =>
    calibrate(calibration, 'd', CLAIM, true, { tMs: calibration.atMs, halfLifeMs: HALF_LIFE_MS, subject }).p;

  it('make a claim about what came near as mild as without subjects, and one about another less so', () => {
    const near = nearAbout(() => 'share_document');
    expect(about(near, 'share_document')).toBeCloseTo(about(near), 12);
    expect(about(near, 'merge_patients')).toBeLessThan(about(near) / 2);
    expect(about(near, 'merge_patients')).toBeGreaterThan(CLAIM);
  });

  it('leave a claim about something that never came near milder, the more others did', () => {
    const one = nearAbout(() => 'share_document');
    const none = learned(QUIET);
    expect(about(one, 'merge_patients')).toBeGreaterThan(about(none, 'merge_patients'));
  });

  it('are kept of so many subjects only, those that came near last', () => {
    const calibration = emptyCalibration();
    for (let n = 0; n < 100; n++) {
      const maxima = new Map([
        ['d', 2],
        [tailKey('d', `tool-${n}`), 2],
      ]);
      learnMaxima(calibration, maxima, START_MS + n, HALF_LIFE_MS);
    }
    const kept = [...calibration.peaks.keys()];
    expect(kept).toHaveLength(33);
    expect(kept).toContain('d');
    expect(kept).toContain(tailKey('d', 'tool-99'));
    expect(kept).not.toContain(tailKey('d', 'tool-67'));
    expect(new Set(calibration.cells.keys())).toEqual(new Set(kept));
  });

  it('are lent with the others, and stored', () => {
    const near = nearAbout(() => 'share_document');
    const restored = decodeCalibration(JSON.parse(JSON.stringify(encodeCalibration(near))));
    expect(about(restored, 'share_document')).toBe(about(near, 'share_document'));
    const kind = poolTails([{ sessions: 40, voice: 1, value: lendTails(near, near.atMs, HALF_LIFE_MS) }]);
    const fresh = emptyCalibration();
    const lent = (subject: string) =>
      calibrate(fresh, 'd', CLAIM, true, { tMs: near.atMs, halfLifeMs: HALF_LIFE_MS, kind, subject }).p;
    expect(lent('share_document')).toBeGreaterThan(lent('merge_patients'));
  });
});
