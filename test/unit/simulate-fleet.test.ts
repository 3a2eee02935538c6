/**
 * Goal: the simulated fleet is deterministic, valid, and honest: what the stories claim is in the events, what they must not
 * give away is not, and the ordinary world is as hard as it says. Method: one default fleet, many small ones, all facts recounted from the events.
 */
import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import { AGENT_KIND_NAMES } from '../../cli/simulate/agent-kinds.ts';
import { CHANGES } from '../../cli/simulate/changes/index.ts';
import { type SimulatedFleet, SMALL_FLEET, type StoryInstance, simulateFleet } from '../../cli/simulate/fleet.ts';
import { STORIES } from '../../cli/simulate/stories/index.ts';
import { EventSchema, type WireEvent } from '../../ingest/event.ts';

const DAY_MS = 86_400_000;
const validator = Compile(EventSchema);

let fleet: SimulatedFleet;
beforeAll(() => {
  fleet = simulateFleet({ seed: 'fleet' });
});

describe('events', () => {
  it('are valid, ordered in time, and have ids of their own', () => {
    expect(fleet.events.filter((event) => !validator.Check(event))).toEqual([]);
    const times = fleet.events.map((event) => event.time);
    expect(times).toEqual([...times].sort());
    expect(new Set(fleet.events.map((event) => event.id)).size).toBe(fleet.events.length);
  });

  it('number the events of every session from 0, in order', () => {
    for (const events of sessionsOf(fleet).values()) {
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index));
    }
  });

  it('are as many as a demo can take, from every kind of agent', () => {
    expect(fleet.events.length).toBeGreaterThan(18_000);
    expect(fleet.events.length).toBeLessThan(36_000);
    expect(new Set(fleet.events.map((event) => event.agent.kind))).toEqual(new Set(AGENT_KIND_NAMES));
    expect(fleet.agents).toHaveLength(25);
  });

  it('are the same for the same seed, byte for byte, and others for another', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => JSON.stringify(simulateFleet({ seed, ...SMALL_FLEET }).events));
    expect(one === same).toBe(true);
    expect(one === other).toBe(false);
  });

  it('name only reserved domains', () => {
    const domains = new Set(JSON.stringify(fleet.events).match(/(?<=@|https:\/\/)[a-z0-9.-]+\.[a-z]+/g));
    expect([...domains].filter((domain) => !/(^|\.)(example(\.(com|net|org))?|test)$/.test(domain))).toEqual([]);
    expect(domains.size).toBeGreaterThan(100);
  });

  it('say nothing about stories, detectors or parts', () => {
    const names = [
      ...Object.keys(STORIES),
      'exposure',
      'attack',
      'benign',
      'malicious',
      'inject',
      'exfiltrat',
      'suspicious',
    ];
    const text = JSON.stringify(fleet.events.map(({ id: _id, session: _session, ...rest }) => rest)).toLowerCase();
    expect(names.filter((name) => text.includes(name))).toEqual([]);
  });
});

