/** Goal: one incident is told once, unless it becomes far worse, and the next one is told again. */
import { describe, expect, it } from 'vitest';
import { INCIDENT_DEFAULTS, noIncident, type Told, tell } from '../../support/level-series/open-incident.ts';

const HOUR_MS = 3_600_000;
const SETTINGS = { alarmP: 0.01, lastsMs: 12 * HOUR_MS, worseBy: 10 };

interface Case {
  readonly name: string;
  /** Hour, p, and what becomes of it. */
  readonly steps: readonly (readonly [number, number, Told])[];
}

const CASES: readonly Case[] = [
  {
    name: 'nothing odd',
    steps: [
      [0, 1, 'usual'],
      [1, 0.0101, 'usual'],
    ],
  },
  {
    name: 'a run of odd values is one incident',
    steps: [
      [0, 0.01, 'news'],
      [1, 0.009, 'told'],
      [2, 0.5, 'usual'],
      [11.9, 0.01, 'told'],
    ],
  },
  {
    name: 'the same trouble half a day later is news again',
    steps: [
      [0, 0.01, 'news'],
      [12, 0.01, 'news'],
      [13, 0.01, 'told'],
    ],
  },
  {
    name: 'an incident does not last because it is told again and again',
    steps: [
      [0, 0.01, 'news'],
      [11, 0.01, 'told'],
      [12, 0.01, 'news'],
    ],
  },
  {
    name: 'ten times less likely is news, and raises the bar',
    steps: [
      [0, 0.01, 'news'],
      [1, 0.001, 'told'],
      [2, 0.0009, 'news'],
      [3, 0.0002, 'told'],
      [4, 0.00008, 'news'],
    ],
  },
];

describe('an open incident', () => {
  it.each(CASES)('$name', ({ steps }) => {
    const incident = noIncident();
    const told = steps.map(([hour, p]) => tell(incident, p, hour * HOUR_MS, SETTINGS));
    expect(told).toEqual(steps.map(([, , expected]) => expected));
  });

  it('has defaults that make sense', () => {
    expect(INCIDENT_DEFAULTS.alarmP).toBeGreaterThan(0);
    expect(INCIDENT_DEFAULTS.alarmP).toBeLessThan(0.05);
    expect(INCIDENT_DEFAULTS.worseBy).toBeGreaterThanOrEqual(1);
  });
});
