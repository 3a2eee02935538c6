/**
 * Goal: a session that somebody fills up to every limit is the same, to the byte, whether its state was stored and read back in between or not: what is
 * let go is a matter of what came, never of how much memory a process happens to have set aside.
 */
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../ingest/event.ts';
import { FILLS } from '../bench/session-fills.ts';
import { AGENT, type AgentBench, createAgentBench, MONDAY_MS } from '../support/agent-bench.ts';

const EVENTS = 240;

function firstOf(events: Iterable<AuditEvent>): AuditEvent[] {
  const first: AuditEvent[] = [];
  for (const event of events) {
    if (first.length >= EVENTS) break;
    first.push(event);
  }
  return first;
}

const restored = (agent: AgentBench): AgentBench =>
  createAgentBench({ restored: { texts: agent.texts(), tickMs: MONDAY_MS } });

describe.each(Object.entries(FILLS))('a session filled by %s', (_name, fill) => {
  const events = firstOf(fill(AGENT));
  const undisturbed = createAgentBench();
  for (const event of events) undisturbed.event(event);

  it.each([1, 7, 50])('is the same when it was stored after every %d events', (every) => {
    let agent = createAgentBench();
    for (const [i, event] of events.entries()) {
      agent.event(event);
      if (i % every === every - 1) agent = restored(agent);
    }
    expect(agent.texts()).toEqual(undisturbed.texts());
  });
});