describe('agents', () => {
  const quiet = { seed: 3, days: 8, storiesPerKind: 0, changes: false } as const;

  it('live their lives whoever else is there', () => {
    const few = simulateFleet({ ...quiet, agents: 5 });
    const more = simulateFleet({ ...quiet, agents: 6 });
    const known = new Set(few.agents.map((agent) => agent.id));
    expect(more.agents).toHaveLength(6);
    expect(more.events.filter((event) => known.has(event.agent.id))).toEqual(few.events);
  });

  it('on a schedule never vary: same amounts, same intervals', () => {
    const events = simulateFleet({ ...quiet, agents: 7 }).events.filter((event) => event.agent.kind === 'nightly-sync');
    const shapes = [...groupBy(events, (event) => event.session?.id ?? '').values()].map((session) =>
      JSON.stringify(session.map(({ data, usage, cost, duration_ms }) => ({ data, usage, cost, duration_ms }))),
    );
    expect(shapes.length).toBeGreaterThan(20);
    expect(new Set(shapes).size).toBe(1);
    const starts = events.filter((event) => event.seq === 0).map(timeOf);
    expect(new Set(starts.slice(1).map((start, index) => start - (starts[index] ?? 0))).size).toBe(1);
  });

  it('meet new destinations, fail, and are refused, without any attack', () => {
    const { events } = simulateFleet({ seed: 4, storiesPerKind: 0 });
    expect(events.filter((event) => event.outcome === 'failure').length).toBeGreaterThan(50);
    expect(events.filter((event) => event.outcome === 'denied').length).toBeGreaterThan(5);
    const late = new Date(Date.UTC(2026, 0, 12)).toISOString();
    const known = new Set(events.filter((event) => event.time < late).flatMap(destinationsOf));
    const fresh = events.filter(
      (event) => event.time >= late && destinationsOf(event).some((place) => !known.has(place)),
    );
    expect(fresh.length).toBeGreaterThan(100);
  });

  it('often send to places out of a tool result that no prompt named, and rightly', () => {
    const sessions = [...sessionsOf(simulateFleet({ seed: 5, storiesPerKind: 0 })).values()];
    const lookedUp = sessions.flatMap((events) => events.filter((event) => comesOutOfResult(event, events)));
    expect(lookedUp.length).toBeGreaterThan(300);
    expect(new Set(lookedUp.map((event) => event.agent.kind)).size).toBeGreaterThanOrEqual(4);
  });

  it('read amounts with a heavy tail', () => {
    const rows = fleet.events
      .filter((event) => event.agent.kind === 'analyst' && event.action.name === 'query')
      .map((event) => event.data?.rows ?? 0)
      .sort((one, other) => one - other);
    const at = (share: number) => rows[Math.floor(rows.length * share)] ?? 0;
    expect(at(0.99) / Math.max(1, at(0.5))).toBeGreaterThan(20);
  });
});

describe('stories', () => {
  it('happen twice each, on different agents, in the last four days', () => {
    const counts = Object.fromEntries(
      Object.keys(STORIES).map((name) => [name, fleet.stories.filter((story) => story.story === name).length]),
    );
    expect(counts).toEqual(Object.fromEntries(Object.keys(STORIES).map((name) => [name, 2])));
    expect(new Set(fleet.stories.map((story) => story.agent)).size).toBe(fleet.stories.length);
    expect(fleet.storiesFromMs).toBe(fleet.startMs + 10 * DAY_MS);
    for (const story of fleet.stories) expect(story.startMs).toBeGreaterThanOrEqual(fleet.storiesFromMs);
  });

  it('never come within a day of each other on one agent, even in a crowded fleet', () => {
    const { stories } = simulateFleet({ seed: 6, storiesPerKind: 5 });
    const pairs = stories.flatMap((one, index) => stories.slice(index + 1).map((other) => [one, other] as const));
    const together = pairs.filter(([one, other]) => one.agent === other.agent);
    expect(stories).toHaveLength(30);
    expect(together.length).toBeGreaterThan(0);
    const tooClose = together.filter(
      ([one, other]) => one.endMs + DAY_MS > other.startMs && other.endMs + DAY_MS > one.startMs,
    );
    expect(tooClose).toEqual([]);
  });

  it('have their events in the stream, on their agent, within their time and sessions', () => {
    const byId = new Map(fleet.events.map((event) => [event.id, event]));
    for (const story of fleet.stories) {
      const events = story.eventIds.map((id) => byId.get(id) as WireEvent);
      const times = events.map(timeOf);
      expect(new Set(events.map((event) => event.agent.id))).toEqual(new Set([story.agent]));
      expect([Math.min(...times), Math.max(...times)]).toEqual([story.startMs, story.endMs]);
      expect(new Set(events.map((event) => event.session?.id))).toEqual(
        new Set(story.spans.map((span) => span.session)),
      );
    }
  });

  it('have events of the same form as ordinary ones', () => {
    const planted = new Set(fleet.stories.flatMap((story) => story.eventIds));
    const isPlanted = (event: WireEvent) => planted.has(event.id ?? '');
    const ordinary = new Set(fleet.events.filter((event) => !isPlanted(event)).map(formOf));
    expect(fleet.events.filter((event) => isPlanted(event) && !ordinary.has(formOf(event)))).toEqual([]);
  });

  it('leave the rest of the world as it would have been, but for the sessions they happen in', () => {
    const peace = simulateFleet({ seed: 'fleet', storiesPerKind: 0 });
    const struck = new Set(fleet.stories.map((story) => story.agent));
    const others = (events: readonly WireEvent[]) => events.filter((event) => !struck.has(event.agent.id));
    expect(others(fleet.events)).toEqual(others(peace.events));
    expect(fleet.events.length).toBeGreaterThan(peace.events.length);
  });

  it('refuse a fleet that is too small for them', () => {
    expect(() => simulateFleet({ seed: 1, agents: 2, days: 8 })).toThrow(RangeError);
    expect(() => simulateFleet({ seed: 1, days: 3 })).toThrow(RangeError);
    expect(() => simulateFleet({ seed: 'x'.repeat(65) })).toThrow(RangeError);
  });
});

