/** Goal: what comes in at the edge is either exactly understood or refused with a stable code: cursors, times, rates, logs. */
import { describe, expect, it } from 'vitest';
import { createCursor, toPage } from '../../api/cursor.ts';
import { maskKeys, safeLogger } from '../../api/logging.ts';
import { PROBLEMS, Problem } from '../../api/problems.ts';
import { conditions } from '../../api/queries/conditions.ts';
import { createRateLimiter } from '../../api/rate-limit.ts';
import { formatTime, parseTime } from '../../api/time.ts';
import { SEVERITIES, severityId, severityName } from '../../baselines/severity.ts';

const codeOf = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

describe('cursors', () => {
  const cursors = createCursor('alerts', ['integer', 'text']);
  const raw = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each([[[0, '']], [[1_770_000_000_000, 'alert-1']], [[1, `" '\\\n\u0000 😀`]]] as [[number, string]][])(
    'come back as they went: %j',
    (key) => {
      expect(cursors.decode(cursors.encode(key))).toEqual(key);
    },
  );

  it.each([
    ['empty', ''],
    ['not base64url', '%%%'],
    ['with padding', `${raw(['alerts', 1, 'a'])}=`],
    ['not JSON', Buffer.from('alerts').toString('base64url')],
    ['not UTF-8', Buffer.from([0xff, 0xfe]).toString('base64url')],
    ['of another list', raw(['events', 1, 'a'])],
    ['too short', raw(['alerts', 1])],
    ['too long', raw(['alerts', 1, 'a', 2])],
    ['with a negative time', raw(['alerts', -1, 'a'])],
    ['with a fraction', raw(['alerts', 1.5, 'a'])],
    ['with a time as text', raw(['alerts', '1', 'a'])],
    ['with an object', raw(['alerts', 1, { a: 1 }])],
    ['an object', raw({ 0: 'alerts', length: 3 })],
    ['huge', raw(['alerts', 1, 'a'.repeat(5000)])],
  ])('are refused when %s', (_what, cursor) => {
    expect(codeOf(() => cursors.decode(cursor))).toBe('bad_cursor');
  });

  it('point behind the last row shown, and only when there are more', () => {
    const page = (rows: number[]) =>
      toPage(
        rows,
        2,
        (n) => n * 10,
        (n) => `after ${n}`,
      );
    expect(page([1, 2, 3])).toEqual({ items: [10, 20], next_cursor: 'after 2' });
    expect(page([1, 2])).toEqual({ items: [10, 20] });
    expect(page([])).toEqual({ items: [] });
  });
});

describe('times', () => {
  it.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01t10:00:00.5z', '2026-03-01T10:00:00.500Z'],
    ['2026-03-01 10:00:00+02:00', '2026-03-01T08:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1770000000000', '2026-02-02T02:40:00.000Z'],
  ])('reads %s', (text, expected) => {
    expect(formatTime(parseTime(text, 'since'))).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-03-01',
    '2026-03-01T10:00:00',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-03-01T25:00:00Z',
    '1770000000',
    '-1',
    '1e12',
    '9999999999999999',
    '1999-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
  ])('refuses %j', (text) => {
    expect(() => parseTime(text, 'since')).toThrow(
      expect.objectContaining({ code: 'invalid_request', facts: { field: 'since' } }),
    );
  });
});

describe('severities', () => {
  it('are the OCSF numbers 1 to 5', () => {
    expect(SEVERITIES.map((name) => [name, severityId(name), severityName(severityId(name))])).toEqual([
      ['informational', 1, 'informational'],
      ['low', 2, 'low'],
      ['medium', 3, 'medium'],
      ['high', 4, 'high'],
      ['critical', 5, 'critical'],
    ]);
    expect([severityName(0), severityName(99)]).toEqual(['informational', 'critical']);
  });
});

describe('rates', () => {
  it('allow a burst, then the sustained rate, per key', () => {
    let nowMs = 0;
    const limiter = createRateLimiter({ perSecond: 2, burst: 3, tracked: 10 }, () => nowMs);
    expect([1, 2, 3, 4].map(() => limiter.take('a'))).toEqual([0, 0, 0, 1]);
    expect(limiter.take('b')).toBe(0);
    nowMs += 500;
    expect([limiter.take('a'), limiter.take('a')]).toEqual([0, 1]);
    nowMs -= 10_000;
    expect(limiter.take('a')).toBe(1);
  });

  it('forget the key unused for longest when too many are tracked', () => {
    const limiter = createRateLimiter({ perSecond: 1, burst: 1, tracked: 2 }, () => 0);
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => limiter.take(key))).toEqual([0, 0, 1, 0, 1, 0]);
  });
});

describe('logs', () => {
  it('never hold a key that somebody put into a URL', () => {
    const key = 'pk_0001020304050607_08090a0b0c0d0e0f101112131415161718191a1bdcba1234';
    expect(maskKeys(`/v1/alerts?key=${key}&limit=1`)).toBe('/v1/alerts?key=pk_[masked]&limit=1');
    expect(maskKeys(`/v1/${key.toUpperCase()}`)).toBe('/v1/pk_[masked]');
    expect(maskKeys(`/v1/${key.replaceAll('_', '%5F')}`)).not.toContain('08090a0b');
  });

  it('can be off', () => {
    expect(safeLogger(false)).toBe(false);
  });
});

describe('filters', () => {
  it('put values only into parameters', () => {
    const available = { agent: 'agent = {agent:String}', since: 'time >= {since:Int64}' };
    expect(conditions(available, { agent: "' OR 1=1 --" })).toEqual({
      sql: 'AND agent = {agent:String}',
      params: { agent: "' OR 1=1 --" },
    });
    expect(conditions(available, {})).toEqual({ sql: '', params: {} });
  });
});

describe('problems', () => {
  it('have a status that is an error and words for a person', () => {
    const wrong = Object.entries(PROBLEMS).filter(
      ([, p]) => p.status < 400 || p.status > 599 || !p.action.endsWith('.'),
    );
    expect(wrong).toEqual([]);
  });

  it('carry their facts into the body', () => {
    const problem = new Problem('rate_limited', 'Slow down.', { field: 'x', retryAfterSeconds: 3 });
    expect(problem.toBody('r1')).toEqual({
      type: 'urn:picket:problem:rate_limited',
      title: 'Too many requests',
      status: 429,
      code: 'rate_limited',
      detail: 'Slow down.',
      action: 'Wait for the seconds in Retry-After.',
      request_id: 'r1',
      field: 'x',
      retry_after_seconds: 3,
    });
  });
});
