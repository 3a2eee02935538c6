/** What the API may ask about baselines, answered from live or stored states and the store. */
import { describeBaseline } from '../../api/describe-baseline.ts';
import { expectedHours } from '../../api/expected-hours.ts';
import type { Baselines } from '../../api/ports.ts';
import { Problem } from '../../api/problems.ts';
import type { AgentState } from '../../baselines/agent-state.ts';
import { knowledgeOf } from '../../baselines/baseline.ts';
import { encodeBaseline } from '../../baselines/baseline-change.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { movedState } from '../../baselines/moved-state.ts';
import type { AgentKey } from '../../baselines/state-cache.ts';
import { decodeState } from '../../baselines/state-codec.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { Store } from '../../store/store.ts';
import type { Config } from '../config.ts';
import { slotCodec } from '../scorer.ts';
import { settingsOf } from '../scoring-settings.ts';
import { buildBaseline, describeBuilt } from './build.ts';

export interface BaselinesDeps {
  readonly store: Store;
  readonly config: Config;
  readonly now: () => number;
  /** The state of an agent, live or as it was stored last. */
  readonly peek: (key: AgentKey) => Promise<AgentState | undefined>;
}

/** What can be read and learned within the time a client waits. */
const BUILD_EVENTS_MAX = 500_000;

export function createBaselines({ store, config, now, peek }: BaselinesDeps): Baselines {
  const settings = settingsOf(config);
  const { baseline } = settings;
  const scoring = createScoring(DETECTORS, baseline);
  const codec = slotCodec(scoring);
  const contents = createContentStore(store);
  let building = false;

  const keep = async (tenant: string, state: AgentState) => ({
    content: await contents.put(tenant, encodeBaseline(state, scoring), now()),
  });

  async function build(tenant: string, agent: string, sinceMs: number) {
    const built = await buildBaseline(tenant, agent, sinceMs, {
      store,
      scoring,
      settings,
      now,
      eventsMax: BUILD_EVENTS_MAX,
    });
    if (built === 'nothing stored') {
      throw new Problem('not_found', 'No events of this agent are stored since then.', { field: 'since' });
    }
    if (built === 'too many') {
      const detail = `More than ${BUILD_EVENTS_MAX} events of this agent are stored since then.`;
      throw new Problem('too_much_history', detail, { field: 'since' });
    }
    return { ...(await keep(tenant, built.state)), built: describeBuilt(built, now(), settings) };
  }

  return {
    async describe(tenant, agent) {
      const state = await peek({ tenant, agent });
      return state === undefined ? undefined : describeBaseline(state, now(), baseline);
    },
    async expect(tenant, agent, measure, hours) {
      const state = await peek({ tenant, agent });
      if (state === undefined) return undefined;
      const asOfMs = Math.min(now(), state.clockMs);
      return {
        knowledge: knowledgeOf(state.baseline, asOfMs, baseline),
        zoneOffsetMs: baseline.zoneOffset(tenant, asOfMs),
        hours: expectedHours(state, measure, hours, asOfMs, baseline),
      };
    },
    keep(tenant, stored, shift) {
      const state = decodeState(stored.state, stored.format, codec);
      return keep(tenant, shift ? movedState(state) : state);
    },
    async build(tenant, agent, sinceMs) {
      if (building) throw new Problem('busy', 'Another baseline is being built.', { retryAfterSeconds: 5 });
      building = true;
      try {
        return await build(tenant, agent, sinceMs);
      } finally {
        building = false;
      }
    },
  };
}