describe('stories over many seeds', () => {
  const told: { story: StoryInstance; fleet: SimulatedFleet }[] = [];
  beforeAll(() => {
    for (let seed = 0; seed < 20; seed += 1) {
      const small = simulateFleet({ seed, ...SMALL_FLEET });
      told.push(...small.stories.map((story) => ({ story, fleet: small })));
    }
  });
  const of = (name: string) => told.filter(({ story }) => story.story === name);

  it('are all there in every small fleet, which stays small and mixed', () => {
    expect(told).toHaveLength(20 * Object.keys(STORIES).length);
    for (const small of new Set(told.map((entry) => entry.fleet))) {
      expect(small.events.length).toBeGreaterThan(2_000);
      expect(small.events.length).toBeLessThan(7_000);
      expect(new Set(small.agents.map((agent) => agent.kind)).size).toBeGreaterThanOrEqual(6);
    }
  });

  it.each([
    ['novel-endpoint', 1, 1, 5, 20],
    ['volume-spike', 0.5, 6, 12, 60],
    ['mass-read', 0.05, 0.25, 0.5, 1],
    ['sensitive-send', 1, 15, 90, 600],
    ['slow-drip', 1, 4, 8, 30],
    ['tool-result-destination', 20, 300, 1_000, 30_000],
  ])('%s reaches from hardly visible to plain', (name, least, small, large, most) => {
    const amounts = of(name).map(({ story }) => story.magnitude.amount);
    expect(Math.min(...amounts)).toBeGreaterThanOrEqual(least);
    expect(Math.min(...amounts)).toBeLessThanOrEqual(small);
    expect(Math.max(...amounts)).toBeGreaterThanOrEqual(large);
    expect(Math.max(...amounts)).toBeLessThanOrEqual(most);
  });

  it('tool-result-destination: the place is in an earlier result of the session, in no prompt, and data goes there', () => {
    for (const { story, fleet: home } of of('tool-result-destination')) {
      const session = home.events.filter((event) => event.session?.id === story.spans[0]?.session);
      const exposure = session.find((event) => event.id === story.exposureIds[0]) as WireEvent;
      const sent = session.filter((event) => story.eventIds.includes(event.id ?? '') && event.action.type === 'send');
      const place = sent[0]?.destinations?.[0]?.value ?? 'nowhere';
      expect(exposure.content?.result).toContain(place);
      expect(
        sent.every((event) => (event.seq ?? 0) > (exposure.seq ?? 0) && destinationsOf(event).includes(place)),
      ).toBe(true);
      const before = session.filter((event) => (event.seq ?? 0) < (exposure.seq ?? 0));
      expect(JSON.stringify(before)).not.toContain(place);
      expect(session.some((event) => event.content?.prompt?.includes(place))).toBe(false);
    }
  });

  it('tool-result-destination: the place is sometimes known to the agent, and no two texts read the same', () => {
    const cases = of('tool-result-destination');
    const texts = cases.map(({ story, fleet: home }) => plantedLine(story, home));
    const known = cases.filter(({ story }) => story.magnitude.words.includes('disguise: colleague'));
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThan(cases.length / 2);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('sensitive-send and slow-drip: the destination is new to the agent', () => {
    for (const { story, fleet: home } of [...of('sensitive-send'), ...of('slow-drip')]) {
      const own = home.events.filter((event) => event.agent.id === story.agent);
      const places = new Set(own.filter((event) => story.eventIds.includes(event.id ?? '')).flatMap(destinationsOf));
      expect(places.size).toBe(1);
      const before = own.filter((event) => timeOf(event) < story.startMs).flatMap(destinationsOf);
      expect(before.some((place) => places.has(place))).toBe(false);
    }
  });

  it('slow-drip: several sessions over more than a day', () => {
    for (const { story } of of('slow-drip')) {
      expect(story.spans.length).toBeGreaterThanOrEqual(4);
      expect(story.endMs - story.startMs).toBeGreaterThanOrEqual(DAY_MS);
    }
  });

  it('novel-endpoint: the endpoints were never used by the agent before', () => {
    for (const { story, fleet: home } of of('novel-endpoint')) {
      const own = home.events.filter((event) => event.agent.id === story.agent);
      const acts = own.filter((event) => story.eventIds.includes(event.id ?? '') && event.action.type !== 'model_call');
      const before = new Set(own.filter((event) => timeOf(event) < story.startMs).map((event) => event.endpoint));
      expect(acts.length).toBeGreaterThan(0);
      expect(acts.filter((event) => before.has(event.endpoint))).toEqual([]);
    }
  });

  it('mass-read: the rows add up to the share of the table', () => {
    for (const { story, fleet: home } of of('mass-read')) {
      const read = home.events.filter(
        (event) => story.eventIds.includes(event.id ?? '') && event.action.type === 'data_read',
      );
      const rows = read.reduce((sum, event) => sum + (event.data?.rows ?? 0), 0);
      const resource = read[0]?.resources?.[0];
      expect(resource?.classification).toBe('restricted');
      expect(rows / (resource?.rows_total ?? 1)).toBeCloseTo(story.magnitude.amount, 1);
    }
  });

  it('some happen within an ordinary session, some in one of their own', () => {
    const alone = told.filter(({ story, fleet: home }) => {
      const peace = new Set(
        simulateOnce(home)
          .events.filter((event) => event.agent.id === story.agent && event.seq === 0)
          .map(timeOf),
      );
      const first = home.events.find(
        (event) => event.session?.id === story.spans[0]?.session && event.seq === 0,
      ) as WireEvent;
      return !peace.has(timeOf(first));
    });
    expect(alone.length).toBeGreaterThan(20);
    expect(told.length - alone.length).toBeGreaterThan(40);
  });

  const peaceful = new Map<SimulatedFleet, SimulatedFleet>();
  /** The same fleet without stories. */
  function simulateOnce(home: SimulatedFleet): SimulatedFleet {
    const seed = home.events[0]?.id?.split('-')[1] ?? '';
    const known = peaceful.get(home) ?? simulateFleet({ seed, ...SMALL_FLEET, storiesPerKind: 0 });
    peaceful.set(home, known);
    return known;
  }
});

describe('changes', () => {
  it('all happen in a default fleet', () => {
    expect(new Set(fleet.changes.map((change) => change.change))).toEqual(new Set(Object.keys(CHANGES)));
  });

  it('tool rollout: new version, hash and tool, for every agent of the kind', () => {
    const rollout = fleet.changes.find((change) => change.change === 'tool-rollout');
    for (const id of rollout?.agents ?? []) {
      const own = fleet.events.filter((event) => event.agent.id === id);
      const releases = groupBy(own, (event) => `${event.agent.version} ${event.agent.tools_hash}`);
      expect(releases.size).toBe(2);
      const [before, after] = [...releases.values()].map((events) => new Set(events.map((event) => event.endpoint)));
      expect(before?.size).toBeGreaterThan(1);
      expect(after?.size).toBeGreaterThan(1);
    }
    expect(rollout?.agents.length).toBeGreaterThan(1);
  });

  it('new agent: silent before its first day, busy after it', () => {
    const change = fleet.changes.find((one) => one.change === 'new-agent');
    const own = fleet.events.filter((event) => event.agent.id === change?.agents[0]);
    expect(own.length).toBeGreaterThan(20);
    expect(own.every((event) => timeOf(event) >= (change?.startMs ?? 0))).toBe(true);
    expect(change?.startMs).toBe(fleet.startMs + 10 * DAY_MS);
  });

  it('month end and Mondays: the agents concerned do far more', () => {
    const calm = simulateFleet({ seed: 'fleet', changes: false });
    const end = fleet.changes.find((change) => change.change === 'month-end');
    const rowsDuring = (one: SimulatedFleet) =>
      sum(
        one.events
          .filter((event) => end?.agents.includes(event.agent.id) && isDuring(event, end))
          .map((event) => event.data?.rows ?? 0),
      );
    expect(rowsDuring(fleet) / rowsDuring(calm)).toBeGreaterThan(2.5);
    const monday = fleet.changes.find((change) => change.change === 'busy-monday');
    const eventsDuring = (one: SimulatedFleet) =>
      one.events.filter((event) => monday !== undefined && isDuring(event, monday)).length;
    expect(eventsDuring(fleet) / eventsDuring(calm)).toBeGreaterThan(1.25);
  });

  it('reorganisation: addresses that no event held before turn up at several agents', () => {
    const change = fleet.changes.find((one) => one.change === 'reorganisation');
    const address = change?.words.match(/\S+@example\.com/)?.[0] ?? 'nobody';
    const sentTo = fleet.events.filter((event) => destinationsOf(event).includes(address));
    expect(new Set(sentTo.map((event) => event.agent.id)).size).toBeGreaterThan(1);
  });
});

function sessionsOf(one: SimulatedFleet): Map<string, WireEvent[]> {
  return groupBy(one.events, (event) => event.session?.id ?? '');
}

function groupBy(events: readonly WireEvent[], key: (event: WireEvent) => string): Map<string, WireEvent[]> {
  const groups = new Map<string, WireEvent[]>();
  for (const event of events) groups.set(key(event), [...(groups.get(key(event)) ?? []), event]);
  return groups;
}

function destinationsOf(event: WireEvent): string[] {
  return (event.destinations ?? []).map((destination) => destination.value);
}

function comesOutOfResult(event: WireEvent, session: readonly WireEvent[]): boolean {
  const earlier = session.filter((other) => (other.seq ?? 0) < (event.seq ?? 0));
  return destinationsOf(event).some(
    (place) =>
      earlier.some((other) => other.content?.result?.includes(place)) &&
      !earlier.some((other) => other.content?.prompt?.includes(place)),
  );
}

function timeOf(event: WireEvent): number {
  return Date.parse(String(event.time));
}

/** Which fields there are, in their order. */
function formOf(event: WireEvent): string {
  const paths = (value: unknown, path: string): string[] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${path}.${key}`))
      : [path];
  return paths(event, '').join(' ');
}

/** The line of the poisoned result that names the place, without the place. */
function plantedLine(story: StoryInstance, home: SimulatedFleet): string {
  const planted = home.events.filter((event) => story.eventIds.includes(event.id ?? ''));
  const place = planted.flatMap(destinationsOf)[0] ?? 'nowhere';
  const exposure = planted.find((event) => event.id === story.exposureIds[0]);
  const lines = exposure?.content?.result?.split('\n') ?? [];
  return (lines.find((line) => line.includes(place)) ?? '').replace(place, '');
}

function isDuring(event: WireEvent, span: { startMs: number; endMs: number }): boolean {
  return timeOf(event) >= span.startMs && timeOf(event) < span.endMs;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
