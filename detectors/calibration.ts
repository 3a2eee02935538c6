import { DAY_MS } from '../baselines/periods.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { addDecayed, type Decayed, emptyDecayed, valueAt } from '../baselines/statistics/decay.ts';
import type { Detector } from './detector.ts';
import type { KindTails, TailSample } from './kind-tails.ts';

/**
 * Corrects a detector's own p by how often this agent's benign sessions reached such a surprise.
 *
 * Model: beta-binomial. The prior is the detector's claim p, worth `PRIOR_SESSIONS` sessions; the evidence is the number of learned
 * sessions whose highest surprise was at least as high, both decayed: p' = (20 p + exceeding) / (20 + sessions). A detector that
 * cries wolf for an agent loses its voice for that agent only. A claim that rests on a fixed prior also gains from a history without
 * such sessions; one that was fitted to that history does not gain from it twice.
 *
 * What no session reached yet is judged by those that came near: above `TAIL_FROM` the session maxima have an exponential tail, whose share and
 * slope are estimated from them (beta and gamma priors: one session in ten, and each decade of surprise ten times rarer). A detector whose
 * moderate claims come true too often is not believed its strong ones; its tail only ever makes a claim milder. The beliefs are the kind's, where
 * its other agents came near more often (`kind-tails.ts`): what their first days brought, a new agent's will bring. Sessions of one day share
 * their hours: of a day the highest peak counts for the slope and three sessions for the share, so that one huge day does not excuse the next. Source: Pickands,
 * "Statistical inference using extreme order statistics", Annals of Statistics 1975 (shape 0).
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
  /** The tails of the session maxima, by detector. */
  readonly peaks: Map<string, Peaks>;
}

/** Highest peaks of days. */
interface Peaks {
  /** Day of the newest peak, since 1970, and by how many decades it exceeded the threshold. */
  day: number;
  highest: number;
  /** Sessions of that day that exceeded it, as far as they count. */
  today: number;
  /** Days with a peak, decayed, the sum of what they exceeded it by, and the sessions that did. */
  days: number;
  beyond: number;
  sessions: number;
}

const PRIOR_SESSIONS = 20;
const STEP = 0.25;
const CELLS = 41;
/** Of detectors, and their tools; what comes by further tools is not remembered apart, and so not held against these. */
const NAMES_MAX = 48;

/** A session is remembered by a tool from this surprise on. */
export const TOOL_SURPRISE_MIN = 1;

export const emptyCalibration = (): Calibration => ({
  cells: new Map(),
  sessions: 0,
  atMs: 0,
  dismissals: new Map(),
  peaks: new Map(),
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
    if (!calibration.cells.has(detector) && calibration.cells.size >= NAMES_MAX) continue;
    const cells = calibration.cells.get(detector) ?? new Float64Array(CELLS);
    const cell = cellOf(surprise);
    cells[cell] = (cells[cell] ?? 0) + 1;
    calibration.cells.set(detector, cells);
    const excess = Math.min(surprise - TAIL_DECADES, EXCESS_MAX);
    learnPeak(calibration.peaks, detector, excess, Math.floor(tMs / DAY_MS));
  }
}

function learnPeak(all: Calibration['peaks'], detector: string, excess: number, day: number): void {
  if (excess < 0) return;
  const peaks = all.get(detector) ?? { day: -1, highest: 0, today: 0, days: 0, beyond: 0, sessions: 0 };
  all.set(detector, peaks);
  if (day > peaks.day) {
    peaks.day = day;
    peaks.days += 1;
    peaks.highest = 0;
    peaks.today = 0;
  }
  if (peaks.today < COUNTED_A_DAY) {
    peaks.today += 1;
    peaks.sessions += 1;
  }
  peaks.beyond += Math.max(0, excess - peaks.highest);
  peaks.highest = Math.max(excess, peaks.highest);
}

