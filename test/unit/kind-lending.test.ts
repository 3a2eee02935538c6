/**
 * Goal: a new agent begins with the ways and the near misses of its kind. What all of a kind do does not alert on its first days, what none of
 * them does still alerts, one badly taught member teaches nobody, nobody learns from itself, and a kind never makes a claim stronger.
 */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { type KindModel, summariseKind } from '../../baselines/kind-model.ts';
import { type KindPrior, priorFor } from '../../baselines/kind-prior.ts';
import type { Hit, Verdict } from '../../baselines/verdict.ts';
import { calibrate, emptyCalibration, learnMaxima } from '../../detectors/calibration.ts';
import type { View } from '../../detectors/detector.ts';
import { borrowedUses, lendHabits, poolHabits } from '../../detectors/kind-habits.ts';
import { lendTails, poolTails } from '../../detectors/kind-tails.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { DAY_MS, HOUR_MS, MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { type BaselineBench, createBaselineBench } from '../support/baseline-bench.ts';

const { halfLifeMs } = DEFAULT_BASELINE_SETTINGS;

/** Opens a case, reads the customer's record, and writes to an address that stood in what `source` returned. */
function answerSession(agent: string, n: number, timeMs: number, source = 'open_case'): AuditEvent[] {
  const address = `person-${agent}-${n}@inbox-${n}.example`;
  const act = (k: number, extra: Partial<AuditEvent>) =>
    toolCall(`${agent}-${n}-${k}`, timeMs + k * 20_000, {
      agent: { id: agent, kind: 'desk' },
      session: { id: `${agent}-s${n}` },
      ...extra,
    });
  return [
    act(0, {
      action: { type: 'data_read', name: source, phase: 'completed' },
      endpoint: `desk.${source}`,
      data: { rows: 1, bytes_received: 300 },
      content: { result: `{"from":"${address}","text":"the parcel never came"}` },
    }),
    act(1, {
      action: { type: 'data_read', name: 'open_record', phase: 'completed' },
      endpoint: 'desk.open_record',
      data: { rows: 1, bytes_received: 200 },
      resources: [{ name: 'customers', kind: 'table', classification: 'confidential' }],
    }),
    act(2, {
      action: { type: 'send', name: 'write_to', phase: 'completed' },
      endpoint: 'desk.write_to',
      destinations: [{ kind: 'email', value: address }],
      data: { bytes_sent: 250 },
      content: { arguments: `{"to":"${address}"}` },
    }),
  ];
}

function kindOf(agents: number, days = 14): BaselineBench {
  const bench = createBaselineBench();
  const lives = Array.from({ length: agents }, (_, a) =>
    Array.from({ length: days * 3 }, (_, n) => answerSession(`old-${a}`, n, MONDAY_MS + n * 8 * HOUR_MS + a * 60_000)),
  );
  const byTime = (a: AuditEvent[], b: AuditEvent[]) => (a[0]?.time ?? 0) - (b[0]?.time ?? 0);
  bench.events(lives.flat().sort(byTime).flat());
  return bench;
}

const modelOf = (bench: BaselineBench): KindModel =>
  summariseKind('desk', bench.states(), DEFAULT_BASELINE_SETTINGS, bench.lend) as KindModel;
const known = kindOf(10);
const model = modelOf(known);
const NOW_MS = MONDAY_MS + 15 * DAY_MS;

/** The first twelve sessions of an agent, four a day. */
function firstDays(published: KindModel, source?: string, alertBudget = 0.02): Verdict[] {
  const bench = createBaselineBench({ alertBudget });
  bench.publish(published);
  const sessions = Array.from({ length: 12 }, (_, n) => answerSession('new', n, NOW_MS + n * 6 * HOUR_MS, source));
  return bench.events(sessions.flat());
}

const sendings = (verdicts: readonly Verdict[]): Hit[] =>
  verdicts.flatMap(({ hits }) => hits).filter(({ detector }) => detector === 'exfiltration');

/** As a build before wrote it. */
const withoutLoans = (one: KindModel): KindModel => ({
  ...one,
  members: one.members.map(({ lent: _, ...member }) => member),
});

