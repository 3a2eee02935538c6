/** A simulated fleet as labelled sessions, as `picket evaluate` reads them. */
import type { SimulatedFleet } from '../../cli/simulate/fleet.ts';

/** Planted sessions are succeeded attacks; the rest is benign, and history where it begins before the first story may. */
export function storyLabels({ events, stories, storiesFromMs }: SimulatedFleet): Record<string, unknown>[] {
  const sessions = new Map<string, { startMs: number; ids: string[] }>();
  for (const { id = '', time, session } of events) {
    const name = session?.id ?? '';
    const one = sessions.get(name) ?? { startMs: new Date(time).getTime(), ids: [] };
    one.ids.push(id);
    sessions.set(name, one);
  }
  return [...sessions].map(([session_id, { startMs, ids }]) => {
    const story = stories.find(({ spans }) => spans.some(({ session }) => session === session_id));
    const phase = startMs < storiesFromMs ? 'history' : 'test';
    if (story === undefined) return { session_id, phase, kind: 'benign', user_task_fresh: false };
    const planted = ids.filter((id) => story.eventIds.includes(id));
    return {
      session_id,
      phase,
      kind: 'attacked',
      attack_succeeded: true,
      category: story.story,
      exposure_event_id: story.exposureIds.find((id) => planted.includes(id)) ?? null,
      core_event_ids: planted.filter((id) => !story.exposureIds.includes(id)),
    };
  });
}
