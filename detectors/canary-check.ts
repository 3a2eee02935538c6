import { admitEvent, emptyAgentState, sessionKey, turnClock } from '../baselines/agent-state.ts';
import type { BaselineSettings } from '../baselines/baseline.ts';
import { createKindModels } from '../baselines/kind-models.ts';
import type { AuditEvent } from '../ingest/event.ts';
import type { Detector } from './detector.ts';
import { createScoring } from './scoring.ts';
import { viewFor } from './view.ts';

export interface CanaryResult {
  readonly detector: string;
  /** The probe was found, under the p at which an agent with a few sessions a day alerts. */
  readonly fired: boolean;
  readonly p: number;
}

const ALERTING_P = 1e-3;
/** Tenant and agent. */
const CANARY = 'canary';

/** Shows a detector its history and its probe: a detector that can never fire is worse than none. */
export function checkCanary(detector: Detector, settings: BaselineSettings): CanaryResult {
  const scoring = createScoring([detector], settings);
  const state = emptyAgentState(CANARY, CANARY);
  const models = createKindModels();
  if (detector.canary.model !== undefined) models.install(CANARY, detector.canary.model);
  let lowest = 1;
  let position = 0;
  const walk = (event: AuditEvent, judged: boolean) => {
    turnClock(state, event.time, 0, settings, scoring.learners);
    const session = sessionKey(state, event);
    const prior = models.prior(CANARY, event.agent.kind ?? '', state.agent);
    const found = scoring.score(event, viewFor(state, event, session, event.time, settings, prior));
    if (judged) lowest = Math.min(lowest, ...found.map(({ p }) => p));
    const verdict = {
      status: 'learn',
      flags: [],
      session,
      knowledge: 'ready',
      known: { sessions: 0, events: 0 },
      score: 0,
      detectors: {},
      surprise: {},
      hits: [],
    } as const;
    const place = { position: position++, timeMs: event.time, receivedMs: event.time };
    admitEvent(state, event, place, verdict, settings, scoring.learners);
  };
  for (const event of detector.canary.history) walk(event, false);
  for (const event of detector.canary.probe) walk(event, true);
  return { detector: detector.name, fired: lowest <= ALERTING_P, p: lowest };
}
