/**
 * Goal: what someone gains who shapes an agent's history for two weeks so that no single act alarms. On the whole pipeline; each test
 * says what is seen, when, and what the baseline believes by then. What is known to be open stands as `it.fails`.
 */
import { describe, expect, it } from 'vitest';
import { acquaintance, thingsKnown } from '../../baselines/familiarity.ts';
import { amountRange } from '../../baselines/statistics/amount.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, toolCall } from '../support/agent-bench.ts';
import { LIFE_AGENT, livesOn } from '../support/agent-life.ts';
import { type BaselineBench, createBaselineBench } from '../support/baseline-bench.ts';

const START_MS = Date.UTC(2026, 0, 5);
const HALF_LIFE_MS = 14 * DAY_MS;
/** Ordinary days before the attacker begins. */
const BEFORE = 28;
const ATTACK_MS = START_MS + BEFORE * DAY_MS;
const SEEDS = [1, 2, 3];

interface Judged {
  /** Since the attack began; negative before. */
  readonly day: number;
  readonly event: AuditEvent;
  readonly verdict: Verdict;
}

const live = (agent: BaselineBench, events: readonly AuditEvent[]): Judged[] =>
  events.map((event) => ({ day: (event.time - ATTACK_MS) / DAY_MS, event, verdict: agent.event(event) }));
/** Days on which there was an alert, of one detector or of any. */
const alertDays = (judged: readonly Judged[], detector?: string): number[] => [
  ...new Set(
    judged.flatMap(({ day, verdict }) =>
      verdict.hits.some((hit) => detector === undefined || hit.detector === detector) ? [Math.floor(day)] : [],
    ),
  ),
];
const baselineOf = (agent: BaselineBench) => agent.state(LIFE_AGENT).baseline;
const reading = (rows: number): Partial<AuditEvent> => ({
  action: { type: 'data_read', name: 'search_tickets', phase: 'completed' },
  data: { rows },
});

describe('fourteen days of growing volume', () => {
  const grown = (seed: number, perDay: number) => {
    const agent = createBaselineBench();
    const eventsOn = (day: number) => 40 * perDay ** Math.max(0, day - BEFORE + 1);
    const judged = live(agent, livesOn({ seed, fromMs: START_MS, days: BEFORE + 14, eventsOn, sessionEvents: 4 }));
    return { agent, judged };
  };

  it.each([1.08, 1.15])('of %f a day is seen while it lasts, though no hour is odd', (perDay) => {
    for (const seed of SEEDS) {
      const days = alertDays(grown(seed, perDay).judged);
      expect(days.length).toBeGreaterThan(0);
      expect(days[0]).toBeGreaterThanOrEqual(0);
    }
  });

  it('of 1.05 a day doubles unseen in that time, and by then the baseline believes half of it', () => {
    for (const seed of SEEDS) {
      const { agent, judged } = grown(seed, 1.05);
      expect(alertDays(judged, 'volume-spike')).toEqual([]);
      const { typical } = amountRange(baselineOf(agent).perDay.events, ATTACK_MS + 14 * DAY_MS, HALF_LIFE_MS);
      expect(typical).toBeLessThan(60);
    }
  });
});

describe('rows that creep up by 15 % a day, to sevenfold', () => {
  const crept = (seed: number) => {
    const agent = createBaselineBench();
    const judged = live(
      agent,
      livesOn({
        seed,
        fromMs: START_MS,
        days: BEFORE + 14,
        eventsOn: () => 40,
        sessionEvents: 4,
        rowsOn: (day, random) => random.lognormal(20, 0.5) * 1.15 ** Math.max(0, day - BEFORE + 1),
      }),
    );
    return { agent, judged };
  };

  it('are seen', () => {
    for (const seed of SEEDS) expect(alertDays(crept(seed).judged)).not.toEqual([]);
  });

  it('have moved what is typical for a session by less than half of that when they arrive, and a grab is still seen', () => {
    const { agent } = crept(1);
    const nowMs = ATTACK_MS + 14 * DAY_MS;
    const { typical } = amountRange(baselineOf(agent).perSession.rows, nowMs, HALF_LIFE_MS);
    expect(typical).toBeLessThan(80 * 3);
    const grab = agent.event(toolCall('grab', nowMs + 10 * HOUR_MS, reading(20_000)));
    expect(grab.hits.map(({ detector }) => detector)).toEqual(['mass-read']);
  });
});

/** Eight acts a day, and by the attacker one more on every `every`-th day. */
function withOneMore(
  every: number,
  days: number,
  usual: (id: string, timeMs: number, n: number) => AuditEvent,
  more: (day: number, timeMs: number) => AuditEvent,
): AuditEvent[] {
  return Array.from({ length: BEFORE + days }, (_, day) => {
    const dayMs = START_MS + day * DAY_MS;
    const ordinary = Array.from({ length: 8 }, (__, n) => usual(`${day}-${n}`, dayMs + (8 + n) * HOUR_MS, n));
    const attack = day - BEFORE;
    return attack >= 0 && attack % every === 0 ? [...ordinary, more(attack, dayMs + 17 * HOUR_MS)] : ordinary;
  }).flat();
}

