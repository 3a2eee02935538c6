/** Goal: the score comes before the learning. An extreme event must not excuse itself, nor its session the next of its kind. */
import { describe, expect, it } from 'vitest';
import type { Detector } from '../../detectors/detector.ts';
import { massRead } from '../../detectors/mass-read.ts';
import { volumeSpike } from '../../detectors/volume-spike.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { createAgentBench, DAY_MS, HOUR_MS, MONDAY_MS, toolCall, tripwire } from '../support/agent-bench.ts';

const read = (id: string, timeMs: number, rows: number): AuditEvent =>
  toolCall(id, timeMs, {
    action: { type: 'data_read', name: 'query', phase: 'completed' },
    endpoint: 'db.query',
    data: { rows },
  });

const history = (sessions: number, rows: number) =>
  Array.from({ length: sessions }, (_, i) => read(`h${i}`, MONDAY_MS + i * 6 * HOUR_MS, rows));

describe('score, then learn', () => {
  it('detectors see the state as it was before the event', () => {
    const seen: [number, number, number][] = [];
    const witness: Detector<null> = {
      ...tripwire,
      score: (_event, view) => {
        seen.push([view.baseline.eventsEver, view.session?.sums.events ?? 0, view.inSession.events]);
        return undefined;
      },
    };
    const agent = createAgentBench({ detectors: [witness] });
    const session = { id: 's' };
    for (const [i, minutes] of [0, 1, 2, 65].entries())
      agent.event(toolCall(`e${i}`, MONDAY_MS + minutes * 60_000, { session }));
    expect(seen).toEqual([
      [0, 0, 1],
      [0, 1, 2],
      [0, 2, 3],
      // 63 minutes of silence: the session has closed and is learned before the next event is judged.
      [3, 0, 1],
    ]);
  });

  it('the largest read ever is judged by the reads before it, not by itself', () => {
    const agent = createAgentBench({ detectors: [massRead, volumeSpike] });
    agent.events(history(40, 10));
    const nextMs = MONDAY_MS + 10 * DAY_MS + HOUR_MS;
    const verdict = agent.event(read('huge', nextMs, 100_000));
    expect(verdict.hits.map(({ detector }) => detector)).toContain('mass-read');
    expect(verdict.hits[0]?.reason.expected).toBeCloseTo(10, 6);
  });

  it('an alerted surge does not teach the next one to pass, however often it comes', () => {
    const agent = createAgentBench({ detectors: [massRead] });
    agent.events(history(40, 10));
    const surges = Array.from({ length: 6 }, (_, i) =>
      agent.event(read(`x${i}`, MONDAY_MS + (10 + i * 0.5) * DAY_MS, 100_000)),
    );
    expect(surges.map(({ hits }) => hits.length)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(new Set(surges.map(({ score }) => score)).size).toBe(1);
  });

  it('an event within the same session does not excuse the one after it', () => {
    const agent = createAgentBench({ detectors: [massRead] });
    agent.events(history(40, 10));
    const startMs = MONDAY_MS + 10 * DAY_MS;
    const session = { id: 'slow' };
    const scores = Array.from(
      { length: 10 },
      (_, i) => agent.event({ ...read(`x${i}`, startMs + i * 60_000, 12), session }).score,
    );
    // Each read alone is mild; their sum is not, and grows more suspicious with every one.
    expect(scores.at(-1)).toBeGreaterThan(scores[0] ?? 1);
    expect(scores).toEqual([...scores].sort((a, b) => a - b));
  });
});
