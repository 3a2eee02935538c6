/**
 * Goal: the second corpus holds what it claims: every attack at every pace and age, more honest changes than the fleets, and labels that
 * say of each session what is in it. Method: one thin corpus with all attacks, all facts recounted from its events.
 */
import { Compile } from 'typebox/compile';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Label } from '../../cli/evaluate/label.ts';
import { readLabel } from '../../cli/evaluate/label-file.ts';
import { CAMPAIGNS, type CampaignName } from '../../cli/simulate/campaigns/index.ts';
import { CORPUS_PACES, scheduleOf } from '../../cli/simulate/campaigns/pace.ts';
import {
  CORPUS_AGES,
  CORPUS_CHANGES,
  type Corpus,
  type CorpusAttack,
  simulateCorpus,
} from '../../cli/simulate/corpus.ts';
import { corpusLabels } from '../../cli/simulate/corpus-labels.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import { EventSchema, type WireEvent } from '../../ingest/event.ts';

const DAY_MS = 86_400_000;
const validator = Compile(EventSchema);
const THIN = { seed: 'corpus', density: 0.12 } as const;

let corpus: Corpus;
let byId: Map<string, WireEvent>;
let labels: Map<string, Label>;
beforeAll(() => {
  corpus = simulateCorpus(THIN);
  byId = new Map(corpus.events.map((event) => [event.id ?? '', event]));
  const read = corpusLabels(corpus).map((line) => readLabel(Buffer.from(JSON.stringify(line))));
  labels = new Map(read.flatMap((reading) => (reading.ok ? [[reading.label.session, reading.label] as const] : [])));
});

const timeOf = (event: WireEvent): number => Date.parse(String(event.time));
const actsOf = (attack: CorpusAttack): WireEvent[] =>
  attack.sessions.flatMap(({ coreIds }) => coreIds.map((id) => byId.get(id) as WireEvent));
const attacksOf = (story: CampaignName): CorpusAttack[] => corpus.attacks.filter((one) => one.story === story);
const placesOf = (event: WireEvent): string[] => (event.destinations ?? []).map(({ value }) => value);

describe('a corpus', () => {
  it('has every attack at every pace and age, and at least twelve of them', () => {
    const cells = new Set(corpus.attacks.map(({ story, pace, ageDays }) => `${story} ${pace} ${ageDays}`));
    const stories = Object.keys(CAMPAIGNS);
    expect(stories.length).toBeGreaterThanOrEqual(12);
    expect([...CORPUS_PACES]).toEqual(['burst', 'ramp', 'low-and-slow']);
    expect([...CORPUS_AGES]).toEqual([1, 7, 30]);
    expect(cells).toEqual(
      new Set(
        stories.flatMap((story) => CORPUS_PACES.flatMap((pace) => CORPUS_AGES.map((age) => `${story} ${pace} ${age}`))),
      ),
    );
  });

  it('has every honest change, at least eight, and agents that nobody attacks', () => {
    expect(Object.keys(CORPUS_CHANGES).length).toBeGreaterThanOrEqual(8);
    expect(new Set(corpus.changes.map(({ change }) => change))).toEqual(new Set(Object.keys(CORPUS_CHANGES)));
    expect(corpus.agents.filter(({ role }) => role === undefined).length).toBeGreaterThan(20);
  });

  it('has valid events in order of time, with ids of their own, numbered within their sessions', () => {
    expect(corpus.events.filter((event) => !validator.Check(event))).toEqual([]);
    const times = corpus.events.map((event) => event.time);
    expect(times).toEqual([...times].sort());
    expect(byId.size).toBe(corpus.events.length);
    const next = new Map<string, number>();
    for (const { session, seq } of corpus.events) {
      const name = session?.id ?? '';
      expect(seq).toBe(next.get(name) ?? 0);
      next.set(name, (seq ?? 0) + 1);
    }
  });

  it('says nothing of attacks in its events, and names only reserved domains', () => {
    const text = JSON.stringify(corpus.events.map(({ id: _id, session: _session, ...rest }) => rest)).toLowerCase();
    const names = [...Object.keys(CAMPAIGNS), 'attack', 'benign', 'malicious', 'exposure', 'exfiltrat', 'poison'];
    expect(names.filter((name) => text.includes(name))).toEqual([]);
    const domains = new Set(text.match(/(?<=@|https:\/\/)[a-z0-9.-]+\.[a-z]+/g));
    expect([...domains].filter((domain) => !/(^|\.)(example(\.(com|net|org))?|test)$/.test(domain))).toEqual([]);
  });

  it('is the same for the same seed, byte for byte, and another for another', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => JSON.stringify(simulateCorpus({ seed, agents: 6 })));
    expect(one === same).toBe(true);
    expect(one === other).toBe(false);
  });

  it('grows beyond one of each, and refuses what makes no corpus', () => {
    const { attacks } = simulateCorpus({ seed: 1, agents: 180, density: 0.02 });
    expect(attacks).toHaveLength(135);
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(135);
    expect(() => simulateCorpus({ seed: 1, agents: 3 })).toThrow(RangeError);
    expect(() => simulateCorpus({ seed: 1, agents: 1_001 })).toThrow(RangeError);
    expect(() => simulateCorpus({ seed: 'x'.repeat(65) })).toThrow(RangeError);
  });
});

