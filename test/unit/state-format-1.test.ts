/** Goal: states that an older build has stored go on: the file is of that build, and stays as it is for ever. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { turnClock } from '../../baselines/agent-state.ts';
import { mostUsed } from '../../baselines/familiarity.ts';
import { HOUR_MS } from '../../baselines/periods.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { logMoments } from '../../baselines/statistics/amount.ts';
import { predictCount } from '../../baselines/statistics/seasonal-count.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/state-format-1.jsonl.gz', import.meta.url));
const texts = gunzipSync(readFileSync(FIXTURE)).toString().split('\n');
const settings = settingsOf({ halfLifeDays: 14, alertBudget: 0.02 }).baseline;
const scoring = createScoring(DETECTORS, settings);
const codec = slotCodec(scoring);

describe('a state of format 1', () => {
  it.each(texts.map((text) => [JSON.parse(text).agent as string, text]))('of %s goes on', (_, text) => {
    const old = JSON.parse(text);
    const state = decodeState(text, 1, codec);
    const { baseline, clockMs } = state;
    expect([state.agent, state.position, baseline.eventsEver, baseline.sessionsEver, state.held.length]).toEqual([
      old.agent,
      old.position,
      old.baseline.eventsEver,
      old.baseline.sessionsEver,
      old.held.length,
    ]);
    const used = mostUsed(baseline.familiar.endpoints, clockMs, 500);
    const before = old.baseline.familiar.endpoints.items.$map as [string, { count: { value: number } }][];
    expect(new Set(used.map(({ key }) => key))).toEqual(new Set(before.map(([key]) => key)));
    const total = used.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBeCloseTo(
      old.baseline.familiar.endpoints.uses.value *
        2 ** ((old.baseline.familiar.endpoints.uses.atMs - clockMs) / settings.halfLifeMs),
      6,
    );
    expect(logMoments(baseline.perHour.events, clockMs, settings.halfLifeMs).n).toBeGreaterThan(1);
    const hour = Math.floor(clockMs / HOUR_MS) * HOUR_MS;
    const week = Array.from({ length: 168 }, (_, i) => predictCount(baseline.hourly, hour - i * HOUR_MS, 0).mean);
    expect(Math.max(...week)).toBeGreaterThan(Math.min(...week) * 2);
  });

  it('learns what its open sessions hold when they close', () => {
    for (const text of texts) {
      const state = decodeState(text, 1, codec);
      const before = state.baseline.eventsEver;
      const open = [...state.sessions.values()].filter(({ alertIds }) => alertIds.size === 0);
      const pending = open.reduce((sum, session) => sum + session.pending.length, 0);
      turnClock(state, state.clockMs + 2 * HOUR_MS, 0, settings, scoring.learners);
      expect(pending).toBeGreaterThan(0);
      expect([state.sessions.size, state.baseline.eventsEver]).toEqual([0, before + pending]);
    }
  });

  it('is stored in the present form, and read back as that', () => {
    const states = texts.map((text) => decodeState(text, 1, codec));
    for (const state of states) {
      const text = encodeState(state, codec);
      expect(encodeState(decodeState(text, STATE_FORMAT, codec), codec)).toBe(text);
    }
  });
});
