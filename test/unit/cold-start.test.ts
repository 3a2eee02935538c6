/**
 * Goal: what is said of an agent that nobody knows yet: how much is known is stated, ceilings hold at once, agents of the same kind lend
 * what is normal through a `model` record, and what is lent fades. On the whole pipeline.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { type KindModel, summariseKind } from '../../baselines/kind-model.ts';
import type { Knowledge, Verdict } from '../../baselines/verdict.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { NewerBuild } from '../../ingest/newer-build.ts';
import { DAY_MS, HOUR_MS, toolCall } from '../support/agent-bench.ts';
import { LIFE_AGENT, livesOn } from '../support/agent-life.ts';
import { type BaselineBench, createBaselineBench } from '../support/baseline-bench.ts';

const START_MS = Date.UTC(2026, 0, 5);
const HALF_LIFE_MS = DEFAULT_BASELINE_SETTINGS.halfLifeMs;
const NOW_MS = START_MS + 30 * DAY_MS + 10 * HOUR_MS;

const read = (id: string, timeMs: number, rows: number, extra: Partial<AuditEvent> = {}): AuditEvent =>
  toolCall(id, timeMs, {
    action: { type: 'data_read', name: 'search_tickets', phase: 'completed' },
    data: { rows },
    ...extra,
  });
/** Four reads of about 20 rows within two minutes. */
const ordinarySession = (agent: string, id: string, timeMs: number): AuditEvent[] => {
  const random = createRandom(`${agent}/${id}`);
  return Array.from({ length: 4 }, (_, n) =>
    read(`${agent}-${id}-${n}`, timeMs + n * 20_000, Math.ceil(random.lognormal(20, 0.5)), {
      agent: { id: agent, kind: 'desk' },
      session: { id: `${agent}-${id}` },
    }),
  );
};
const sessions = (agent: string, count: number, fromMs: number): AuditEvent[] =>
  Array.from({ length: count }, (_, n) => ordinarySession(agent, `s${n}`, fromMs + n * 4 * HOUR_MS)).flat();
const hitsOf = (verdicts: readonly Verdict[]) => verdicts.flatMap(({ hits }) => hits);
const detectorsIn = (verdicts: readonly Verdict[]) => [...new Set(hitsOf(verdicts).map(({ detector }) => detector))];

describe('what is known is said', () => {
  const knowledgeAfter = (count: number, laterMs: number): { knowledge: Knowledge; sessions: number } => {
    const agent = createBaselineBench();
    agent.events(sessions(LIFE_AGENT, count, START_MS));
    const [hit] = agent.event(read('probe', START_MS + count * 4 * HOUR_MS + laterMs, 2_000_000)).hits;
    return { knowledge: hit?.reason.knowledge ?? 'ready', sessions: hit?.reason.sessions ?? -1 };
  };

  it.each<[number, number, Knowledge]>([
    [0, 0, 'cold'],
    [4, 0, 'cold'],
    [5, 0, 'warming'],
    [19, 0, 'warming'],
    [20, 0, 'ready'],
    [20, HALF_LIFE_MS + DAY_MS, 'stale'],
    [5, HALF_LIFE_MS + DAY_MS, 'stale'],
    [4, HALF_LIFE_MS + DAY_MS, 'cold'],
  ])('with its count: after %i sessions and %i ms the agent is %s', (count, laterMs, knowledge) => {
    expect(knowledgeAfter(count, laterMs)).toEqual({ knowledge, sessions: count });
  });
});

describe('ceilings', () => {
  it.each<[string, Partial<AuditEvent>, string]>([
    ['a million rows', { data: { rows: 1_000_000 } }, 'mass-read'],
    ['100 million tokens', { usage: { input_tokens: 100_000_001, output_tokens: 0 } }, 'volume-spike'],
    ['10 GiB sent', { data: { bytes_sent: 10 * 1024 ** 3 + 1 } }, 'volume-spike'],
    ['250 dollars', { cost: { micro_usd: 250_000_001 } }, 'volume-spike'],
  ])('hold from the first event on: %s', (_, extra, detector) => {
    const hits = hitsOf([createBaselineBench().event(toolCall('first', START_MS, extra))]);
    expect(hits.map((hit) => [hit.detector, hit.reason.level, hit.reason.knowledge, hit.reason.sessions])).toEqual([
      [detector, 'ceiling', 'cold', 0],
    ]);
  });

  it('below them a first event surprises nobody while there are no peers', () => {
    const verdict = createBaselineBench().event(
      read('first', START_MS, 999_999, { usage: { input_tokens: 10 ** 7, output_tokens: 0 } }),
    );
    expect(hitsOf([verdict])).toEqual([]);
  });
});

