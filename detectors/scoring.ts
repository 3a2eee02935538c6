/**
 * Runs all detectors on one event and lets the agent's own history correct them. Also the keeper of their slots in the state.
 */
import type { AgentState, Learners } from '../baselines/agent-state.ts';
import { type BaselineSettings, sessionCount } from '../baselines/baseline.ts';
import type { Lend } from '../baselines/kind-model.ts';
import type { SessionState } from '../baselines/session-state.ts';
import type { Reason, Verdict } from '../baselines/verdict.ts';
import type { AuditEvent } from '../ingest/event.ts';
import {
  type Calibration,
  calibrate,
  decodeCalibration,
  emptyCalibration,
  encodeCalibration,
  learnDismissal,
  learnMaxima,
  tailKey,
} from './calibration.ts';
import { type BudgetShare, type Detector, type Finding, link, type Observed, type View } from './detector.ts';
import {
  DOUBTS,
  type Doubted,
  doubtKey,
  doubtsOf,
  dropDoubt,
  lendDoubts,
  noteDoubt,
  poolDoubts,
  type Repeated,
  repeatedDoubt,
} from './doubts.ts';
import { isolationForest, shapeBeside } from './isolation-forest.ts';
import { lendTails, poolTails } from './kind-tails.ts';

/** A finding with the corrected p and its score. */
export interface Judged extends Pick<Finding, 'subject' | 'severity'> {
  readonly detector: string;
  readonly tags: readonly string[];
  /** -log10 of the detector's own p; `p` is the corrected one. */
  readonly surprise: number;
  /** min(1, -log10 p / 8). */
  readonly p: number;
  readonly score: number;
  /** The score of what the session shows by itself: `p` and `score` may owe something to sessions before it. */
  readonly alone: number;
  /** Doubts of its subject add up, over sessions too (`doubts.ts`). */
  readonly addsUp: boolean;
  explain(): { readonly title: string; readonly why: string; readonly reason: Reason };
}

export interface Scoring {
  score(event: AuditEvent, view: View): Judged[];
  readonly learners: Learners;
  /** What the agent's detectors lend its kind. */
  readonly lend: Lend;
  /** Slots as JSON values, and back. */
  encodeSlots(state: Readonly<AgentState>): Record<string, unknown>;
  decodeSlots(state: AgentState, slots: Readonly<Record<string, unknown>>): void;
}

const CALIBRATION = 'calibration';
const SCORE_DECADES = 8;
/** Below this p nothing is claimed more precisely. */
const P_MIN = 1e-12;

export const scoreOf = (p: number): number => Math.min(1, -Math.log10(Math.max(p, P_MIN)) / SCORE_DECADES);

export function createScoring(detectors: readonly Detector[], settings: BaselineSettings): Scoring {
  const weights = weighDetectors(detectors);
  return {
    score(event, view) {
      const found: Found[] = [];
      for (const detector of detectors) {
        const finding = detector.score(event, view, slotOf(view.state, detector.name, detector.init));
        if (finding !== undefined) found.push({ detector, finding });
      }
      return found.map((one) => withDoubts(judged(one, view, weights, shapeOf(event, one, view)), one.detector, view));
    },
    learners: {
      admitted(state, event, timeMs, session, verdict) {
        const at = { state, session, timeMs };
        for (const one of detectors) {
          one.observe?.(event, at, slotOf(state, one.name, one.init));
          if (one.doubted !== undefined) noteDoubts(one, event, at, verdict, settings);
          if (one.tailsBySubject) noteSurprise(one, event, session, verdict);
        }
      },
      event(state, event) {
        for (const detector of detectors) detector.learn(event, slotOf(state, detector.name, detector.init), settings);
      },
      session(state, session) {
        for (const one of detectors) one.learnSession?.(session, slotOf(state, one.name, one.init), settings);
        const calibration = calibrationOf(state);
        learnMaxima(calibration, surpriseOf(session), session.lastMs, settings.halfLifeMs);
        if (!session.dismissed) return;
        for (const name of alertedBy(session)) learnDismissal(calibration, name, session.lastMs, settings.halfLifeMs);
        for (const kind of session.alerted) doubtsOf(state).delete(withoutTitle(kind));
      },
    },
    lend(state) {
      const { baseline, clockMs } = state;
      const at = { timeMs: clockMs, sessions: sessionCount(baseline, clockMs, settings) };
      const lent = detectors.map((one) => [one.name, one.lend?.(slotOf(state, one.name, one.init), settings, at)]);
      lent.push([CALIBRATION, lendTails(calibrationOf(state), clockMs, settings.halfLifeMs)]);
      lent.push([DOUBTS, lendDoubts(doubtsOf(state), clockMs, settings.halfLifeMs)]);
      return Object.fromEntries(lent.filter(([, value]) => value !== undefined));
    },
    encodeSlots: (state) => ({
      ...Object.fromEntries(detectors.map((one) => [one.name, one.encode(slotOf(state, one.name, one.init))])),
      [CALIBRATION]: encodeCalibration(calibrationOf(state)),
      // Hardly any agent has one, and builds before knew none.
      ...(doubtsOf(state).size === 0 ? {} : { [DOUBTS]: [...doubtsOf(state)] }),
    }),
    decodeSlots(state, slots) {
      for (const { name, decode } of detectors)
        if (slots[name] !== undefined) state.slots.set(name, decode(slots[name]));
      if (slots[CALIBRATION] !== undefined) state.slots.set(CALIBRATION, decodeCalibration(slots[CALIBRATION]));
      if (slots[DOUBTS] !== undefined) state.slots.set(DOUBTS, new Map(slots[DOUBTS] as [string, Doubted][]));
    },
  };
}