describe('new endpoints one by one', () => {
  const call = (id: string, timeMs: number, name: string) =>
    toolCall(id, timeMs, { endpoint: `x.${name}`, action: { type: 'tool_call', name, phase: 'completed' } });
  const usual = (id: string, timeMs: number, n: number) => call(id, timeMs, `t${n % 4}`);
  const creep = (every: number, days: number) => {
    const agent = createBaselineBench();
    const judged = live(
      agent,
      withOneMore(every, days, usual, (day, timeMs) => call(`x${day}`, timeMs, `new${day}`)),
    );
    return { agent, judged };
  };

  it.each([1, 3])('alert each, and are held out of the baseline, for a week (one every %i days)', (every) => {
    const { agent, judged } = creep(every, 7);
    const expected = [0, 1, 2, 3, 4, 5, 6].filter((day) => day % every === 0);
    expect(alertDays(judged, 'novel-endpoint')).toEqual(expected);
    const known = expected.filter(
      (day) => acquaintance(baselineOf(agent).familiar.endpoints, `x.new${day}`) === 'known',
    );
    expect(known).toEqual([]);
    expect(judged.filter(({ verdict }) => verdict.status === 'hold')).toHaveLength(expected.length);
  });

  it('alert in the second week too, although nobody judged those of the first', () => {
    const { judged } = creep(3, 14);
    expect(alertDays(judged, 'novel-endpoint')).toEqual([0, 3, 6, 9, 12]);
  });

  it('that were confirmed are never learned, whatever comes after', () => {
    const agent = createBaselineBench();
    for (const event of withOneMore(1, 60, usual, (day, timeMs) => call(`x${day}`, timeMs, `new${day}`))) {
      for (const { alertId } of agent.event(event).hits) agent.close(LIFE_AGENT, alertId, 'true_positive');
    }
    const { endpoints } = baselineOf(agent).familiar;
    const learned = Array.from({ length: 60 }, (_, day) => day).filter(
      (day) => acquaintance(endpoints, `x.new${day}`) !== 'new',
    );
    expect(learned).toEqual([]);
    expect(agent.state(LIFE_AGENT).held).toEqual([]);
  });
});

describe('new destinations one by one', () => {
  const mail = (id: string, timeMs: number, to: string) =>
    toolCall(id, timeMs, {
      action: { type: 'send', name: 'send_mail', phase: 'completed' },
      endpoint: 'mail.send',
      destinations: [{ kind: 'email', value: to }],
      data: { bytes_sent: 500 },
      content: { prompt: 'answer the open tickets' },
    });
  const usual = (id: string, timeMs: number, n: number) => mail(id, timeMs, `c${n % 7}@partner.example`);
  const more = (day: number, timeMs: number) => mail(`x${day}`, timeMs, `drop@collector${day}.example`);

  it.fails('alert: an agent that wrote to seven partners for weeks writes to a place nobody named', () => {
    expect(alertDays(live(createBaselineBench(), withOneMore(3, 14, usual, more)), 'exfiltration')).not.toEqual([]);
  });

  it('are on probation for a week after the first use, and known after that', () => {
    const agent = createBaselineBench();
    live(agent, withOneMore(14, 8, usual, more));
    const { destinations } = baselineOf(agent).familiar;
    expect(acquaintance(destinations, 'email:drop@collector0.example')).toBe('known');
  });
});

describe('one huge day', () => {
  const huge = (seed: number, days: number) => {
    const agent = createBaselineBench();
    const eventsOn = (day: number) => (day >= BEFORE && day < BEFORE + days ? 600 : 24);
    const judged = live(agent, livesOn({ seed, fromMs: START_MS, days: BEFORE + days, eventsOn }));
    return { agent, judged };
  };

  it('alerts, most of it is held, and the next as large alerts too', () => {
    for (const seed of SEEDS) {
      const { judged } = huge(seed, 2);
      expect(alertDays(judged, 'volume-spike')).toEqual([0, 1]);
      const first = judged.filter(({ day }) => day >= 0 && day < 1);
      const held = first.filter(({ verdict }) => verdict.status === 'hold').length;
      expect(held / first.length).toBeGreaterThan(0.5);
    }
  });

  it.fails('and so does the third', () => {
    for (const seed of SEEDS) expect(alertDays(huge(seed, 3).judged, 'volume-spike')).toEqual([0, 1, 2]);
  });

  it('one hour of it raises what is expected of that hour by a bounded step', () => {
    const quiet = createBaselineBench({ detectors: [] });
    const flooded = createBaselineBench({ detectors: [] });
    const life = livesOn({ seed: 1, fromMs: START_MS, days: BEFORE, eventsOn: () => 48 });
    const burst = Array.from({ length: 1000 }, (_, n) =>
      toolCall(`b${n}`, ATTACK_MS + 3 * HOUR_MS + n * 3000, { session: { id: `b${n >> 3}` } }),
    );
    const [before, after] = [quiet, flooded].map((agent) => {
      agent.events(agent === flooded ? [...life, ...burst] : life);
      agent.event(toolCall('end', ATTACK_MS + 8 * HOUR_MS));
      const { weekdays } = baselineOf(agent).hourly;
      return weekdays.sum;
    });
    // A thousand events count as the hour's mean and five spreads, not as a thousand.
    expect((after ?? 0) - (before ?? 0)).toBeLessThan(0.15 * (before ?? 0));
  });
});

