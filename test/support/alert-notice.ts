import type { AlertNotice } from '../../alerts/notice.ts';

/** 2026-03-20T09:46:40Z. */
export const NOTICE_MS = 1_774_000_000_000;

/** A complete notice; `overrides` replaces whole fields. */
export function alertNotice(overrides: Partial<AlertNotice> = {}): AlertNotice {
  return {
    tenant: 'acme',
    alertId: 'a1b2c3d4',
    time: NOTICE_MS - 1_500,
    receivedMs: NOTICE_MS,
    agent: 'billing-helper',
    agentKind: 'support',
    session: 'run-9',
    detector: 'exfiltration',
    subject: 'host:paste.example.net',
    severity: 4,
    p: 0.000001,
    score: 0.75,
    title: 'Agent sent data to a place that came out of a document',
    why: '"http_post" sent 9.4 MB to "paste.example.net", to which this agent never sent before.',
    reason: {
      measure: 'destination of data that left',
      observed: '"host:paste.example.net"',
      expected: 'one of 3 known destinations',
      bound: 0,
      sessions: 120,
      level: 'agent',
      knowledge: 'ready',
      baseline: '0:4711',
      chain: [
        { event: 'ev-1', role: 'read restricted data' },
        { event: 'ev-2', role: 'the send' },
      ],
    },
    tags: ['AML.T0086', 'T1567.002', 'ASI01'],
    eventId: 'ev-2',
    backfill: false,
    ...overrides,
  };
}