/** Kinds of alerts begin with the detector's name. */
const alertedBy = ({ alerted }: Readonly<SessionState>): Set<string> =>
  new Set([...alerted].map((kind) => kind.slice(0, kind.indexOf(':'))));

/** Detector and subject, as `doubtKey` has them. */
const withoutTitle = (kind: string): string => {
  const [detector = '', , ...subject] = kind.split(': ');
  return `${detector}: ${subject.join(': ')}`;
};

/** Below what makes an alert. */
const DISMISSED_SURPRISE_MAX = 2;

/**
 * A session that an analyst called benign was judged by a person: it is learned, but it is no evidence that the detector's p is wrong for
 * whatever comes after it: dismissals are counted apart.
 */
const surpriseOf = ({ surprise, dismissed }: Readonly<SessionState>): ReadonlyMap<string, number> =>
  dismissed ? new Map([...surprise].map(([name, one]) => [name, Math.min(one, DISMISSED_SURPRISE_MAX)])) : surprise;

/** The slot is made when it is first asked for: a detector added later starts empty on every agent. */
function slotOf<Own>(state: Readonly<AgentState>, name: string, init: () => Own): Own {
  let own = state.slots.get(name) as Own | undefined;
  if (own === undefined) {
    own = init();
    state.slots.set(name, own);
  }
  return own;
}

const calibrationOf = (state: Readonly<AgentState>): Calibration => slotOf(state, CALIBRATION, emptyCalibration);

/** What is held against a subject is what was said of it when it was judged: the recorded score, so that a replay notes the same. */
function noteDoubts(
  { name, doubted }: Detector,
  event: AuditEvent,
  { state, session, timeMs }: Observed,
  { status, detectors }: Verdict,
  { halfLifeMs }: BaselineSettings,
): void {
  if (status === 'late') return;
  const shown = { decades: SCORE_DECADES * (detectors[name] ?? 0), event: event.id, timeMs };
  for (const subject of doubted?.(event) ?? []) {
    const key = doubtKey(name, subject);
    if (status === 'hold') dropDoubt(doubtsOf(state), key, session);
    else noteDoubt(doubtsOf(state), key, shown, session, halfLifeMs);
  }
}

/** The highest surprise about each subject, beside that of the detector, for what the session will teach. */
function noteSurprise(
  { name, doubted }: Detector,
  event: AuditEvent,
  { surprise }: SessionState,
  verdict: Verdict,
): void {
  const shown = verdict.surprise[name] ?? 0;
  for (const subject of doubted?.(event) ?? []) {
    const key = tailKey(name, subject);
    const before = surprise.get(key) ?? SUBJECT_SURPRISE_MIN;
    if (shown > before && (surprise.has(key) || surprise.size < SURPRISES_MAX)) surprise.set(key, shown);
  }
}

/** Less than this is no part of a tail. */
const SUBJECT_SURPRISE_MIN = 1;
/** Of one session, detectors and subjects; further subjects are left out. */
const SURPRISES_MAX = 24;

/** A claim together with what sessions before held against its subject. */
function withDoubts(one: Judged, detector: Detector, view: View): Judged {
  const doubts = doubtsOf(view.state);
  if (detector.doubted === undefined || doubts.size === 0) return one;
  const key = doubtKey(one.detector, one.subject);
  const known = doubts.get(key);
  if (known === undefined) return one;
  const { session, timeMs, settings, prior } = view;
  const way = detector.wayOf?.(one.subject, view, slotOf(view.state, detector.name, detector.init));
  const kind = prior?.lent(DOUBTS, poolDoubts).get(key);
  const repeated = repeatedDoubt(known, one.p, { session, timeMs, halfLifeMs: settings.halfLifeMs, way, kind });
  if (repeated === undefined || repeated.p >= one.p) return one;
  const p = Math.max(repeated.p, P_MIN);
  return { ...one, p, score: scoreOf(p), explain: () => explainedAgain(one.explain(), repeated) };
}

function explainedAgain({ title, why, reason }: ReturnType<Judged['explain']>, { doubts, sessions }: Repeated) {
  const earlier = doubts.map(({ event }) => link(event, 'raised the same doubt before'));
  const since = new Date(doubts[0]?.timeMs ?? 0).toISOString().slice(0, 10);
  const many = `${doubts.length} of the ${sessions} sessions with it since ${since}`;
  return {
    title,
    why: `${why} So it was in ${many}, none of which was an alert by itself.`,
    reason: { ...reason, chain: [...earlier, ...reason.chain] },
  };
}

