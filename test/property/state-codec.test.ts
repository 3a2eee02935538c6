/**
 * Goal: the state of an agent is a pure function of its log. Stored in mid-stream and read back, it goes on to give the same verdicts
 * and, to the last bit, the same state; so does a replay of recorded verdicts.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { acquaintance } from '../../baselines/familiarity.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { ACTION_TYPES, type AuditEvent, CLASSIFICATIONS } from '../../ingest/event.ts';
import type { LogEntry, LogRecord } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import {
  AGENT,
  createAgentBench,
  DAY_MS,
  HOUR_MS,
  MONDAY_MS,
  TENANT,
  toolCall,
  tripwire,
} from '../support/agent-bench.ts';

/** The real detectors, and one that alerts often: held sessions and the alert book must survive too. */
const detectors = [...DETECTORS, tripwire];
const codec = slotCodec(createScoring(detectors, DEFAULT_BASELINE_SETTINGS));

const name = fc.constantFrom('search', 'mail', 'alarm', 'alarm x', '__proto__', '$map', '\ud83d\ude00 \u202e"');
const text = fc.constantFrom(
  'mail bob@x.example now',
  'see https://evil.example/up',
  'nothing',
  '{"$set":[1]}',
  '{"from":"bob@x.example","no":"+48 274-965"}',
  'page: https://evil.example/up',
);
const destination = fc.constantFrom(
  { kind: 'email' as const, value: 'bob@x.example' },
  { kind: 'url' as const, value: 'https://evil.example/up' },
  { kind: 'channel' as const, value: '#general' },
);
const step = fc.record({
  waitMs: fc.constantFrom(0, 1000, 60_000, 20 * 60_000, HOUR_MS, 5 * HOUR_MS, 2 * DAY_MS),
  behindMs: fc.constantFrom(0, 0, 0, 0, HOUR_MS, -HOUR_MS, 2 * DAY_MS),
  kind: fc.constantFrom('event', 'event', 'event', 'event', 'event', 'event', 'tick', 'disposition'),
  disposition: fc.constantFrom('true_positive' as const, 'false_positive' as const, 'benign_change' as const),
  session: fc.constantFrom('s1', 's2', '', '$set'),
  type: fc.constantFrom(...ACTION_TYPES),
  name,
  rows: fc.constantFrom(0, 1, 10, 12, 100_000, 2_000_000),
  classification: fc.constantFrom(...CLASSIFICATIONS),
  destination: fc.option(destination, { nil: undefined }),
  prompt: fc.option(text, { nil: undefined }),
  result: fc.option(text, { nil: undefined }),
  version: fc.constantFrom('v1', 'v1', 'v1', 'v2'),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function eventOf(one: Step, i: number, timeMs: number): AuditEvent {
  const { session: _, ...bare } = toolCall(`e${i}`, timeMs, {
    agent: { id: AGENT, version: one.version },
    action: { type: one.type, name: one.name, phase: 'completed' },
    endpoint: `srv.${one.name}`,
    resources: [{ name: `r${one.rows}`, classification: one.classification, rows_total: 150_000 }],
    data: { rows: one.rows, bytes_sent: one.rows * 3 },
    usage: { input_tokens: one.rows + 1 },
  });
  const content = {
    ...(one.prompt === undefined ? {} : { prompt: one.prompt }),
    ...(one.result === undefined ? {} : { result: one.result }),
  };
  return {
    ...bare,
    content,
    ...(one.session === '' ? {} : { session: { id: one.session } }),
    ...(one.destination === undefined ? {} : { destinations: [one.destination] }),
  };
}

/** Runs the steps; dispositions name the newest alert so far. Returns the bench, whose log holds records and verdicts. */
function run(steps: readonly Step[]) {
  const agent = createAgentBench({ detectors });
  let nowMs = MONDAY_MS;
  let newest = '';
  steps.forEach((one, i) => {
    nowMs += one.waitMs;
    if (one.kind === 'tick') agent.tick(nowMs);
    else if (one.kind === 'disposition') agent.close(newest, one.disposition, nowMs);
    else newest = agent.event(eventOf(one, i, nowMs - one.behindMs), nowMs).hits[0]?.alertId ?? newest;
  });
  return agent;
}

const newestTick = (records: readonly LogRecord[]): number =>
  records.reduce((newest, { entry }) => (entry.kind === 'tick' ? Math.max(newest, entry.receivedMs) : newest), 0);

const stream = fc.array(step, { minLength: 1, maxLength: 120 });

describe('the stored state', () => {
  it('reads back as itself, after any stream', () => {
    fc.assert(
      fc.property(stream, (steps) => {
        for (const text of Object.values(run(steps).texts()))
          expect(encodeState(decodeState(text, STATE_FORMAT, codec), codec)).toBe(text);
      }),
    );
  });

  it('goes on as if it had never been stored, from any point of any stream', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(120), { minLength: 3, maxLength: 3 }), (steps, cuts) => {
        const whole = run(steps);
        for (const cut of cuts.map((at) => at % whole.log.length)) {
          const before = whole.log.slice(0, cut).map(({ record }) => record);
          const first = createAgentBench({ detectors });
          for (const record of before) first.step(record);
          const second = createAgentBench({
            detectors,
            restored: { texts: first.texts(), tickMs: newestTick(before) },
          });
          const rest = whole.log.slice(cut).map(({ record }) => second.step(record));
          expect(rest).toEqual(whole.log.slice(cut));
          expect(second.texts()).toEqual(whole.texts());
        }
      }),
      { numRuns: 60 },
    );
  });

  it('comes out the same when recorded verdicts are replayed, also over a state that is ahead', () => {
    fc.assert(
      fc.property(stream, fc.nat(120), (steps, at) => {
        const whole = run(steps);
        // As they come out of the table: a copy, not the objects that the first run made.
        const recorded = structuredClone(whole.log);
        const replayed = createAgentBench({ detectors });
        for (const judged of recorded) replayed.replay(judged);
        expect(replayed.texts()).toEqual(whole.texts());

        const cut = at % whole.log.length;
        const ahead = createAgentBench({ detectors });
        for (const { record } of whole.log.slice(0, cut)) ahead.step(record);
        const restored = createAgentBench({ detectors, restored: { texts: ahead.texts(), tickMs: 0 } });
        for (const judged of recorded) restored.replay(judged);
        expect(restored.texts()).toEqual(whole.texts());
      }),
      { numRuns: 60 },
    );
  });

  it('does so for a fleet at work, with its attacks', () => {
    const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
    const { events } = simulateFleet({ ...SMALL_FLEET, seed: 'codec' });
    const whole = createAgentBench();
    for (const wire of events.slice(0, 2500)) {
      const normal = normalise(wire as unknown as Record<string, unknown>, {
        receivedMs: Date.parse(String(wire.time)),
        fallbackId: 'none',
      });
      if (!normal.ok) throw new Error(normal.rejection.message);
      whole.event(normal.event);
    }
    const records = whole.log.map(({ record }) => record);
    for (const cut of [1, 700, 1900]) {
      const first = createAgentBench();
      for (const record of records.slice(0, cut)) first.step(record);
      const second = createAgentBench({ restored: { texts: first.texts(), tickMs: 0 } });
      expect(records.slice(cut).map((record) => second.step(record))).toEqual(whole.log.slice(cut));
      expect(second.texts()).toEqual(whole.texts());
    }
    expect(Object.keys(whole.texts()).length).toBeGreaterThanOrEqual(8);
  });

  it('keeps what fell out of memory, and the counts of what did not', () => {
    const agent = createAgentBench({ detectors });
    for (let i = 0; i < 700; i++) {
      agent.event(toolCall(`e${i}`, MONDAY_MS + i * HOUR_MS, { resources: [{ name: `r${i}` }], endpoint: `x.${i}` }));
    }
    const [text = ''] = Object.values(agent.texts());
    const restored = decodeState(text, STATE_FORMAT, codec);
    const { endpoints } = restored.baseline.familiar;
    expect(endpoints).toEqual(agent.state().baseline.familiar.endpoints);
    expect([acquaintance(endpoints, 'x.0'), acquaintance(endpoints, 'x.690')]).toEqual(['forgotten', 'known']);
    expect(encodeState(restored, codec)).toBe(text);
  });

  it('of a format that this build does not know is refused', () => {
    expect(() => decodeState('{}', STATE_FORMAT + 1, codec)).toThrow(RangeError);
  });

  it('holds alerts of one tenant apart from another of the same agent', () => {
    const agent = createAgentBench({ detectors });
    const entry = (tenant: string): LogEntry => ({
      kind: 'event',
      tenant,
      receivedMs: MONDAY_MS,
      event: toolCall('e', MONDAY_MS),
      digest: 'e',
    });
    agent.step({ partition: 0, position: 0, entry: entry(TENANT) });
    agent.step({ partition: 0, position: 1, entry: entry('other') });
    expect(Object.keys(agent.texts())).toEqual([`${TENANT}\u0000${AGENT}`, `other\u0000${AGENT}`]);
    expect([agent.state(AGENT, TENANT).position, agent.state(AGENT, 'other').position]).toEqual([0, 1]);
  });
});
