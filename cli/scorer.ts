/**
 * Scoring without any store: the worker's own steps over states in memory. What `picket score` and the evaluation run.
 */
import { decodeAlertBook, encodeAlertBook } from '../alerts/alert-book.ts';
import type { JudgeSettings } from '../alerts/judge.ts';
import { type AgentState, emptyAgentState, turnClock } from '../baselines/agent-state.ts';
import { SEAL_DELAY_MS } from '../baselines/calendar.ts';
import { isEnough } from '../baselines/forest/grow-forest.ts';
import { createForestTrainer, type ForestTrainer } from '../baselines/forest/trainer.ts';
import { type KindModel, modelsOf, type TrainableModel } from '../baselines/kind-model.ts';
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

/**
 * @param trainer grows the forests of kinds while the caller waits; its thread ends with the process. When that fails, Node's own warning
 *   says so once, and the models go without
 */
export function createScorer(
  scoring: Scoring,
  settings: JudgeSettings,
  trainer: Pick<ForestTrainer, 'trainNow'> = createForestTrainer(),
): Scorer {
  const states = new Map<string, AgentState>();
  const frozen = new Map<string, string>();
  const codec = slotCodec(scoring);
  const open = ({ tenant, agent }: AgentKey) => emptyAgentState(tenant, agent);
  const models = createKindModels();
  const complete = completing(trainer);
  const publish = () => {
    for (const found of modelsOf([...states.values()], settings.baseline, scoring.lend))
      models.install(found.tenant, complete(found));
  };
  return {
    ...scorerOver(states, open, models, scoring, settings, publish),
    newestMs: () => [...states.values()].reduce((newest, { clockMs }) => Math.max(newest, clockMs), 0),
    freeze(timeMs) {
      publish();
      for (const [key, state] of states) {
        // The day before is finished and judged: or its growth would be news to every session that is scored alone.
        const sealedMs = timeMs + SEAL_DELAY_MS;
        turnClock(state, sealedMs, 0, settings.baseline, scoring.learners);
        state.clockMs = Math.max(state.clockMs, sealedMs);
        frozen.set(key, encodeState(state, codec));
      }
    },
    alone() {
      const thaw = (key: AgentKey) => {
        const text = frozen.get(cacheKey(key));
        return text === undefined ? open(key) : decodeState(text, STATE_FORMAT, codec);
      };
      return scorerOver(new Map(), thaw, models, scoring, settings);
    },
  };
}

function scorerOver(
  states: Map<string, AgentState>,
  open: (key: AgentKey) => AgentState,
  models: KindModels,
  scoring: Scoring,
  settings: JudgeSettings,
  /** Absent: models stay as they are. */
  publish?: () => void,
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
      if (publish !== undefined && entry.event.time - publishedMs >= DAY_MS) {
        publishedMs = entry.event.time;
        publish();
      }
      const { verdict } = pipeline.step({ partition: 0, position: position++, entry }, 'new');
      if (verdict === undefined) throw new Error('an event always gets a verdict');
      return verdict;
    },
  };
}

/** Adds the forest to a model. After a failure no more is tried: it would fail again, and cost the time limit each day. */
function completing(trainer: Pick<ForestTrainer, 'trainNow'>): (found: TrainableModel) => KindModel {
  let failed = false;
  return ({ model, job }) => {
    if (failed || !isEnough(job.vectors)) return model;
    const answer = trainer.trainNow(job);
    if ('forest' in answer) return { ...model, forest: answer.forest };
    failed = true;
    process.emitWarning(`isolation-forest says nothing, its forest could not be grown: ${answer.failure}`);
    return model;
  };
}