const PEERS = 12;
const peerIds = Array.from({ length: PEERS }, (_, n) => `peer-${n}`);

/** Four weeks of twelve service desks, each with a volume of its own. */
function peers(): BaselineBench {
  const bench = createBaselineBench();
  for (const [n, agent] of peerIds.entries()) {
    const volume = createRandom(`volume/${n}`).lognormal(20, 0.3);
    bench.events(
      livesOn({
        seed: `peer/${n}`,
        agent,
        fromMs: START_MS,
        days: 28,
        eventsOn: () => 24,
        sessionEvents: 4,
        rowsOn: (_, random) => random.lognormal(volume, 0.5),
        extra: (_, k) => ({ endpoint: `desk.${['search_tickets', 'read_ticket', 'answer'][k % 3]}` }),
      }),
    );
  }
  return bench;
}
const known = peers();
const model = summariseKind('desk', known.states(), DEFAULT_BASELINE_SETTINGS, known.lend) as KindModel;

const newcomer = (published: KindModel | undefined, ownSessions = 0): BaselineBench => {
  const bench = createBaselineBench();
  if (published !== undefined) bench.publish(published);
  bench.events(sessions('new', ownSessions, NOW_MS - 5 * DAY_MS));
  return bench;
};
const asNew = { agent: { id: 'new', kind: 'desk' } };
/** Through an endpoint it has not used before: only session, hour and day can tell. */
const grossRead = () => read('gross', NOW_MS, 200_000, { ...asNew, endpoint: 'desk.read_ticket' });

describe('a newcomer with peers', () => {
  it('has the model of its kind from the record on, and the model is all of its peers', () => {
    expect(model.members.map(({ agent }) => agent)).toEqual([...peerIds].sort());
    expect(model.items.endpoints.map(([name, users]) => [name, users.length]).slice(0, 3)).toEqual([
      ['desk.answer', PEERS],
      ['desk.read_ticket', PEERS],
      ['desk.search_tickets', PEERS],
    ]);
  });

  it('raises nothing with an ordinary first week', () => {
    const bench = createBaselineBench();
    bench.publish(model);
    expect(detectorsIn(bench.events(sessions('new', 42, NOW_MS)))).toEqual([]);
  });

  it('alerts in its first session on what is grossly beyond its kind', () => {
    expect(detectorsIn([newcomer(model).event(grossRead())])).toContain('mass-read');
  });

  it('alerts from its second session on, says so, and without peers would not', () => {
    const hits = hitsOf([newcomer(model, 1).event(grossRead())]);
    expect(hits.map(({ detector, reason }) => [detector, reason.level, reason.knowledge, reason.sessions])).toEqual([
      ['mass-read', 'kind', 'cold', 1],
    ]);
    expect(hits[0]?.why).toContain('the normal of its kind');
    expect(detectorsIn([newcomer(undefined, 1).event(grossRead())])).toEqual([]);
  });

  it('expects of a tool that all of its kind use less trouble than of one that none uses', () => {
    const firstUse = (endpoint: string) => {
      const action = { type: 'tool_call', name: endpoint, phase: 'completed' } as const;
      return (
        newcomer(model, 4).event(toolCall('use', NOW_MS, { ...asNew, endpoint, action })).surprise['novel-endpoint'] ??
        0
      );
    };
    expect(firstUse('desk.answer')).toBeLessThan(firstUse('payroll.export'));
  });

  it('may begin with whatever all of its kind use, and ever less so the longer it has done without', () => {
    const firstUse = (sessions: number) => {
      const bench = newcomer(model, sessions);
      const used = ['desk.read_ticket', 'desk.answer'].map((endpoint, n) =>
        bench.event(toolCall(`use-${n}`, NOW_MS + n * 1000, { ...asNew, session: { id: 'use' }, endpoint })),
      );
      return Math.max(...used.map(({ surprise }) => surprise['novel-endpoint'] ?? 0));
    };
    const [first = 0, fourth = 0, twentieth = 0] = [0, 4, 20].map(firstUse);
    // Half of those who use a thing use it in their first session, as far as anybody knows: 0.5^0.75 by the voice of a newcomer.
    expect(first).toBeLessThan(0.3);
    expect(fourth).toBeGreaterThan(first);
    expect(twentieth).toBeGreaterThan(fourth);
  });

  it('is nobody to another kind, and a model of a later build is not passed over', () => {
    const other = newcomer({ ...model, kind: 'billing' }, 1);
    const plain = newcomer(undefined, 1);
    expect(other.event(grossRead()).surprise).toEqual(plain.event(grossRead()).surprise);
    const unreadable = newcomer(model, 1);
    unreadable.publish({ ...model, members: undefined } as unknown as KindModel);
    const later = newcomer(model, 1);
    expect(() => later.publish({ ...model, format: 2 } as unknown as KindModel)).toThrow(NewerBuild);
    expect(unreadable.event(grossRead()).surprise).toEqual(newcomer(model, 1).event(grossRead()).surprise);
  });
});

