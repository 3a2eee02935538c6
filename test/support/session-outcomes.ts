/** Outcomes of sessions for tests of what is made of them. */
import type { Label } from '../../cli/evaluate/label.ts';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { MONDAY_MS } from './agent-bench.ts';

type Parts = Partial<Omit<SessionOutcome, 'label'>> & { readonly label?: Partial<Label> };

/** An attack that nothing was seen of, but for `parts`. */
export const outcome = ({ label, ...parts }: Parts = {}): SessionOutcome => ({
  label: {
    session: 's1',
    phase: 'test',
    kind: 'attacked',
    succeeded: true,
    visible: true,
    category: 'theft',
    exposure: undefined,
    core: new Set(),
    fresh: undefined,
    story: undefined,
    pace: undefined,
    ageDays: undefined,
    changes: [],
    ...label,
  },
  cohort: 'attack',
  agent: 'a1',
  startMs: MONDAY_MS,
  knowledge: 'ready',
  events: 1,
  score: 0,
  detectors: new Map(),
  alerts: [],
  opened: 0,
  firstAlertAt: undefined,
  lastAlertAt: undefined,
  exposureAt: undefined,
  coreAt: undefined,
  ...parts,
});
