import type { AgentState } from './agent-state.ts';
import type { FamiliarKind } from './baseline.ts';
import { mostUsed } from './familiarity.ts';

/** Of each sort. */
const NAMES_MAX = 10;

/**
 * What queries of the store may ask of a stored state, whose own form they cannot read: JSON, for the view `agent_baselines`. The most used
 * things come first.
 */
export function summariseState({ baseline, held, clockMs }: Readonly<AgentState>): string {
  const top = (kind: FamiliarKind): string[] =>
    mostUsed(baseline.familiar[kind], clockMs, NAMES_MAX).map(({ key }) => key);
  return JSON.stringify({
    baseline: baseline.position,
    events: baseline.eventsEver,
    first: baseline.firstMs,
    last: baseline.lastMs,
    releases: baseline.releases,
    models: baseline.models,
    held: held.length,
    endpoints: top('endpoints'),
    tools: top('tools'),
    destinations: top('destinations'),
    resources: top('resources'),
  });
}