describe('ways of sending', () => {
  /** What a single new way comes to alerts, of an agent without a history, where five times as many false alerts are accepted. */
  const EAGER = 0.1;

  it('that all of a kind have do not alert on a new agent, nor do the tools they all use', () => {
    expect(firstDays(model).flatMap(({ hits }) => hits)).toEqual([]);
    expect(sendings(firstDays(model, undefined, EAGER))).toEqual([]);
  });

  it('are lent by the model: without them the same sessions alert', () => {
    expect(sendings(firstDays(withoutLoans(model), undefined, EAGER)).length).toBeGreaterThan(0);
  });

  it('that none of the kind has alert, and the kind is named as what decided', () => {
    const hits = sendings(firstDays(model, 'read_page'));
    expect(hits.length).toBeGreaterThan(0);
    expect(hits[0]?.reason.level).toBe('kind');
  });

  const WAY = 'write_to <- result of open_case';
  const loan = (habits: readonly (readonly [string, number])[]) => ({ sessions: 30, voice: 1, value: habits });
  const viewWith = (loans: readonly ReturnType<typeof loan>[], sessions: number): View => {
    const lent: KindPrior['lent'] = (_detector, pool) => pool(loans);
    return { prior: { lent } as KindPrior, sessions } as View;
  };

  it('of one member alone are lent to nobody', () => {
    const taughtBadly = [loan([[WAY, 1]]), ...Array.from({ length: 9 }, () => loan([]))];
    expect(poolHabits(taughtBadly).rates.get(WAY)).toBeUndefined();
    expect(borrowedUses(WAY, viewWith(taughtBadly, 0))).toBe(0);
  });

  it('count one voice a member, at most one use a session', () => {
    const loans = [loan([[WAY, 40]]), loan([[WAY, 0.5]]), loan([]), loan([])];
    expect(poolHabits(loans).rates.get(WAY)).toBeCloseTo(1.5 / 4, 12);
  });

  it('give way to what the agent does itself, and count less in a small kind', () => {
    const loans = (members: number) => Array.from({ length: members }, () => loan([[WAY, 1]]));
    expect(borrowedUses(WAY, viewWith(loans(10), 0))).toBeCloseTo(20, 12);
    expect(borrowedUses(WAY, viewWith(loans(10), 180))).toBeCloseTo(2, 12);
    expect(borrowedUses(WAY, viewWith(loans(5), 0))).toBeCloseTo(10, 12);
  });

  it('are lent as uses by learned session, the 32 most used', () => {
    const own = new Map(Array.from({ length: 40 }, (_, n) => [`w${n}`, { value: n, atMs: NOW_MS }]));
    const lent = lendHabits(own, DEFAULT_BASELINE_SETTINGS, { timeMs: NOW_MS, sessions: 20 }) as [string, number][];
    expect(lent).toHaveLength(32);
    expect(lent[0]).toEqual(['w39', 39 / 20]);
  });
});

describe("an agent's own loan", () => {
  it('is not part of what its kind lends it', () => {
    const poolOf = (agent: string) => priorFor(model, agent)?.lent('exfiltration', (loans) => loans.length);
    expect(poolOf('old-3')).toBe(9);
    expect(poolOf('new')).toBe(10);
  });
});

describe('near misses', () => {
  const START_MS = 20_000 * DAY_MS;
  const CLAIM = 1e-4;
  /** Twenty days with two sessions each; every so many days one comes near. */
  function calibrationOf(everyDays: number, surprise = 2.5) {
    const calibration = emptyCalibration();
    for (let day = 0; day < 20; day++)
      for (const near of [0, day % everyDays === 0 ? surprise : 0])
        learnMaxima(calibration, new Map(near > 0 ? [['d', near] as const] : []), START_MS + day * DAY_MS, halfLifeMs);
    return calibration;
  }
  const nowMs = START_MS + 20 * DAY_MS;
  const kindOfNear = (everyDays: number, members = 10) =>
    poolTails(
      Array.from({ length: members }, () => ({
        sessions: 40,
        voice: 1,
        value: lendTails(calibrationOf(everyDays), nowMs, halfLifeMs),
      })),
    );
  const at = (kind: ReturnType<typeof poolTails>, claim = CLAIM, own = emptyCalibration()) =>
    calibrate(own, 'd', claim, false, { tMs: nowMs, halfLifeMs, kind });

  it('of a kind make the claims of a new agent milder, and the kind is named', () => {
    const { p, by } = at(kindOfNear(1));
    expect(p).toBeGreaterThan(3 * CLAIM);
    expect(by).toBe('kind');
  });

  it.each([1, 2, 5, 100])('never make a claim stronger: one near every %i days', (everyDays) => {
    for (const claim of [1e-1, 1e-2, 1e-4, 1e-8])
      for (const own of [emptyCalibration(), calibrationOf(4), calibrationOf(100)]) {
        const alone = calibrate(own, 'd', claim, false, { tMs: nowMs, halfLifeMs }).p;
        expect(at(kindOfNear(everyDays), claim, own).p).toBeGreaterThanOrEqual(alone);
      }
  });

  it('of other detectors say nothing', () => {
    const { p, by } = calibrate(emptyCalibration(), 'other', CLAIM, false, {
      tMs: nowMs,
      halfLifeMs,
      kind: kindOfNear(1),
    });
    expect([p, by]).toEqual([CLAIM, 'agent']);
  });

  it('of one busy member do not speak for all', () => {
    const quiet = Array.from({ length: 9 }, () => ({
      sessions: 40,
      voice: 1,
      value: lendTails(calibrationOf(100), nowMs, halfLifeMs),
    }));
    const busy = { sessions: 1000, voice: 1, value: { sessions: 1000, peaks: [['d', 14, 14, 1000]] } };
    const { sessions, peaks } = poolTails([...quiet, busy]);
    expect(peaks.get('d')?.sessions).toBeLessThanOrEqual(60);
    expect(sessions).toBeLessThan(450);
  });

  it('that came to nothing are handed on as they are now', () => {
    const later = lendTails(calibrationOf(1), nowMs + halfLifeMs, halfLifeMs) as { sessions: number };
    const now = lendTails(calibrationOf(1), nowMs, halfLifeMs) as { sessions: number };
    expect(later.sessions / now.sessions).toBeCloseTo(0.5, 12);
  });
});
