import { amountOf, FEATURE_NAMES, FEATURES, levelOf, type Vector } from '../baselines/forest/features.ts';
import type { ForestPrior, Isolation } from '../baselines/forest/forest-prior.ts';
import { countEvent, isReleaseFresh, vectorWith } from '../baselines/forest/session-counts.ts';
import {
  countsOf,
  decodeMemory,
  emptyMemory,
  encodeMemory,
  FOREST_SLOT,
  openCounts,
  rememberSession,
  type SessionMemory,
} from '../baselines/forest/session-memory.ts';
import type { AuditEvent } from '../ingest/event.ts';
import { countWords, grouped } from './amount-words.ts';
import { serviceDesk } from './canaries.ts';
import { canaryKind } from './canary-kind.ts';
import { type Detector, type Explanation, type Finding, link, type View, voiced } from './detector.ts';
import { TAGS } from './tags.ts';

const TITLE = 'Session is odd in several ways at once';
/** Hits fold by agent: which feature stands out changes from event to event. */
const SUBJECT = 'shape of the session';
const FEATURES_NAMED = 3;
const BOUND_P = 0.01;

/**
 * Fires on a session that is odd in many features at once, each of which may pass by itself.
 *
 * Model: the isolation forest of the agent's kind (`baselines/forest/`), grown in a worker thread from sessions that never alerted, and
 * stored in the kind's model. Judged at every event on the session so far. p from the scores of sessions of the others, by trees that
 * know nothing of this agent. Without a model, or with one that has no forest, it says nothing.
 */
export const isolationForest: Detector<SessionMemory> = {
  name: FOREST_SLOT,
  tags: TAGS['isolation-forest'],
  budgetShare: { told: 0.08, untold: 0.05, shaped: 0.435 },
  init: emptyMemory,
  score(event, view, own) {
    const forest = view.prior?.forest;
    if (forest === undefined) return undefined;
    const vector = vectorWith(event, countsOf(own, view.session), view);
    const isolation = forest.judge(vector);
    return isolation === undefined ? undefined : findingOf(event, view, forest, vector, isolation);
  },
  learn: () => {},
  observe(event, { state, session, timeMs }, own) {
    countEvent(openCounts(own, session, state), event, state, isReleaseFresh(state, timeMs));
  },
  learnSession: (session, own) => rememberSession(own, session),
  encode: encodeMemory,
  decode: decodeMemory,
  // 64 open sessions with a name of 256 characters, each six bytes at worst (`\u0001`), and 4 x 64 hashes of 11; and the vectors.
  maxBytes: 288 * 1024,
  canary: { model: canaryKind, history: serviceDesk.history, probe: serviceDesk.burst('probe', 200) },
};

/**
 * p of the session's shape, 1 where it is usual, without `news` of the things in it that are new to the agent: those that a claim is about must not
 * speak for it once more.
 */
export function shapeBeside(event: AuditEvent, view: View, own: Readonly<SessionMemory>, news: number): number {
  const forest = view.prior?.forest;
  if (forest === undefined) return 1;
  const vector = vectorWith(event, countsOf(own, view.session), view);
  const others = Math.max(0, amountOf(vector[NEWS] ?? 0) - news);
  return voiced(forest.chanceOf(vector.with(NEWS, levelOf(others))), view);
}

const NEWS = FEATURE_NAMES.indexOf('news');

function findingOf(event: AuditEvent, view: View, forest: ForestPrior, vector: Vector, isolation: Isolation): Finding {
  return {
    subject: SUBJECT,
    p: voiced(isolation.p, view),
    level: 'kind',
    severity: view.session?.movedSensitive === true ? 4 : 3,
    explain: () => explain(event, forest, vector, isolation),
  };
}

function explain(event: AuditEvent, forest: ForestPrior, vector: Vector, { score }: Isolation): Explanation {
  const odd = forest
    .contributions(vector)
    .filter(({ gain }) => gain > 0)
    .slice(0, FEATURES_NAMED)
    .map(
      ({ feature, observed, usual }) =>
        `${countWords(amountOf(observed), FEATURES[feature].unit)} (usual ${grouped(amountOf(usual))})`,
    );
  return {
    title: TITLE,
    why: `Among ${forest.sessions} sessions of others of its kind hardly one is like this: ${odd.join(', ') || 'no feature alone explains it'}.`,
    measure: 'isolation of the session so far, 0 to 1',
    observed: round(score),
    expected: round(forest.scoreAt(0.5)),
    bound: round(forest.scoreAt(BOUND_P)),
    chain: [link(event.id, 'the session up to here')],
  };
}

const round = (x: number): number => Number(x.toPrecision(3));
