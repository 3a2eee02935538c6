import { addDecayed, type Decayed, emptyDecayed, valueAt } from '../baselines/statistics/decay.ts';
import type { Detector } from './detector.ts';

/**
 * Corrects a detector's own p by how often this agent's benign sessions reached such a surprise.
 *
 * Model: beta-binomial. The prior is the detector's claim p, worth `PRIOR_SESSIONS` sessions; the evidence is the number of learned
 * sessions whose highest surprise was at least as high, both decayed: p' = (20 p + exceeding) / (20 + sessions). A detector that
 * cries wolf for an agent loses its voice for that agent only. A claim that rests on a fixed prior also gains from a history without
 * such sessions; one that was fitted to that history does not gain from it twice.
 *
 * An analyst's dismissals come on top: after d of them (decayed) a claim counts as p^(1 / (1 + d^2 / 16)). One changes little, or a single
 * word would mute a detector for weeks; after some the detector is as good as silent for this agent.
 *
 * Kept as a histogram of session maxima in steps of 0.25 (-log10 p), 41 cells a detector; an equal cell counts as exceeding.
 */
export interface Calibration {
  readonly cells: Map<string, Float64Array>;
  sessions: number;
  atMs: number;
  /** Dismissed sessions by the detectors that had alerted in them. */
  readonly dismissals: Map<string, Decayed>;
}

const PRIOR_SESSIONS = 20;
const STEP = 0.25;
const CELLS = 41;

export const emptyCalibration = (): Calibration => ({
  cells: new Map(),
  sessions: 0,
  atMs: 0,
  dismissals: new Map(),
});

const cellOf = (surprise: number): number => Math.min(CELLS - 1, Math.max(0, Math.floor(surprise / STEP + 1e-9)));

/** Learns the highest surprise of each detector in one benign session; a detector without one was at 0. */
export function learnMaxima(
  calibration: Calibration,
  maxima: ReadonlyMap<string, number>,
  tMs: number,
  halfLifeMs: number,
): void {
  bringForward(calibration, tMs, halfLifeMs);
  calibration.sessions += 1;
  for (const [detector, surprise] of maxima) {
    const cells = calibration.cells.get(detector) ?? new Float64Array(CELLS);
    const cell = cellOf(surprise);
    cells[cell] = (cells[cell] ?? 0) + 1;
    calibration.cells.set(detector, cells);
  }
}

function bringForward(calibration: Calibration, tMs: number, halfLifeMs: number): void {
  if (tMs <= calibration.atMs) return;
  const factor = calibration.atMs === 0 ? 1 : 2 ** (-(tMs - calibration.atMs) / halfLifeMs);
  for (const cells of calibration.cells.values()) for (let i = 0; i < CELLS; i++) cells[i] = (cells[i] ?? 0) * factor;
  calibration.sessions *= factor;
  calibration.atMs = tMs;
}

export function learnDismissal(calibration: Calibration, detector: string, tMs: number, halfLifeMs: number): void {
  const known = calibration.dismissals.get(detector) ?? emptyDecayed();
  addDecayed(known, 1, tMs, halfLifeMs);
  calibration.dismissals.set(detector, known);
}

/** What is left of a claim after an analyst's dismissals. */
function heard(
  { dismissals }: Readonly<Calibration>,
  detector: string,
  p: number,
  tMs: number,
  halfLifeMs: number,
): number {
  const known = dismissals.get(detector);
  return known === undefined ? p : p ** (1 / (1 + valueAt(known, tMs, halfLifeMs) ** 2 / PATIENCE ** 2));
}

/** Dismissals after which a claim counts as its square root. */
const PATIENCE = 4;

/** The corrected p, in (0, 1], and how many (decayed) sessions reached as high. */
export function calibrate(
  calibration: Readonly<Calibration>,
  detector: string,
  p: number,
  fitted: boolean,
  at: { readonly tMs: number; readonly halfLifeMs: number },
): { p: number; exceeding: number } {
  const cells = calibration.cells.get(detector);
  let exceeding = 0;
  if (cells !== undefined) for (let i = cellOf(-Math.log10(p)); i < CELLS; i++) exceeding += cells[i] ?? 0;
  const claim = heard(calibration, detector, p, at.tMs, at.halfLifeMs);
  const corrected = (PRIOR_SESSIONS * claim + exceeding) / (PRIOR_SESSIONS + calibration.sessions);
  return { p: Math.min(1, fitted ? Math.max(claim, corrected) : corrected), exceeding };
}

export const encodeCalibration = ({ cells, sessions, atMs, dismissals }: Readonly<Calibration>): unknown => ({
  cells: [...cells].map(([detector, counts]) => [detector, [...counts]]),
  sessions,
  atMs,
  dismissals: [...dismissals],
});

export function decodeCalibration(json: unknown): Calibration {
  // Builds of format 1 knew no dismissals.
  const {
    cells,
    sessions,
    atMs,
    dismissals = [],
  } = json as {
    cells: [Detector['name'], number[]][];
    sessions: number;
    atMs: number;
    dismissals?: [Detector['name'], Decayed][];
  };
  return {
    cells: new Map(cells.map(([detector, counts]) => [detector, Float64Array.from(counts)])),
    sessions,
    atMs,
    dismissals: new Map(dismissals),
  };
}
