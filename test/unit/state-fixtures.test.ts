/**
 * Goal: a state that any build has ever stored is read, lifted into the present form, and scores on. Every fixture goes on with the same
 * acts, made from nothing but the state, and every score, alert and the state at the end must be, to the bit, what is on record beside
 * it. The states are never written anew; what follows from them is, when detection changes on purpose (`vitest -u`), and is then read.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../baselines/agent-state.ts';
import { mostUsed } from '../../baselines/familiarity.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { entriesOf, scoring, settings } from '../support/partition-run.ts';
import { FIXTURES, stateFixtures } from '../support/state-fixtures.ts';

const codec = slotCodec(scoring);
const fixtures = stateFixtures();
const ACTS = 48;
const MINUTE_MS = 60_000;

/** What the agent knows, in turns; now and then something it does not, and once far too much. */
function nextActs({ agent, kind, clockMs, baseline }: AgentState): WireEvent[] {
  const known = mostUsed(baseline.familiar.endpoints, clockMs, 5).map(({ key }) => key);
  return Array.from({ length: ACTS }, (_, i) => {
    const endpoint = i % 9 === 8 ? `new.example/${i}` : (known[i % known.length] ?? 'tool');
    const rows = i === 30 ? 5_000_000 : 3 + (i % 7);
    return {
      id: `on-${i}`,
      time: new Date(clockMs + (i + 1) * 7 * MINUTE_MS).toISOString(),
      agent: { id: agent, ...(kind === '' ? {} : { kind }) },
      session: { id: `s-${Math.floor(i / 12)}` },
      action: { type: i % 5 === 4 ? 'send' : 'data_read', name: endpoint.slice(0, 200) },
      endpoint,
      data: { rows, bytes_received: rows * 100, bytes_sent: i % 5 === 4 ? 2_000 : 0 },
      ...(i % 5 === 4 ? { destinations: [{ kind: 'email', value: `p${i % 3}@partner.example` }] } : {}),
    } as WireEvent;
  });
}

function goOn(state: AgentState): string[] {
  const pipeline = createPipeline(
    emptyPipelineState(() => state),
    scoring,
    settings,
  );
  const lines = entriesOf(state.tenant, nextActs(state)).map((entry, i) => {
    const { verdict } = pipeline.step({ partition: 0, position: state.position + 1 + i, entry }, 'new');
    const hits = verdict?.hits.map(({ detector, alertId, p }) => [detector, alertId, p]);
    return JSON.stringify([verdict?.status, verdict?.knowledge, verdict?.score, verdict?.detectors, hits]);
  });
  const end = createHash('sha256').update(encodeState(state, codec)).digest('hex');
  return [`# ${state.agent}`, ...lines, `state ${end}`];
}

describe('stored states', () => {
  it('are kept of every format', () => {
    expect(fixtures.map(({ format }) => format)).toEqual(Array.from({ length: STATE_FORMAT }, (_, i) => i + 1));
    for (const { states } of fixtures) expect(states.length).toBeGreaterThan(1);
  });

  it.each(fixtures)('of format $format are lifted, and then stay as they are', ({ format, states }) => {
    for (const text of states) {
      const lifted = encodeState(decodeState(text, format, codec), codec);
      expect(encodeState(decodeState(lifted, STATE_FORMAT, codec), codec)).toBe(lifted);
      if (format === STATE_FORMAT) expect(lifted).toBe(text);
    }
  });

  it.each(fixtures)('of format $format score on to the bit', async ({ format, states }) => {
    const lines = states.flatMap((text) => goOn(decodeState(text, format, codec)));
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${FIXTURES}state-format-${format}.continued.txt`);
  });

  it.each(fixtures)('of format $format score the same after another restart', ({ format, states }) => {
    for (const text of states) {
      const once = decodeState(text, format, codec);
      const twice = decodeState(encodeState(once, codec), STATE_FORMAT, codec);
      expect(goOn(twice)).toEqual(goOn(once));
    }
  });
});