interface Found {
  readonly detector: Detector;
  readonly finding: Finding;
}

type Weights = ReadonlyMap<string, Required<BudgetShare>>;

/**
 * Weights of the detectors' p-values, 1 on average: the alert level is the same for all, so that a p divided by its weight spends the detector's
 * part of the budget. Source: Genovese, Roeder, Wasserman, "False discovery control with p-value weighting", Biometrika 2006.
 */
function weighDetectors(detectors: readonly Detector[]): Weights {
  const shares = detectors.map(({ budgetShare }) => ({ shaped: budgetShare.untold, ...budgetShare }));
  const weigh = (set: keyof BudgetShare) => {
    const total = shares.reduce((sum, share) => sum + share[set], 0);
    return shares.map((share) => (share[set] / total) * detectors.length);
  };
  const [told, untold, shaped] = [weigh('told'), weigh('untold'), weigh('shaped')];
  return new Map(
    detectors.map(({ name }, i) => [name, { told: told[i] ?? 1, untold: untold[i] ?? 1, shaped: shaped[i] ?? 1 }]),
  );
}

/**
 * Where nobody can be asked who wanted it, something new is as often a new task as an attack; an attack is more often odd in shape besides. So
 * there the p of a detector that judges newness is also divided by a weight from the p of the session's shape: 0.5 / sqrt(p), which is 1 on
 * average over a uniform p, and 0.5 for a shape that is usual. Source: Ignatiadis, Klaus, Zaugg, Huber, "Data-driven hypothesis weighting
 * increases detection power in genome-scale multiple testing", Nature Methods 2016; the square root is a choice, not fitted.
 */
const shapeWeight = (p: number): number => 0.5 / Math.sqrt(Math.max(p, SHAPE_P_MIN));
/** No shape makes a claim more than 16 times as strong. */
const SHAPE_P_MIN = 1e-3;

/**
 * p of the session's shape so far, beside what a claim of newness is about; undefined where the user has spoken, or nothing is known of
 * shapes.
 */
function shapeOf(event: AuditEvent, { detector, finding }: Found, view: View): number | undefined {
  if (view.told || view.prior?.forest === undefined) return undefined;
  if (detector.judgesNewness !== true) return 1;
  return shapeBeside(event, view, slotOf(view.state, isolationForest.name, isolationForest.init), finding.news ?? 0);
}

function judged({ detector, finding }: Found, view: View, weights: Weights, shape: number | undefined): Judged {
  const { subject, severity, level } = finding;
  const own = Math.max(finding.p, P_MIN);
  const believed = corrected(detector, own, level, subject, view);
  const { name, tags } = detector;
  const set = view.told ? 'told' : shape === undefined ? 'untold' : 'shaped';
  const share = weights.get(name)?.[set] ?? 1;
  const weight = share * (shape === undefined || detector.judgesNewness !== true ? 1 : shapeWeight(shape));
  const p = level === 'ceiling' ? own : Math.min(1, believed.p / weight);
  const explain = () => explained(finding, view, believed.p > own ? { claimed: own, corrected: believed.by } : {});
  return {
    detector: name,
    tags,
    subject,
    severity,
    surprise: -Math.log10(own),
    p,
    score: scoreOf(p),
    alone: scoreOf(p),
    addsUp: detector.doubted !== undefined,
    explain,
  };
}

/** What is left of the claim, and whose history said so. */
type Believed = Pick<ReturnType<typeof calibrate>, 'p' | 'by'>;

function corrected(
  { name, tailsBySubject }: Detector,
  p: number,
  level: Finding['level'],
  about: string,
  view: View,
): Believed {
  // A ceiling is a promise to the operator: no history talks it away.
  if (level === 'ceiling') return { p, by: 'agent' };
  const isFitted = level === 'agent' || level === 'kind';
  // What was fitted to the history gains nothing from it, and what is certain loses nothing.
  if (isFitted && p === 1) return { p, by: 'agent' };
  const kind = view.prior?.lent(CALIBRATION, poolTails);
  const subject = tailsBySubject ? about : undefined;
  const at = { tMs: view.timeMs, halfLifeMs: view.settings.halfLifeMs, kind, subject };
  return calibrate(calibrationOf(view.state), name, p, isFitted, at);
}

function explained(
  finding: Finding,
  { baseline, knowledge, changed }: View,
  correction: Pick<Reason, 'claimed' | 'corrected'>,
): ReturnType<Judged['explain']> {
  const { title, why, ...evidence } = finding.explain();
  const sessions = baseline.sessionsEver;
  const reason = {
    ...evidence,
    level: finding.level,
    ...correction,
    sessions,
    knowledge,
    ...(changed ? ({ changed } as const) : {}),
    baseline: String(baseline.position),
  };
  return { title, why, reason };
}
