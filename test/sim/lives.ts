/**
 * Agents with a past: what each had learned before the run begins, and what it does in it, an attack among that. The lives are those of
 * the simulated fleet, each moved in time so that the attacks fall together.
 */
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { encodeState } from '../../baselines/state-codec.ts';
import { createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { type SimulatedFleet, SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { createIntake } from '../../ingest/intake.ts';
import { type EventEntry, PARTITIONS_MAX } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';

export const TENANT = 'acme';
/** Where the attacks begin. */
export const STORY_MS = Date.UTC(2026, 2, 4, 12);
/** All that is said of the past has positions below this. */
export const BASE_POSITION = 6_000;

/** First position of a partition that a run itself writes. A later epoch begins at 0, which is where states move in. */
export const firstPosition = (partition: number, base: number): number => (partition < PARTITIONS_MAX ? base : 0);

export interface Life {
  readonly agent: string;
  readonly kind: string;
  /** As of the beginning of the run, in the present format. */
  readonly state: string;
  /** What it does in the run, in order of time. */
  readonly events: readonly WireEvent[];
}

/** A hundred times the usual: few events have to bring many alerts. */
export const ALERT_BUDGET = 2;
export const settings = settingsOf({ halfLifeDays: 14, alertBudget: ALERT_BUDGET });
export const scoring = createScoring(DETECTORS, settings.baseline);
export const codec = slotCodec(scoring);

const { admit } = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });

export function entryOf(event: WireEvent, receivedMs: number): EventEntry {
  const place = { source: 'sim', sourcePosition: '0', fallbackId: 'none' };
  const admitted = admit(Buffer.from(JSON.stringify(event)), { tenant: TENANT, receivedMs, ...place });
  if (!admitted.ok) throw new Error(`not a valid event: ${admitted.letter.message}`);
  return admitted.entry;
}

const BEFORE = 16;
const AFTER = 16;
const HISTORY_MAX = 80;
const SPAN_MS = 90 * 60_000;

/** Lives of one fleet, made when they are asked for: each costs some tenths of a second. */
export function livesOf(seed: string): { readonly count: number; life(index: number): Life } {
  const fleet = simulateFleet({ ...SMALL_FLEET, seed });
  const known = new Map<number, Life>();
  return {
    count: fleet.stories.length,
    life(index) {
      const life = known.get(index) ?? lifeOf(fleet, index);
      known.set(index, life);
      return life;
    },
  };
}

function lifeOf(fleet: SimulatedFleet, index: number): Life {
  const story = fleet.stories[index];
  if (story === undefined) throw new Error(`no story ${index}`);
  const byMs = STORY_MS - story.startMs;
  const all = fleet.events.filter(({ agent }) => agent.id === story.agent).map((event) => moved(event, byMs));
  const start = all.findIndex(({ time }) => new Date(time).getTime() >= STORY_MS);
  const first = Math.max(0, start - BEFORE);
  const events = all
    .slice(first, start + AFTER)
    .filter(({ time }) => Math.abs(new Date(time).getTime() - STORY_MS) <= SPAN_MS);
  const kind = events[0]?.agent.kind ?? '';
  return {
    agent: story.agent,
    kind,
    state: pastOf(story.agent, all.slice(Math.max(0, first - HISTORY_MAX), first)),
    events,
  };
}

const moved = (event: WireEvent, byMs: number): WireEvent => ({
  ...event,
  time: new Date(new Date(event.time).getTime() + byMs).toISOString(),
});

function pastOf(agent: string, past: readonly WireEvent[]): string {
  const state: AgentState = emptyAgentState(TENANT, agent);
  const pipeline = createPipeline(
    emptyPipelineState(() => state),
    scoring,
    settings,
  );
  for (const [position, event] of past.entries()) {
    const entry = entryOf(event, new Date(event.time).getTime());
    pipeline.step({ partition: 0, position, entry }, 'new');
  }
  return encodeState(state, codec);
}
