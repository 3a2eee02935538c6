/**
 * Goal: what is in memory is bounded and decides nothing. Fresh ids displace fresh ids, are not looked up, and leave the agents that are known
 * well where they are; whatever the limits, verdicts and states are the same to the bit.
 */
import { describe, expect, it } from 'vitest';
import { estimateBytes } from '../../baselines/state-bytes.ts';
import { type CacheLimits, createStateCache, emptyCacheCounters } from '../../baselines/state-cache.ts';
import { agentsOf, createPipeline, emptyPipelineState } from '../../cli/pipeline.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { LogRecord } from '../../ingest/log.ts';
import { createSeenIds } from '../../ingest/seen-ids.ts';
import { createAgentBench, DAY_MS, HOUR_MS, MONDAY_MS, TENANT, toolCall } from '../support/agent-bench.ts';
import { crowdAgent, crowdEvent } from '../support/agent-crowd.ts';
import { createMemoryStates } from '../support/memory-states.ts';
import { entriesOf, recordsOf, runInMemory, scoring, settings } from '../support/partition-run.ts';

const UNBOUNDED: CacheLimits = {
  agentsMax: Number.MAX_SAFE_INTEGER,
  bytesMax: Number.MAX_SAFE_INTEGER,
  sessionBytesMax: Number.MAX_SAFE_INTEGER,
};

/** A partition's way through a batch, without its stores. */
function openRun(limits: Partial<CacheLimits>) {
  const states = createMemoryStates();
  const counters = emptyCacheCounters();
  const cache = createStateCache(0, states, { ...UNBOUNDED, ...limits }, createSeenIds(2 ** 22), counters);
  const pipeline = createPipeline(
    emptyPipelineState((key) => cache.take(key)),
    scoring,
    settings,
  );
  let position = 0;
  async function take(records: readonly LogRecord[]) {
    await cache.ensure(agentsOf(records), records[0]?.position ?? 0);
    const judged = records.map((record) => pipeline.step(record, 'new'));
    await cache.trim();
    return judged;
  }
  return {
    states,
    counters,
    cache,
    take,
    events: (events: readonly AuditEvent[]) =>
      take(
        events.map((event) => ({
          partition: 0,
          position: position++,
          entry: { kind: 'event', tenant: TENANT, receivedMs: event.time, event, digest: event.id },
        })),
      ),
  };
}

const BATCH = 1000;
const KNOWN = 50;

describe('a flood of fresh ids', () => {
  it('neither displaces agents that are known well, nor grows what is in memory, nor asks the store', async () => {
    const run = openRun({ agentsMax: 200 });
    for (let session = 0; session < 8; session++) {
      const timeMs = MONDAY_MS + session * HOUR_MS;
      await run.events(Array.from({ length: KNOWN }, (_, agent) => crowdEvent(agent, `k-${session}`, timeMs)));
    }
    expect(run.cache.established).toBe(KNOWN);
    const bytesBefore = run.cache.bytes;
    const largest = { size: 0, bytes: 0 };
    for (let first = 0; first < 4000; first += BATCH) {
      const timeMs = MONDAY_MS + DAY_MS + first;
      await run.events(Array.from({ length: BATCH }, (_, n) => crowdEvent(KNOWN + first + n, 'fresh', timeMs)));
      largest.size = Math.max(largest.size, run.cache.size);
      largest.bytes = Math.max(largest.bytes, run.cache.bytes);
    }
    expect(run.cache.established).toBe(KNOWN);
    expect(largest.size).toBeLessThanOrEqual(200);
    expect(largest.bytes).toBeLessThanOrEqual(4 * bytesBefore);
    // A filter of 2^22 bits is mistaken about one fresh id in some hundreds.
    expect(run.states.asked.length).toBeLessThan(200);
    const asked = run.states.asked.length;
    await run.events(Array.from({ length: KNOWN }, (_, agent) => crowdEvent(agent, 'back', MONDAY_MS + 2 * DAY_MS)));
    expect(run.states.asked.length).toBe(asked);
  }, 120_000);

  it('keeps to a tenth of the places when agents that are known well need the others', async () => {
    const run = openRun({ agentsMax: 100 });
    for (let session = 0; session < 8; session++) {
      const timeMs = MONDAY_MS + session * HOUR_MS;
      await run.events(Array.from({ length: 95 }, (_, agent) => crowdEvent(agent, `k-${session}`, timeMs)));
    }
    for (let first = 0; first < 1000; first += 50) {
      const timeMs = MONDAY_MS + DAY_MS + first;
      await run.events(Array.from({ length: 50 }, (_, n) => crowdEvent(1000 + first + n, 'fresh', timeMs)));
    }
    expect(run.cache.established).toBeGreaterThanOrEqual(88);
    expect(run.cache.size).toBeLessThanOrEqual(100);
  });
});

describe('the limits', () => {
  const fleet = simulateFleet({ seed: 'cache', agents: 40, days: 8, density: 0.15 });
  const records = recordsOf(0, entriesOf(TENANT, fleet.events.slice(-3000)));
  const whole = runInMemory(records);

  it.each<[string, Partial<CacheLimits>]>([
    ['nothing is written away', {}],
    ['three agents have room', { agentsMax: 3 }],
    ['a megabyte has room', { bytesMax: 2 ** 20 }],
    ['open sessions have next to none', { sessionBytesMax: 4096 }],
  ])('change no verdict and no state: %s', async (_, limits) => {
    const run = openRun(limits);
    const verdicts = new Map();
    for (let i = 0; i < records.length; i += 37) {
      for (const { record, verdict } of await run.take(records.slice(i, i + 37)))
        verdicts.set(record.position, verdict);
      expect(run.cache.size).toBeLessThanOrEqual(limits.agentsMax ?? Number.MAX_SAFE_INTEGER);
      expect(run.cache.bytes).toBeLessThanOrEqual(limits.bytesMax ?? Number.MAX_SAFE_INTEGER);
      expect(run.cache.sessionBytes).toBeLessThanOrEqual(limits.sessionBytesMax ?? Number.MAX_SAFE_INTEGER);
    }
    await run.cache.flush();
    expect(run.states.stored).toEqual(whole.states);
    expect(verdicts).toEqual(whole.verdicts);
    const { statesSpilled, statesSpilledForSessions } = run.counters;
    expect(statesSpilled > 0).toBe(Object.keys(limits).length > 0);
    expect(statesSpilledForSessions > 0).toBe('sessionBytesMax' in limits);
  });

  it('hold again after a store that was away', async () => {
    const run = openRun({ agentsMax: 2 });
    run.states.failures = 1;
    const events = [0, 1, 2, 3].map((agent) => crowdEvent(agent, 'e', MONDAY_MS));
    await expect(run.events(events)).rejects.toThrow('away');
    await run.cache.trim();
    await run.cache.flush();
    expect(run.cache.size).toBeLessThanOrEqual(2);
    expect([...run.states.stored.keys()].sort()).toEqual([0, 1, 2, 3].map((n) => `${TENANT}\u0000${crowdAgent(n)}`));
  });
});

describe('the estimate of a state', () => {
  it('grows with what its sessions hold', () => {
    const bench = createAgentBench();
    bench.event(toolCall('e', MONDAY_MS, { session: { id: 's' } }));
    const before = estimateBytes(bench.state());
    for (let n = 0; n < 50; n++) bench.event(toolCall(`e${n}`, MONDAY_MS + n, { session: { id: 's' } }));
    const after = estimateBytes(bench.state());
    expect(after.sessions).toBeGreaterThan(before.sessions);
    expect(after.all - before.all).toBe(after.sessions - before.sessions);
  });
});