function bringForward(calibration: Calibration, tMs: number, halfLifeMs: number): void {
  if (tMs <= calibration.atMs) return;
  const factor = calibration.atMs === 0 ? 1 : 2 ** (-(tMs - calibration.atMs) / halfLifeMs);
  for (const cells of calibration.cells.values()) for (let i = 0; i < CELLS; i++) cells[i] = (cells[i] ?? 0) * factor;
  for (const peaks of calibration.peaks.values()) {
    peaks.days *= factor;
    peaks.beyond *= factor;
    peaks.sessions *= factor;
  }
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

/**
 * The corrected p, in (0, 1], and how many (decayed) sessions reached as high. With a `tool`, those that did so by that tool, where the claim is
 * one that they are remembered by.
 */
export function calibrate(
  calibration: Readonly<Calibration>,
  detector: string,
  p: number,
  fitted: boolean,
  at: {
    readonly tMs: number;
    readonly halfLifeMs: number;
    readonly kind?: KindTails | undefined;
    readonly tool?: string | undefined;
  },
): { p: number; exceeding: number; by: 'agent' | 'kind' } {
  const tool = p < TAIL_FROM ? at.tool : undefined;
  const exceeding = exceedingOf(calibration, tool === undefined ? detector : byTool(detector, tool), p);
  const claim = heard(calibration, detector, p, at.tMs, at.halfLifeMs);
  const counted = (PRIOR_SESSIONS * claim + exceeding) / (PRIOR_SESSIONS + calibration.sessions);
  const part = tool === undefined ? 1 : partOf(tool, detector, calibration, at.kind);
  const own = Math.max(counted, part * tailAt(claim, calibration, detector, TAIL_PRIOR));
  const kind = at.kind === undefined ? 0 : part * tailAt(claim, calibration, detector, beliefFrom(at.kind, detector));
  const corrected = Math.max(own, kind);
  return {
    p: Math.min(1, fitted ? Math.max(claim, corrected) : corrected),
    exceeding,
    by: kind > own ? 'kind' : 'agent',
  };
}

function exceedingOf({ cells }: Readonly<Calibration>, name: string, p: number): number {
  const counts = cells.get(name);
  let exceeding = 0;
  if (counts !== undefined) for (let i = cellOf(-Math.log10(p)); i < CELLS; i++) exceeding += counts[i] ?? 0;
  return exceeding;
}

/** Share of sessions in the tail; each decade of surprise is so many decades rarer. */
interface Tail {
  readonly share: number;
  readonly slope: number;
}

/** The chance of a claim by the tail of the agent's session maxima; 0 for what lies below the tail, and where nothing is known of it. */
function tailAt(claim: number, own: Readonly<Calibration>, detector: string, belief: Tail | undefined): number {
  const seen = own.peaks.get(detector);
  if (claim >= TAIL_FROM || belief === undefined || (seen === undefined && belief === TAIL_PRIOR)) return 0;
  const { share, slope } = tailFrom(belief, seen, own.sessions);
  return share * (claim / TAIL_FROM) ** slope;
}

/**
 * The part of a detector's near misses that came by one tool, the agent's own and what its kind makes it expect. Begins at 1, and falls with
 * near misses by other tools.
 */
function partOf(tool: string, detector: string, own: Readonly<Calibration>, kind: KindTails | undefined): number {
  const lent =
    kind === undefined
      ? 0
      : PRIOR_SESSIONS ** 2 / (PRIOR_SESSIONS + own.sessions) / Math.max(PRIOR_SESSIONS, kind.sessions);
  const misses = (matches: (name: string) => boolean) => {
    let sum = 0;
    for (const [name, { sessions }] of own.peaks) if (matches(name)) sum += sessions;
    if (lent > 0) for (const [name, { sessions }] of kind?.peaks ?? []) if (matches(name)) sum += sessions * lent;
    return sum;
  };
  const all = misses((name) => name.startsWith(byTool(detector, '')));
  return (misses((name) => name === byTool(detector, tool)) + PRIOR_MISSES) / (all + PRIOR_MISSES);
}

/** What the belief is worth that a tool is the one that comes near. */
const PRIOR_MISSES = 20;

/** Under this name stands what came of one tool. */
export const byTool = (detector: string, tool: string): string => `${detector}: ${boundedKey(tool)}`;

const tailFrom = (belief: Tail, seen: TailSample | undefined, sessions: number): Tail => ({
  share: (PRIOR_SESSIONS * belief.share + (seen?.sessions ?? 0)) / (PRIOR_SESSIONS + sessions),
  slope: Math.min(
    1,
    (PRIOR_PEAKS + (seen?.days ?? 0)) / (PRIOR_PEAKS / belief.slope + (seen?.beyond ?? 0) * Math.LN10),
  ),
});

/** What the kind makes an agent expect of itself: never that it comes near more rarely than an agent without a kind would expect. */
function beliefFrom({ peaks, sessions }: KindTails, detector: string): Tail | undefined {
  const seen = peaks.get(detector);
  if (seen === undefined) return undefined;
  const { share, slope } = tailFrom(TAIL_PRIOR, seen, sessions);
  return { share: Math.max(TAIL_PRIOR.share, share), slope };
}

/** Sessions that reach this p make up the tail. */
const TAIL_FROM = 0.1;
const TAIL_DECADES = 1;
const TAIL_PRIOR: Tail = { share: TAIL_FROM, slope: 1 };
/** What one day teaches is bounded: further sessions do not count for the share, further decades of a peak are not learned. */
const COUNTED_A_DAY = 3;
const EXCESS_MAX = 1;
/** What the belief in the claimed slope is worth, in days with a peak. */
const PRIOR_PEAKS = 5;

export const encodeCalibration = ({ cells, sessions, atMs, dismissals, peaks }: Readonly<Calibration>): unknown => ({
  cells: [...cells].map(([detector, counts]) => [detector, [...counts]]),
  sessions,
  atMs,
  dismissals: [...dismissals],
  peaks: [...peaks],
});

export function decodeCalibration(json: unknown): Calibration {
  // Builds of format 1 knew no dismissals.
  const {
    cells,
    sessions,
    atMs,
    dismissals = [],
    // Nor did builds of format 2 know tails at first: they begin empty.
    peaks = [],
  } = json as {
    cells: [Detector['name'], number[]][];
    sessions: number;
    atMs: number;
    dismissals?: [Detector['name'], Decayed][];
    peaks?: [Detector['name'], Peaks][];
  };
  return {
    cells: new Map(cells.map(([detector, counts]) => [detector, Float64Array.from(counts)])),
    sessions,
    atMs,
    dismissals: new Map(dismissals),
    peaks: new Map(peaks),
  };
}
