/**
 * Scoring without any store: the worker's own steps over states in memory. What `picket score` and the evaluation run.
 */
import { decodeAlertBook, encodeAlertBook } from '../alerts/alert-book.ts';
import type { JudgeSettings } from '../alerts/judge.ts';
import { type AgentState, emptyAgentState, turnClock } from '../baselines/agent-state.ts';
import { modelsOf } from '../baselines/kind-model.ts';
import { createKindModels, type KindModels } from '../baselines/kind-models.ts';
import { DAY_MS } from '../baselines/periods.ts';
import type { AgentKey } from '../baselines/state-cache.ts';
import { cacheKey } from '../baselines/state-cache.ts';
import { decodeState, encodeState, type SlotCodec, STATE_FORMAT } from '../baselines/state-codec.ts';
import type { Verdict } from '../baselines/verdict.ts';
import type { Scoring } from '../detectors/scoring.ts';
import type { EventEntry } from '../ingest/log.ts';
import { createPipeline, emptyPipelineState } from './pipeline.ts';

export interface Scorer {
  /** Judges the event and learns from it. */
  score(entry: EventEntry): Verdict;
  /** Newest event time seen, epoch ms; 0 before the first event. */
  newestMs(): number;
  /** Closes what is idle at `timeMs` and keeps every state as of then; `alone` starts from there. */
  freeze(timeMs: number): void;
  /** A scorer over copies of the frozen states: what it learns is gone with it. */
  alone(): Pick<Scorer, 'score'>;
}

/** What a state's slots hold: the detectors' memory and the alert book. */
export const slotCodec = (scoring: Scoring): SlotCodec => ({
  encode: (state) => ({ ...scoring.encodeSlots(state), ...encodeAlertBook(state) }),
  decode(state, slots) {
    scoring.decodeSlots(state, slots);
    decodeAlertBook(state, slots);
  },
});

export function createScorer(scoring: Scoring, settings: JudgeSettings): Scorer {
  const states = new Map<string, AgentState>();
  const frozen = new Map<string, string>();
  const codec = slotCodec(scoring);
  const open = ({ tenant, agent }: AgentKey) => emptyAgentState(tenant, agent);
  const models = createKindModels();
  return {
    ...scorerOver(states, open, models, scoring, settings),
    newestMs: () => [...states.values()].reduce((newest, { clockMs }) => Math.max(newest, clockMs), 0),
    freeze(timeMs) {
      for (const { tenant, model } of modelsOf([...states.values()], settings.baseline)) models.install(tenant, model);
      for (const [key, state] of states) {
        turnClock(state, timeMs, 0, settings.baseline, scoring.learners);
        frozen.set(key, encodeState(state, codec));
      }
    },
    alone() {
      const thaw = (key: AgentKey) => {
        const text = frozen.get(cacheKey(key));
        return text === undefined ? open(key) : decodeState(text, STATE_FORMAT, codec);
      };
      return scorerOver(new Map(), thaw, models, scoring, settings, 'as they are');
    },
  };
}

function scorerOver(
  states: Map<string, AgentState>,
  open: (key: AgentKey) => AgentState,
  models: KindModels,
  scoring: Scoring,
  settings: JudgeSettings,
  publishing: 'daily' | 'as they are' = 'daily',
): Pick<Scorer, 'score'> {
  let position = 0;
  let publishedMs = 0;
  const agent = (key: AgentKey): AgentState => {
    const name = cacheKey(key);
    let state = states.get(name);
    if (state === undefined) {
      state = open(key);
      states.set(name, state);
    }
    return state;
  };
  const pipeline = createPipeline({ ...emptyPipelineState(agent), models }, scoring, settings);
  return {
    score(entry) {
      // As a worker does it once a day, by the clock of the events.
      if (publishing === 'daily' && entry.event.time - publishedMs >= DAY_MS) {
        publishedMs = entry.event.time;
        for (const { tenant, model } of modelsOf([...states.values()], settings.baseline))
          models.install(tenant, model);
      }
      const { verdict } = pipeline.step({ partition: 0, position: position++, entry }, 'new');
      if (verdict === undefined) throw new Error('an event always gets a verdict');
      return verdict;
    },
  };
}
