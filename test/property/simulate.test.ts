/** Goal: whatever the seed and size, the fleet is valid, ordered and told in full, and no two injected texts are alike. */
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { expect, it } from 'vitest';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import { plantedText } from '../../cli/simulate/stories/planted-text.ts';
import { EventSchema } from '../../ingest/event.ts';

const validator = Compile(EventSchema);
const DAY_MS = 86_400_000;

it('every fleet is valid, in order, and complete', () => {
  const options = fc.record({
    seed: fc.oneof(fc.integer(), fc.string({ maxLength: 64 })),
    agents: fc.integer({ min: 12, max: 20 }),
    days: fc.integer({ min: 8, max: 10 }),
    // Any weekday, and any hour: a demo ends now, not at midnight.
    startMs: fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) }),
    density: fc.double({ min: 0.7, max: 1.2, noNaN: true }),
  });
  fc.assert(
    fc.property(options, (chosen) => {
      const fleet = simulateFleet({ ...chosen, storiesPerKind: 1 });
      expect(fleet.events.filter((event) => !validator.Check(event))).toEqual([]);
      const times = fleet.events.map((event) => event.time);
      expect(times).toEqual([...times].sort());
      const ids = new Set(fleet.events.map((event) => event.id));
      expect(ids.size).toBe(fleet.events.length);
      expect(fleet.stories.flatMap((story) => story.eventIds).filter((id) => !ids.has(id))).toEqual([]);
      expect(fleet.endMs - fleet.startMs).toBe(chosen.days * DAY_MS);
    }),
    { numRuns: 12 },
  );
});

it('planted texts hold the place word for word and hardly ever repeat', () => {
  const texts = new Set<string>();
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const text = plantedText('someone@example.net', createRandom(seed));
      expect(text).toContain('someone@example.net');
      expect(text.length).toBeLessThan(300);
      texts.add(text);
    }),
    { numRuns: 200 },
  );
  expect(texts.size).toBeGreaterThan(150);
});
