/** Scores the events of files: the one code path behind `picket score` and `picket evaluate`. */
import type { Verdict } from '../baselines/verdict.ts';
import type { EventEntry } from '../ingest/log.ts';
import type { FileReader } from './file-events.ts';
import type { Scorer } from './scorer.ts';
import { createSessionSplitter } from './session-splitter.ts';

export interface ScoringPlan {
  /** In order of time. */
  readonly history: string;
  /** Epoch ms: earlier events are learned and not given out. Absent: all are given out. */
  readonly untilMs?: number | undefined;
  /** Sessions of their own, each scored alone; in any order. Held in memory. */
  readonly episodes?: string | undefined;
  /** Sessions of `history` that begin at or after `untilMs` are scored alone too, held in memory, and teach nothing. */
  readonly freeze: boolean;
}

export interface ScoredEvent {
  readonly entry: EventEntry;
  readonly verdict: Verdict;
}

/** Events of one session come in order and, where it is scored alone, without others between them. */
export async function* scoredEvents(
  plan: ScoringPlan,
  scorer: Scorer,
  reader: Pick<FileReader, 'read'>,
): AsyncGenerator<ScoredEvent> {
  const fromMs = plan.untilMs ?? Number.NEGATIVE_INFINITY;
  const alone = plan.freeze ? createSessionSplitter(fromMs) : undefined;
  for await (const entry of reader.read(plan.history)) {
    if (alone?.takes(entry) === true) continue;
    const verdict = scorer.score(entry);
    if (entry.event.time >= fromMs) yield { entry, verdict };
  }
  scorer.freeze(plan.untilMs ?? scorer.newestMs());
  if (alone !== undefined) yield* scoredAlone(scorer, alone.sessions());
  if (plan.episodes === undefined) return;
  const episodes = createSessionSplitter(Number.NEGATIVE_INFINITY);
  for await (const entry of reader.read(plan.episodes)) episodes.takes(entry);
  yield* scoredAlone(scorer, episodes.sessions());
}

function* scoredAlone(scorer: Scorer, sessions: Iterable<readonly EventEntry[]>): Generator<ScoredEvent> {
  for (const session of sessions) {
    const own = scorer.alone();
    for (const entry of session) yield { entry, verdict: own.score(entry) };
  }
}
