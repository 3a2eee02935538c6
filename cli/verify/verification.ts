/** What `picket verify` asks: of a server by its API, or of the store itself. */
import { loadPlaybooks, type Playbook } from '../../alerts/playbook.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { Config } from '../config.ts';
import { playbookFiles } from '../playbook-files.ts';
import { settingsOf } from '../scoring-settings.ts';
import { type AgentRunDeps, verifyAgent } from './agent-run.ts';
import { markOf } from './judging-mark.ts';
import { createLogRows } from './log-rows.ts';
import { checkStretch } from './range-check.ts';
import { rangeChecker, type VerifyDeps } from './range-checker.ts';
import { planRange } from './range-plan.ts';

/** Those of the files that work; the others are named by `picket config check`. */
const playbooksOf = (config: Config): readonly Playbook[] =>
  loadPlaybooks(
    playbookFiles(config.playbooksDir),
    config.lookup,
    DETECTORS.map(({ name }) => name),
  ).playbooks;

/** Between two lots somebody else gets the store. */
const PAUSE_MS = 5;

export interface LocalVerification {
  agent: (
    wish: Parameters<typeof verifyAgent>[0],
    more: Pick<AgentRunDeps, 'onProgress' | 'eventsMax' | 'stop'>,
  ) => ReturnType<typeof verifyAgent>;
  plan: (range: Parameters<typeof planRange>[0]) => ReturnType<typeof planRange>;
  check: (
    stretch: Parameters<typeof checkStretch>[0],
    repair: boolean,
    stop: AbortSignal,
  ) => ReturnType<typeof checkStretch>;
}

export function createLocalVerification(deps: VerifyDeps): LocalVerification {
  const { store, config } = deps;
  const settings = settingsOf(config);
  const playbooks = playbooksOf(config);
  return {
    agent: (wish, more) => {
      const scoring = createScoring(DETECTORS, settings.baseline);
      return verifyAgent(wish, { store, scoring, settings, mark: markOf(config), ...more });
    },
    plan: (range) => planRange(range, createLogRows(store), deps.topic),
    check: (stretch, repair, stop) =>
      checkStretch(stretch, rangeChecker(deps, playbooks, { repair, pauseMs: PAUSE_MS, stop })),
  };
}
