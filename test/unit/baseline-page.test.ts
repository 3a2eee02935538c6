/** Goal: what `picket baseline show` prints: days on the tenant's clock, hours outside of the band by name, nothing that acts on a terminal. */
import { describe, expect, it } from 'vitest';
import type { BaselineBody, SeriesBody } from '../../api/schemas/baseline.ts';
import { baselinePage } from '../../cli/baseline/show.ts';
import { shown, weekPlot } from '../../cli/baseline/week-plot.ts';

const HOUR = 3_600_000;
/** A Monday. */
const START = Date.UTC(2026, 0, 5);

function seriesOf(observed: readonly number[], over: Partial<SeriesBody> = {}): SeriesBody {
  const points = observed.map((count, hour) => ({
    time: new Date(START + hour * HOUR).toISOString(),
    observed: count,
    expected: 5,
    lower: 0,
    upper: 12,
  }));
  const knowledge = 'ready' as const;
  const head = { agent: 'a', measure: 'events' as const, unit: 'events', knowledge, zone_offset_minutes: 0 };
  return { ...head, band: 0.95, seasonal: true, points, ...over };
}

const baseline = (over: Partial<BaselineBody> = {}): BaselineBody => ({
  agent: 'a',
  id: 41,
  as_of: '2026-01-06T00:00:00.000Z',
  knowledge: {
    level: 'ready',
    sessions: 40,
    events: 400,
    weighted_sessions: 31.5,
    weighted_days: 9,
    sessions_per_day: 4,
    half_life_days: 14,
    first: '2025-12-27T07:00:00.000Z',
    last: '2026-01-05T23:00:00.000Z',
  },
  hours: { typical_events: 1.5, busiest_hour: 33, busiest_events: 9 },
  endpoints: { known: 0, top: [] },
  tools: { known: 0, top: [] },
  destinations: { known: 0, top: [] },
  resources: { known: 0, top: [] },
  amounts: [],
  growth: [],
  held: [],
  alerted: [],
  stored: [],
  changes: [],
  ...over,
});

describe('the plot of a week', () => {
  const day = [0, 0, 0, 0, 0, 0, 1, 4, 8, 8, 8, 8, 30, 8, 8, 8, 4, 4, 0, 0, 0, 0, 0, 0];

  it('draws a day as a line, with letters where blocks cannot be trusted', () => {
    expect(weekPlot(seriesOf(day), 'ascii')).toEqual([
      '           observed                  expected now              events: observed / expected',
      '           0     6     12    18      0     6     12    18    ',
      'Mon 01-05        ..::::%:::..        %%%%%%%%%%%%%%%%%%%%%%%%  99 / 120  1 hour outside',
      'A full bar is 30 observed, 5 expected.',
      '1 of 24 hours lie outside of the 95 % band (1 would by chance):',
      '  Mon 01-05 12:00  30 events, at most 12 expected',
    ]);
    expect(weekPlot(seriesOf(day), 'blocks')[2]?.slice(0, 35)).toBe('Mon 01-05        ▁▁▂▂▂▂█▂▂▂▁▁      ');
  });

  it("begins days on the tenant's clock", () => {
    const lines = weekPlot(seriesOf([9, 0, 0], { zone_offset_minutes: -60 }), 'ascii');
    expect(lines.slice(2, 4)).toEqual([
      'Sun 01-04                         %                         %  9 / 5',
      'Mon 01-05                            %%                        0 / 10',
    ]);
  });

  it('expects nothing while too little is known', () => {
    expect(weekPlot(seriesOf([40, 1], { knowledge: 'cold' }), 'ascii').slice(2)).toEqual([
      'Mon 01-05  %.                                                  41',
      'A full bar is 40 observed. Too little is known to expect anything.',
    ]);
  });

  it.each([
    [0, '0'],
    [0.5, '0.5'],
    [9.996, '10'],
    [9999, '9999'],
    [12_345, '12.3k'],
    [4e9, '4G'],
  ])('writes %f as %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });
});

describe('the page', () => {
  it('leaves out what there is none of', () => {
    expect(baselinePage(baseline(), seriesOf([5]), 'ascii').split('\n')).toEqual([
      'agent     a',
      'baseline  41, as of 2026-01-06 00:00',
      'known     ready: 40 sessions, 400 events, 2025-12-27 07:00 to 2026-01-05 23:00',
      'weight    31.5 sessions after forgetting (half-life 14 days), 4 a day',
      'hours     1.5 events in a typical hour, 9 in the busiest: Tuesday 09:00 (UTC)',
      'growth    none under way',
      '',
      'Events per hour',
      '---------------',
      ...weekPlot(seriesOf([5]), 'ascii'),
    ]);
  });

  it('tells of growth that chance does not explain', () => {
    const of = { unit: 'rows read', since: '2026-01-01T00:00:00.000Z' };
    const growth = [
      { ...of, measure: 'rows' as const, ratio: 1.62, p: 1e-4 },
      { ...of, measure: 'events' as const, ratio: 1.05, p: 0.4 },
    ];
    expect(baselinePage(baseline({ growth }), seriesOf([5]), 'ascii')).toContain(
      '\ngrowth    rows read 62 % above usual since 2026-01-01 00:00 (p = 1.0e-4)\n',
    );
  });

  it('prints names from events without what they do to a terminal', () => {
    const name = 'x\u001b[2J\u202e\nMonday  reset by nobody';
    const times = { first_seen: START, last_seen: START };
    const used = { value: name, count: 1, share: 1, ...times };
    const hostile = baseline({
      agent: name,
      kind: name,
      endpoints: { known: 1, top: [{ ...used, first_seen: '2026-01-05', last_seen: '2026-01-05' }] },
      held: [
        {
          session: name,
          alerts: [name],
          kinds: [name],
          moved_sensitive: false,
          ended: '2026-01-05T00:00:00.000Z',
          decide_by: '2026-01-12T00:00:00.000Z',
          dropped: '2026-02-02T00:00:00.000Z',
        },
      ],
      last_change: { time: '2026-01-05T00:00:00.000Z', release: name, model: name },
      changes: [{ change: 'rollback', time: '2026-01-05T00:00:00.000Z', to: name, by: name, note: name }],
    });
    const page = baselinePage(hostile, seriesOf([5]), 'ascii');
    for (const acting of ['\u001b', '\u202e', '\nMonday']) expect(page).not.toContain(acting);
    expect(page.match(/x Monday {2}reset by nobody/g)?.length).toBe(11);
  });
});
