/**
 * Goal: the corpus of invented workplaces can be relied on: one seed is one corpus, every event is one that the product takes, labels
 * say what is in the events, and nothing of the generator's own shows.
 */
import { describe, expect, it } from 'vitest';
import type { WireEvent } from '../../ingest/event.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { type Corpus, type CorpusSize, type Label, makeAgents, makeCorpus } from '../workplaces/corpus.ts';
import { LATEST_WORKPLACES, NAMED_WORKPLACES, WORKPLACES } from '../workplaces/registry.ts';
import { type AgentOf, runSession } from '../workplaces/session.ts';

/** At least so many tasks, at most so many tools. */
const PROMISE = { tasks: 30, tools: 25 };
const LATEST_PROMISE = { tasks: 14, tools: 30 };

const SMALL: CorpusSize = {
  agents: 2,
  history: 20,
  benign: 8,
  attacked: 14,
  ignored: 4,
  blocked: 2,
  direct: 2,
  streamed: 2,
};
const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });

describe.each([...WORKPLACES, ...NAMED_WORKPLACES, ...LATEST_WORKPLACES].map((place) => [place.name, place] as const))(
  '%s',
  (_, place) => {
    const corpus = makeCorpus([place], '7', SMALL);
    const agent = makeAgents(place, '7', 1)[0] as AgentOf;
    const events = [...corpus.stream, ...corpus.episodes];

    it('is the same for the same seed', () => {
      expect(JSON.stringify(makeCorpus([place], '7', SMALL))).toBe(JSON.stringify(corpus));
    });

    it('makes only events that the product takes', () => {
      const refused = events.flatMap((event) => {
        const normalised = normalise(event as unknown as Record<string, unknown>, {
          receivedMs: Date.UTC(2026, 2, 1),
          fallbackId: 'none',
        });
        return normalised.ok ? [] : [normalised.rejection];
      });
      expect(refused).toEqual([]);
    });

    it('labels every session once, and only what is there', () => {
      const sessions = new Set(events.map(({ session }) => session?.id));
      expect(new Set(corpus.labels.map(({ session_id }) => session_id))).toEqual(sessions);
      expect(corpus.labels).toHaveLength(sessions.size);
      expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    });

    it('names events of the session itself, in the order of cause and effect', () =>
      expect(faults(corpus)).toEqual([]));

    it('keeps each phase in its window, attacks at the same hours as the rest', () => {
      const starts = (kinds: readonly string[], phases: readonly string[]) =>
        corpus.labels
          .filter(({ kind, phase }) => kinds.includes(kind) && phases.includes(phase))
          .map((label) => startOf(label, events));
      const history = starts(['benign'], ['history']);
      const later = starts(['benign', 'attacked', 'direct_request'], ['test', 'episode']);
      expect(history.every((at) => at >= HISTORY_MS && at < TEST_MS)).toBe(true);
      expect(later.every((at) => at >= TEST_MS && at < TEST_MS + 10 * 86_400_000)).toBe(true);
      const attackedHours = new Set(starts(['attacked'], ['test', 'episode']).map((at) => new Date(at).getUTCHours()));
      expect(attackedHours.size).toBeGreaterThan(4);
    });

    it('leaves no mark of the generator in any text', () => {
      const marked = events.filter((event) => /[\uE000-\uF8FF]|undefined|\[object |NaN/.test(JSON.stringify(event)));
      expect(marked.map(({ content }) => content)).toEqual([]);
    });

    it('has the tasks and attacks that it promises', () => {
      const { tasks, tools: toolsMax } = LATEST_WORKPLACES.includes(place) ? LATEST_PROMISE : PROMISE;
      expect(place.taskIds.length).toBeGreaterThanOrEqual(tasks);
      expect(new Set(place.taskIds).size).toBe(place.taskIds.length);
      expect(place.goalIds.length).toBeGreaterThanOrEqual(10);
      const tools = Object.keys(place.tools).length;
      expect(tools).toBeGreaterThanOrEqual(12);
      expect(tools).toBeLessThanOrEqual(toolsMax);
    });

    it('performs every task', () => {
      const calls = place.taskIds.map((taskId) =>
        toolCalls(runSession({ agent, seed: `task/${taskId}`, startMs, taskId })),
      );
      expect(place.taskIds.filter((_, index) => calls[index] === 0)).toEqual([]);
    });

    it('shows every attack as acts', () => {
      const runs = place.goalIds.map(({ id: goalId }) =>
        runSession({ agent, seed: `goal/${goalId}`, startMs, attack: { goalId, reaction: 'obeys' } }),
      );
      expect(place.goalIds.filter((_, index) => runs[index]?.coreIds.length === 0)).toEqual([]);
    });
  },
);

const HISTORY_MS = Date.UTC(2026, 0, 5);
const TEST_MS = Date.UTC(2026, 1, 4);
const startOf = (label: Label, events: readonly WireEvent[]) =>
  Date.parse(String(events.find(({ session }) => session?.id === label.session_id)?.time));

const startMs = Date.UTC(2026, 1, 5, 10);

const toolCalls = (run: ReturnType<typeof runSession>) =>
  run?.events.filter(({ action }) => action.type !== 'model_call').length ?? 0;

/** Every way in which a label may disagree with its events. */
function faults({ stream, episodes, labels }: Corpus): string[] {
  const sessions = new Map<string, WireEvent[]>();
  for (const event of [...stream, ...episodes]) {
    const id = event.session?.id ?? '';
    sessions.set(id, [...(sessions.get(id) ?? []), event]);
  }
  return labels.flatMap((label) =>
    faultsOf(label, sessions.get(label.session_id) ?? []).map((fault) => `${label.session_id} ${fault}`),
  );
}

function faultsOf(label: Label, events: readonly WireEvent[]): string[] {
  const at = (id: string) => events.findIndex((event) => event.id === id);
  const acts = label.core_event_ids.map(at);
  const exposure = label.exposure_event_id === null ? -1 : at(label.exposure_event_id);
  const found: string[] = [];
  if ([...acts, ...label.support_event_ids.map(at)].includes(-1)) found.push('names an event that is not there');
  if (label.kind === 'benign' && acts.length + (exposure + 1) > 0) found.push('is benign and has an attack');
  if (label.kind === 'attacked' && exposure < 0) found.push('was never exposed');
  if (label.kind === 'attacked' && acts.some((act) => act <= exposure)) found.push('acts before it was told');
  if (
    label.attack_succeeded !==
    (label.kind === 'attacked' && acts.length > 0 && acts.some((act) => events[act]?.outcome === 'success'))
  )
    found.push('has another outcome than it says');
  return found;
}
