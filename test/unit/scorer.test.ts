/** Goal: scoring files is the worker's path: frozen states stay frozen, sessions are told apart, and derived ids repeat. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { withDerivedId } from '../../cli/derived-id.ts';
import { createScorer } from '../../cli/scorer.ts';
import { createSessionSplitter } from '../../cli/session-splitter.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { createAgentBench, DAY_MS, HOUR_MS, MINUTE_MS, MONDAY_MS, TENANT, toolCall } from '../support/agent-bench.ts';

const settings = { baseline: DEFAULT_BASELINE_SETTINGS, alertBudget: 0.02, detectors: DETECTORS.length };
const scorer = () => createScorer(createScoring(DETECTORS, settings.baseline), settings);
const entryOf = (event: AuditEvent, tenant = TENANT): EventEntry => ({
  kind: 'event',
  tenant,
  receivedMs: event.time,
  event,
  digest: event.id,
});
const read = (id: string, timeMs: number, rows: number) =>
  toolCall(id, timeMs, { action: { type: 'data_read', name: 'query', phase: 'completed' }, data: { rows } });
const history = Array.from({ length: 60 }, (_, i) => read(`h${i}`, MONDAY_MS + i * 8 * HOUR_MS, 10));
const nextMs = MONDAY_MS + 20 * DAY_MS;

describe('createScorer', () => {
  it('gives the verdicts that the pipeline gives', () => {
    const one = scorer();
    const events = [...history, read('x', nextMs, 50_000)];
    expect(events.map((event) => one.score(entryOf(event)))).toEqual(createAgentBench().events(events));
  });

  it('scores every frozen session against the same state, whatever came before or between', () => {
    const one = scorer();
    for (const event of history) one.score(entryOf(event));
    one.freeze(nextMs);
    const probe = entryOf(read('x', nextMs + HOUR_MS, 50_000));
    const first = one.alone().score(probe);
    for (let i = 0; i < 5; i++) one.alone().score(entryOf(read(`y${i}`, nextMs + i * DAY_MS, 50_000)));
    for (let i = 0; i < 5; i++) one.score(entryOf(read(`z${i}`, nextMs + i * DAY_MS, 50_000)));
    expect(one.alone().score(probe)).toEqual(first);
    expect(first.hits.map(({ detector }) => detector)).toContain('mass-read');
  });

  it('has learned, when it freezes, what is idle by then', () => {
    const one = scorer();
    for (const event of history) one.score(entryOf(event));
    one.freeze(nextMs);
    const { hits } = one.alone().score(entryOf(read('x', nextMs + HOUR_MS, 50_000)));
    expect(hits[0]?.reason.sessions).toBe(60);
  });

  it('has judged the day before when it freezes: growth is no news to sessions that are scored alone', () => {
    // Steady for a month, then three percent more a day; each night the first event after 02:00 judges the day before.
    const grown = Array.from({ length: 240 }, (_, i) =>
      read(`g${i}`, MONDAY_MS + i * 8 * HOUR_MS, Math.round(100 * 1.01 ** Math.max(0, i - 90))),
    );
    const pipeline = scorer();
    const tellsOfGrowth = (event: AuditEvent, by: Pick<ReturnType<typeof scorer>, 'score'>) =>
      by.score(entryOf(event)).hits.some(({ subject }) => subject.endsWith(' over days'));
    const first = grown.findIndex((event) => tellsOfGrowth(event, pipeline));
    const news = grown[first];
    if (news === undefined) throw new Error('growth was to be told of');
    const one = scorer();
    for (const event of grown.slice(0, first)) one.score(entryOf(event));
    one.freeze(news.time - (news.time % DAY_MS) + HOUR_MS);
    expect(tellsOfGrowth(news, one.alone())).toBe(false);
  });

  it('does not call sessions late that begin when it froze', () => {
    const one = scorer();
    for (const event of history) one.score(entryOf(event));
    one.freeze(nextMs);
    const { status, flags } = one.alone().score(entryOf(read('x', nextMs, 10)));
    expect([status, flags]).toEqual(['learn', []]);
  });

  it('knows nothing of agents that were not there when it froze', () => {
    const one = scorer();
    one.freeze(nextMs);
    expect(one.alone().score(entryOf(read('x', nextMs, 50_000))).knowledge).toBe('cold');
  });

  it('tells its newest event time, and 0 before the first', () => {
    const one = scorer();
    expect(one.newestMs()).toBe(0);
    one.score(entryOf(read('a', nextMs, 1)));
    one.score(entryOf(read('b', nextMs - HOUR_MS, 1)));
    expect(one.newestMs()).toBe(nextMs);
  });
});

function nameless(id: string, timeMs: number, principal: string): AuditEvent {
  const { session: _, ...rest } = toolCall(id, timeMs, { principal: { id: principal } });
  return rest;
}

describe('createSessionSplitter', () => {
  const inSession = (id: string, timeMs: number, session: string) => toolCall(id, timeMs, { session: { id: session } });
  const idsOf = (sessions: Iterable<readonly EventEntry[]>) =>
    [...sessions].map((session) => session.map(({ event }) => event.id));

  it('takes sessions that begin at or after the instant, and leaves those that began before it whole', () => {
    const splitter = createSessionSplitter(nextMs);
    const taken = [
      inSession('a1', nextMs - 1, 'a'),
      inSession('b1', nextMs, 'b'),
      inSession('a2', nextMs + 1, 'a'),
      inSession('c1', nextMs + 2, 'c'),
      inSession('b2', nextMs + 3, 'b'),
    ].map((event) => splitter.takes(entryOf(event)));
    expect(taken).toEqual([false, true, false, true, true]);
    expect(idsOf(splitter.sessions())).toEqual([['b1', 'b2'], ['c1']]);
  });

  it('keeps agents and tenants with sessions of one name apart', () => {
    const splitter = createSessionSplitter(0);
    splitter.takes(entryOf(inSession('e1', nextMs, 's')));
    splitter.takes(entryOf(inSession('e2', nextMs, 's'), 'other'));
    splitter.takes(entryOf({ ...inSession('e3', nextMs, 's'), agent: { id: 'a2' } }));
    expect(idsOf(splitter.sessions())).toEqual([['e1'], ['e2'], ['e3']]);
  });

  it('cuts sessions without an id where the pipeline cuts them', () => {
    const minutes: [string, number][] = [
      ['u1', 0],
      ['u2', 5],
      ['u1', 29],
      ['u1', 58],
      ['u1', 88],
      ['u2', 34],
    ];
    const events = minutes
      .map(([principal, minute], i) => nameless(`e${i}`, nextMs + minute * MINUTE_MS, principal))
      .sort((one, other) => one.time - other.time);
    const splitter = createSessionSplitter(0);
    for (const event of events) splitter.takes(entryOf(event));
    const agent = createAgentBench();
    const byPipeline = new Map<string, string[]>();
    for (const event of events) {
      const { session } = agent.event(event);
      byPipeline.set(session, [...(byPipeline.get(session) ?? []), event.id]);
    }
    expect(idsOf(splitter.sessions())).toEqual([...byPipeline.values()]);
  });
});

describe('withDerivedId', () => {
  const derived = (line: string) =>
    Buffer.from(
      withDerivedId({ line: Buffer.from(line), cut: false, number: 1, offset: 0, prefixDigest: 'f00d' }),
    ).toString();

  it.each<[string, string, string]>([
    ['puts the id first', '{"time":1}', '{"id":"file:f00d","time":1}'],
    ['keeps white space and order', ' { "b" : 1, "a":2 }', ' {"id":"file:f00d", "b" : 1, "a":2 }'],
    ['an empty object', '{ }', '{"id":"file:f00d" }'],
    ['an id further down is another thing\u2019s', '{"agent":{"id":"a"}}', '{"id":"file:f00d","agent":{"id":"a"}}'],
    ['a repeated key stays visible', '{"a":1,"a":2}', '{"id":"file:f00d","a":1,"a":2}'],
    ['an id that is there', '{"id":"x"}', '{"id":"x"}'],
    ['an id of the wrong type stays to be refused', '{"id":7}', '{"id":7}'],
    ['an array', '[{"a":1}]', '[{"a":1}]'],
    ['no JSON', '{"a":', '{"a":'],
    ['nothing', '', ''],
  ])('%s', (_name, line, expected) => {
    expect(derived(line)).toBe(expected);
  });
});