describe('attacks of a corpus', () => {
  it('begin when their agent has the age they are labelled with', () => {
    const starts = new Map(corpus.agents.map(({ id, startMs }) => [id, startMs]));
    for (const attack of corpus.attacks) {
      const [first] = actsOf(attack).map(timeOf).sort();
      const days = ((first ?? 0) - (starts.get(attack.agent) ?? 0)) / DAY_MS;
      expect(Math.floor(days)).toBe(attack.ageDays);
    }
  });

  it('in a burst take one session, as a ramp five that grow, low and slow many over days', () => {
    for (const attack of corpus.attacks) {
      const times = actsOf(attack).map(timeOf);
      const spanDays = (Math.max(...times) - Math.min(...times)) / DAY_MS;
      const acts = attack.sessions.map(({ coreIds }) => coreIds.length);
      expect(Math.min(...acts)).toBeGreaterThan(0);
      if (attack.pace === 'burst') expect(acts).toHaveLength(1);
      if (attack.pace === 'ramp') {
        expect(acts).toHaveLength(5);
        expect(acts[4]).toBeGreaterThanOrEqual(acts[0] ?? 0);
        expect(spanDays).toBeGreaterThan(0.75);
      }
      if (attack.pace === 'low-and-slow') {
        expect(acts.length).toBeGreaterThanOrEqual(6);
        expect(spanDays).toBeGreaterThan(2.5);
      }
    }
  });

  it('never do more at once low and slow than the smallest dose of a ramp', () => {
    for (let seed = 0; seed < 30; seed += 1) {
      const low = scheduleOf('low-and-slow', createRandom(seed));
      const ramp = scheduleOf('ramp', createRandom(seed));
      expect(low.map(({ afterMs }) => afterMs)).toEqual(low.map(({ afterMs }) => afterMs).sort((a, b) => a - b));
      expect(Math.max(...low.map(({ size }) => size))).toBeLessThanOrEqual(Math.min(...ramp.map(({ size }) => size)));
      expect(low.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(1);
    }
  });

  const named =
    (...names: string[]) =>
    (events: readonly WireEvent[]) =>
      events.every(({ action }) => names.includes(action.name));
  const onePlace = (events: readonly WireEvent[]) => new Set(events.flatMap(placesOf)).size === 1;
  it.each<[CampaignName, (acts: readonly WireEvent[]) => boolean]>([
    ['runaway-loop', (acts) => new Set(acts.map(({ action }) => action.name)).size === 1],
    ['table-harvest', (acts) => acts.every(({ action }) => action.type === 'data_read')],
    ['restricted-send', (acts) => acts.some(({ action }) => action.type === 'data_read') && onePlace(acts)],
    ['planted-destination', onePlace],
    ['mass-deletion', (acts) => named('delete')(acts) && acts.every(({ data }) => (data?.rows ?? 0) > 0)],
    ['access-change', named('grant_role', 'reset_password')],
    ['forwarding-rule', named('create_rule')],
    ['credential-use', named('read', 'call')],
    ['strange-delegate', (acts) => acts.some(({ action }) => action.type === 'delegate') && onePlace(acts)],
    ['denied-probing', (acts) => acts.filter(({ outcome }) => outcome === 'denied').length > acts.length / 3],
    ['staged-file', (acts) => acts.filter(({ destinations }) => destinations !== undefined).length === 1],
    ['trusted-phishing', (acts) => acts.every(({ content }) => content?.arguments?.includes('https://') === true)],
    ['memory-poisoning', (acts) => acts.some(({ action }) => action.name === 'save') && onePlace(acts)],
  ])('%s does what it says, at every pace and age', (story, holds) => {
    const told = attacksOf(story).map((attack) => ({
      id: attack.id,
      // A call that failed by chance comes before its repetition.
      holds: holds(actsOf(attack).filter(({ outcome }) => outcome !== 'failure')),
    }));
    expect(told.filter((one) => !one.holds)).toEqual([]);
  });

  it('that begin with a text of an outsider have it in a result of the first session, before the first act', () => {
    const lured = corpus.attacks.flatMap(({ sessions }) =>
      sessions.filter(({ exposureId }) => exposureId !== undefined),
    );
    expect(lured.length).toBeGreaterThan(15);
    for (const { exposureId = '', coreIds } of lured)
      expect(byId.get(exposureId)?.seq).toBeLessThan(byId.get(coreIds[0] ?? '')?.seq ?? 0);
  });
});

describe('honest changes of a corpus', () => {
  const change = (name: string) => corpus.changes.find((one) => one.change === name) as Corpus['changes'][number];
  const during = (name: string, rest = false) => {
    const { agents, startMs, endMs } = change(name);
    return corpus.events.filter((event) => {
      if (!agents.includes(event.agent.id)) return false;
      return rest ? timeOf(event) < startMs : timeOf(event) >= startMs && timeOf(event) < endMs;
    });
  };

  it('model-upgrade: another model and version, the same tools', () => {
    const models = (events: readonly WireEvent[]) => new Set(events.flatMap(({ model }) => model?.name ?? []));
    const before = models(during('model-upgrade', true));
    expect([...models(during('model-upgrade'))].some((name) => !before.has(name))).toBe(true);
  });

  it('site-move: services that none of the agents had used before', () => {
    const before = new Set(during('site-move', true).map(({ endpoint }) => endpoint));
    const started = during('site-move').filter(({ seq }) => seq === 0);
    expect(started.length).toBeGreaterThan(0);
    expect(started.some(({ endpoint }) => !before.has(endpoint))).toBe(true);
  });

  it('outage: far more failures than before', () => {
    const share = (events: readonly WireEvent[]) =>
      events.filter(({ outcome }) => outcome === 'failure').length / Math.max(1, events.length);
    expect(share(during('outage'))).toBeGreaterThan(2 * share(during('outage', true)));
  });

  it('new-customer: addresses of one domain that nobody had met', () => {
    const domain = change('new-customer').words.split(' at ')[1] ?? 'none';
    expect(JSON.stringify(during('new-customer', true))).not.toContain(`@${domain}`);
    expect(JSON.stringify(during('new-customer'))).toContain(`@${domain}`);
  });

  it('holiday: hardly a session, then many on the day after', () => {
    const { startMs } = change('holiday');
    const busy = during('holiday').filter(({ seq }) => seq === 0);
    const quiet = busy.filter((event) => timeOf(event) < startMs + 2 * DAY_MS);
    expect(busy.length - quiet.length).toBeGreaterThan(quiet.length / 2);
  });
});

describe('labels of a corpus', () => {
  it('are accepted, one for each session', () => {
    const lines = corpusLabels(corpus);
    const readings = lines.map((line) => readLabel(Buffer.from(JSON.stringify(line))));
    expect(readings.filter(({ ok }) => !ok)).toEqual([]);
    expect(new Set(lines.map(({ session_id }) => session_id))).toEqual(
      new Set(corpus.events.map(({ session }) => session?.id)),
    );
    expect(labels.size).toBe(lines.length);
  });

  it('name story, pace, age and acts of every attacked session, and nothing of others', () => {
    const attacked = [...labels.values()].filter(({ kind }) => kind === 'attacked');
    const expected = corpus.attacks.flatMap((attack) => attack.sessions.map((session) => ({ attack, session })));
    expect(attacked).toHaveLength(expected.length);
    for (const { attack, session } of expected) {
      expect(labels.get(session.session)).toMatchObject({
        phase: 'test',
        succeeded: true,
        visible: true,
        category: attack.story,
        story: attack.id,
        pace: attack.pace,
        ageDays: attack.ageDays,
        core: new Set(session.coreIds),
      });
      for (const id of session.coreIds) expect(byId.get(id)?.session?.id).toBe(session.session);
    }
  });

  it('call history what begins before the week that is judged, and name changes under way', () => {
    const starts = new Map(
      corpus.events.filter(({ seq }) => seq === 0).map((event) => [event.session?.id ?? '', timeOf(event)]),
    );
    for (const label of labels.values())
      expect(label.phase).toBe((starts.get(label.session) ?? 0) < corpus.judgedFromMs ? 'history' : 'test');
    const named = new Set([...labels.values()].flatMap(({ changes }) => changes));
    expect(named.size).toBeGreaterThanOrEqual(8);
  });
});
