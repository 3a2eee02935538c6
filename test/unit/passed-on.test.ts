/**
 * Goal: reading much and sending much in one session is held against an agent only where what it read was sensitive. Method: an agent that reads
 * and sends some every day does a thousand times as much once, after a restricted read and after an ordinary one.
 */
import { expect, it } from 'vitest';
import type { Classification } from '../../ingest/event.ts';
import { createAgentBench, DAY_MS, HOUR_MS, MINUTE_MS, MONDAY_MS, toolCall } from '../support/agent-bench.ts';

const DAYS = 30;

/** A read, and a minute later a send of as much. */
const session = (id: string, timeMs: number, bytes: number, classification: Classification = 'internal') => [
  toolCall(`${id}-read`, timeMs, {
    session: { id },
    resources: [{ name: 'customers', classification }],
    data: { bytes_received: bytes },
  }),
  toolCall(`${id}-send`, timeMs + MINUTE_MS, {
    session: { id },
    action: { type: 'send', name: 'send_mail', phase: 'completed' },
    data: { bytes_sent: bytes },
  }),
];

function claimsAfter(classification: Classification): (string | undefined)[] {
  const agent = createAgentBench();
  for (let n = 0; n < 2 * DAYS; n++)
    agent.events(
      session(`d${n}`, MONDAY_MS + (n * DAY_MS) / 2, 900 + 40 * (n % 7), n % 2 === 0 ? 'restricted' : 'internal'),
    );
  const verdicts = agent.events(session('probe', MONDAY_MS + DAYS * DAY_MS + HOUR_MS, 1_000_000, classification));
  return verdicts.flatMap(({ hits }) => hits.map(({ subject }) => subject));
}

const COUPLED = 'bytes read and passed on in this session';

it('counts what is passed on after sensitive reads, and not after others', () => {
  expect(claimsAfter('restricted')).toContain(COUPLED);
  expect(claimsAfter('internal')).not.toContain(COUPLED);
});
