import type { Random } from '../random.ts';
import { HOUR_MS } from '../rhythm.ts';
import type { SessionDraft } from '../session-writer.ts';
import { chooseMoment, chooseVenue, interleave, plantedEvents, staged } from './stage.ts';
import type { Plot, Scene, Story } from './story.ts';

const FACTOR_MIN = 2;
const FACTOR_MAX = 40;
/** A loop is stopped here: more would only make the run longer. */
const EVENTS_MAX = 600;

/** A runaway loop. Either many calls, or few calls with an enormous context, which cost as much. */
export const volumeSpike: Story = {
  summary: 'A runaway loop: far more calls, or tokens and cost, than in any ordinary hour',
  pace: 'minutes',
  suits: () => true,
  plot: (scene, random) => {
    const factor = Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, random.lognormal(7, 0.8)));
    return random.chance(0.65) ? manyCalls(scene, factor, random) : hugeContext(scene, factor, random);
  },
};

function manyCalls(scene: Scene, factor: number, random: Random): Plot {
  const perHour = meanPerActiveHour(scene.sessions, (session) => session.events.length);
  const rounds = Math.ceil(Math.min(EVENTS_MAX, Math.max(6, factor * perHour)) / 2);
  const plot = loop(scene, rounds, random);
  const planted = [...plot.changed.values(), ...plot.added].flatMap(plantedEvents).length;
  const actual = planted / perHour;
  const words = `${planted} events, ${actual.toFixed(1)} times an ordinary hour`;
  return { ...plot, magnitude: { amount: actual, unit: 'times an ordinary hour', words } };
}

function hugeContext(scene: Scene, factor: number, random: Random): Plot {
  const perHour = meanPerActiveHour(scene.sessions, inputTokens);
  const rounds = random.int(3, 12);
  const contextChars = Math.round((factor * perHour * 4) / rounds);
  const plot = loop(scene, rounds, random, contextChars);
  const spent = [...plot.changed.values(), ...plot.added].reduce((sum, session) => sum + plantedTokens(session), 0);
  const words = `${spent} input tokens in ${rounds} calls, ${(spent / perHour).toFixed(1)} times an ordinary hour`;
  return { ...plot, magnitude: { amount: spent / perHour, unit: 'times an ordinary hour', words } };
}

function loop(scene: Scene, rounds: number, random: Random, contextChars?: number): Pick<Plot, 'changed' | 'added'> {
  const venue = chooseVenue(scene, random);
  const acts = random.fork('acts');
  const options = {
    after: chooseMoment(venue.session, random),
    random: acts,
    ...(contextChars !== undefined && { contextChars }),
  };
  const outcome = interleave(scene, venue.session, options, (session, desk) => {
    // Stuck: the same request most of the time.
    let act = scene.stream.kind.abilities.loop(desk, session.random);
    for (let left = rounds; left > 0; left -= 1) {
      if (session.random.chance(0.15)) act = scene.stream.kind.abilities.loop(desk, session.random);
      session.act(act);
    }
  });
  return staged(venue, outcome);
}

function meanPerActiveHour(sessions: readonly SessionDraft[], measure: (session: SessionDraft) => number): number {
  const hours = new Set(sessions.map((session) => Math.floor(session.startMs / HOUR_MS)));
  return sessions.reduce((sum, session) => sum + measure(session), 0) / Math.max(1, hours.size);
}

function inputTokens(session: SessionDraft): number {
  return session.events.reduce((sum, event) => sum + (event.body.usage?.input_tokens ?? 0), 0);
}

function plantedTokens(session: SessionDraft): number {
  return inputTokens({ ...session, events: plantedEvents(session) });
}