describe('a word of an analyst', () => {
  const HARMLESS_MS = ATTACK_MS + 10 * HOUR_MS;
  /** 24 events a day with some tokens and bytes; `dismissed`: one session of very many tokens was called harmless. */
  function judgedAgent(dismissed: boolean): BaselineBench {
    const agent = createBaselineBench();
    const life = livesOn({
      seed: 1,
      fromMs: START_MS,
      days: BEFORE + 15,
      eventsOn: () => 24,
      extra: (_, __, random) => ({
        usage: { input_tokens: Math.round(random.lognormal(500, 0.4)), output_tokens: 0 },
        data: { bytes_sent: Math.round(random.lognormal(400, 0.4)) },
      }),
    });
    agent.events(life.filter(({ time }) => time < HARMLESS_MS));
    if (dismissed) {
      const { hits } = agent.event(
        toolCall('big', HARMLESS_MS, { usage: { input_tokens: 20_000_000, output_tokens: 0 } }),
      );
      expect(hits.map(({ subject }) => subject)).toEqual(['tokens per session']);
      for (const { alertId } of hits) agent.close(LIFE_AGENT, alertId, 'false_positive');
    }
    agent.events(life.filter(({ time }) => time > HARMLESS_MS));
    return agent;
  }
  const sending = toolCall('out', ATTACK_MS + 15 * DAY_MS + 10 * HOUR_MS, { data: { bytes_sent: 40_000 } });
  const subjectsOf = ({ hits }: Verdict) => hits.map(({ subject }) => subject);

  it('a hundredfold send alerts', () => {
    expect(subjectsOf(judgedAgent(false).event(sending))).toEqual(['bytes_sent per session']);
  });

  it('and still does two weeks after an alert on tokens was dismissed', () => {
    expect(subjectsOf(judgedAgent(true).event(sending))).toEqual(['bytes_sent per session']);
  });
});

describe('a flood of 10,000 endpoints', () => {
  const KNOWN = ['a', 'b', 'c', 'd'].map((name) => `desk.${name}`);
  /** Forty acts a day with four tools; during the flood too. */
  const daily = (fromMs: number, days: number): AuditEvent[] =>
    Array.from({ length: days * 40 }, (_, n) =>
      toolCall(`d${fromMs}-${n}`, fromMs + n * 36 * MINUTE_MS, { endpoint: KNOWN[n % 4] ?? '' }),
    );
  const flood = Array.from({ length: 10_000 }, (_, n) =>
    toolCall(`f${n}`, ATTACK_MS + n * MINUTE_MS, { session: { id: `f${n >> 3}` }, endpoint: `e${n}.flood` }),
  );
  const both = [...daily(ATTACK_MS, 8), ...flood].sort((one, other) => one.time - other.time);
  const endpointsKnown = (agent: BaselineBench) =>
    KNOWN.map((endpoint) => acquaintance(baselineOf(agent).familiar.endpoints, endpoint));

  it('teaches the baseline nothing: every session of it alerts', () => {
    const agent = createBaselineBench();
    agent.events(daily(START_MS, BEFORE));
    const judged = live(agent, both).filter(({ event }) => event.id.startsWith('f'));
    expect(new Set(judged.map(({ verdict }) => verdict.status))).toEqual(new Set(['hold']));
    expect(thingsKnown(baselineOf(agent).familiar.endpoints)).toBe(4);
  });

  it('evicts nothing that is used daily and takes no more room than its tables, even where nobody looks', () => {
    const agent = createBaselineBench({ detectors: [] });
    agent.events(daily(START_MS, BEFORE));
    const sizes: number[] = [];
    for (const [n, event] of both.entries()) {
      agent.event(event);
      if (n % 2000 === 1999) sizes.push(agent.stored(LIFE_AGENT).length);
    }
    expect(endpointsKnown(agent)).toEqual(KNOWN.map(() => 'known'));
    expect(thingsKnown(baselineOf(agent).familiar.endpoints)).toBe(256);
    const [afterTwoThousand = 0] = sizes;
    expect(Math.max(...sizes)).toBeLessThan(1.1 * afterTwoThousand);
  });
});
