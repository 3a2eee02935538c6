/** Goal: what queries of the store may ask of a state stands beside it, with the most used things first; states stay readable to people. */

import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../baselines/agent-state.ts';
import { encodeState, readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { summariseState } from '../../baselines/state-summary.ts';
import { decodeTagged } from '../../baselines/tagged-json.ts';
import { createAgentBench, HOUR_MS, MONDAY_MS, toolCall } from '../support/agent-bench.ts';

function livedAgent() {
  const agent = createAgentBench();
  for (let i = 0; i < 40; i++) {
    const endpoint = i % 3 === 0 ? 'desk.rare' : 'desk.often';
    agent.event(
      toolCall(`e${i}`, MONDAY_MS + i * HOUR_MS, {
        endpoint,
        model: { name: 'm-1' },
        agent: { id: 'a1', version: 'v1' },
      }),
    );
  }
  return agent.state();
}

describe('the summary of a state', () => {
  it('says what the baseline has learned, and what the agent uses most', () => {
    const state = livedAgent();
    const { baseline } = state;
    expect(JSON.parse(summariseState(state))).toEqual({
      baseline: baseline.position,
      events: baseline.eventsEver,
      first: MONDAY_MS,
      last: baseline.lastMs,
      releases: ['v1'],
      models: ['m-1'],
      held: 0,
      endpoints: ['desk.often', 'desk.rare'],
      tools: ['search_tickets'],
      destinations: [],
      resources: [],
    });
  });
});

/** The stored form knows lists and sets only, of whatever sort they are in memory. */
const withPlainSets = ({ sessions }: AgentState) =>
  new Map(
    [...sessions].map(([key, { provenance, pending, resources, ...session }]) => [
      key,
      {
        ...session,
        pending: [...pending],
        resources: new Set(resources),
        provenance: {
          ...provenance,
          user: new Set(provenance.user),
          addresses: new Set(provenance.addresses),
          request: new Set(provenance.request),
          context: new Set(provenance.context),
          results: { ...provenance.results, results: [...provenance.results.results] },
        },
      },
    ]),
  );

describe('a stored state', () => {
  it('is readable as JSON', () => {
    const state = livedAgent();
    const slots = { encode: () => ({}), decode: () => {} };
    const text = readableState({ format: STATE_FORMAT, state: encodeState(state, slots) });
    expect(decodeTagged(text)).toEqual({ ...state, sessions: withPlainSets(state), slots: {} });
    expect(JSON.parse(text)).toMatchObject({ agent: 'a1', baseline: { eventsEver: state.baseline.eventsEver } });
  });
});