describe('leave one out', () => {
  /** The first sessions of `agent`, then a read of 60 times the usual, with the model in force. */
  const surpriseOf = (agent: string, published: KindModel) => {
    const bench = createBaselineBench();
    bench.publish(published);
    bench.events(sessions(agent, 3, NOW_MS - 2 * DAY_MS));
    return bench.event(read('big', NOW_MS, 5000, { agent: { id: agent, kind: 'desk' } })).surprise;
  };
  /** A model in which `agent` has always read 250 times as much as the others. */
  const withVoiceOf = (agent: string): KindModel => {
    const bench = peers();
    const rowsOn = (_: number, random: ReturnType<typeof createRandom>) => random.lognormal(5000, 0.5);
    bench.events(
      livesOn({ seed: 'loud', agent, fromMs: START_MS, days: 28, eventsOn: () => 24, sessionEvents: 4, rowsOn }),
    );
    return summariseKind('desk', bench.states(), DEFAULT_BASELINE_SETTINGS, bench.lend) as KindModel;
  };

  it("an agent's own past, in the model of its kind, does not excuse it", () => {
    const loud = withVoiceOf('loud');
    expect(loud.members).toHaveLength(PEERS + 1);
    const without = { ...loud, members: loud.members.filter(({ agent }) => agent !== 'loud') };
    expect(surpriseOf('loud', loud)['mass-read']).toBeCloseTo(surpriseOf('loud', without)['mass-read'] ?? 0, 9);
    expect(surpriseOf('loud', loud)['mass-read']).toBeGreaterThan(surpriseOf('somebody-else', loud)['mass-read'] ?? 0);
  });
});

describe('what is lent', () => {
  /** An agent of the kind that has always read a hundred times as much as its peers. */
  const oddOne = (published: KindModel | undefined, count: number): number => {
    const bench = createBaselineBench();
    if (published !== undefined) bench.publish(published);
    const big = (id: string, timeMs: number) => read(id, timeMs, 2000, { ...asNew, session: { id } });
    for (let n = 0; n < count; n++) {
      for (const { alertId } of bench.event(big(`b${n}`, START_MS + n * 4 * HOUR_MS)).hits)
        bench.close('new', alertId, 'false_positive');
    }
    return bench.event(big('probe', START_MS + (count + 1) * 4 * HOUR_MS)).surprise['mass-read'] ?? 0;
  };

  it('fades as a history of its own grows: what is odd for the kind becomes normal for the agent', () => {
    const lent = [1, 150].map((count) => oddOne(model, count) - oddOne(undefined, count));
    expect(lent[0]).toBeGreaterThan(0.4);
    expect(Math.abs(lent[1] ?? 1)).toBeLessThan(0.1);
  });

  it('decides until the agent is known, and its own history after that', () => {
    const levels = [1, 10, 19, 20, 60].map((count) => {
      const [hit] = newcomer(model, count).event({ ...grossRead(), time: NOW_MS + 10 * DAY_MS }).hits;
      return [count, hit?.reason.level];
    });
    expect(levels).toEqual([
      [1, 'kind'],
      [10, 'kind'],
      [19, 'kind'],
      [20, 'agent'],
      [60, 'agent'],
    ]);
  });
});
