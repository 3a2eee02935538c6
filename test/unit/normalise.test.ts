/** Goal: what comes out is canonical: complete, in one order, bounded, without secrets, and nothing of the producer's is lost unsaid. */
import { describe, expect, it } from 'vitest';
import { EVENT_LIMITS, EventSchema } from '../../ingest/event.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { SECRET_CHARS_MAX } from '../../ingest/secrets.ts';
import { EVENT_TIME_MS, fullestEvent, RECEIVED_MS, smallestEvent } from '../support/wire-event.ts';

const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
const context = { receivedMs: RECEIVED_MS, fallbackId: 'f1' };

function event(fields: object = {}) {
  const normalised = normalise({ ...smallestEvent(), ...fields }, context);
  if (!normalised.ok) throw new Error(JSON.stringify(normalised.rejection));
  return normalised.event;
}

const digest = (value: Record<string, unknown>, receivedMs = RECEIVED_MS) => {
  const normalised = normalise(value, { ...context, receivedMs });
  return normalised.ok ? normalised.digest : normalised.rejection;
};

describe('defaults', () => {
  it('completes the smallest event', () => {
    expect(event()).toStrictEqual({
      action: { name: 'crm.search', phase: 'completed', type: 'tool_call' },
      agent: { id: 'a1' },
      endpoint: 'crm.search',
      id: 'f1',
      outcome: 'unknown',
      time: EVENT_TIME_MS,
    });
  });

  it('keeps every field of the fullest event, save schema', () => {
    const { schema: _, ...kept } = fullestEvent();
    expect(Object.keys(fullestEvent()).sort()).toEqual(Object.keys(EventSchema.properties).sort());
    expect(event(fullestEvent())).toEqual(kept);
  });

  it('knows no negative zero', () => expect(event({ seq: -0 }).seq).toBe(0));

  it('leaves the value it was given as it was', () => {
    const value = fullestEvent();
    normalise(value, context);
    expect(value).toEqual(fullestEvent());
  });
});

describe('order and digest', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, member]) => [key, reversed(member)]),
    );
  };
  const rich = { ...fullestEvent(), zeta: { b: 1, a: [{ d: 1, c: 2 }] }, alpha: true };

  it('do not depend on the order of keys', () => {
    expect(JSON.stringify(event(reversed(rich) as object))).toBe(JSON.stringify(event(rich)));
    expect(digest(reversed(rich) as Record<string, unknown>)).toBe(digest(rich));
  });

  it('do not depend on when the event came', () => expect(digest(rich, RECEIVED_MS + 5000)).toBe(digest(rich)));

  it('do not depend on how the same thing was written', () => {
    const other = {
      ...rich,
      time: '2026-11-21T10:00:00.000+01:00',
      schema: 'picket.event/1.3',
      source: { ip: '192.0.2.1', x: null },
    };
    expect(digest(other)).toBe(digest(rich));
  });

  it('differ when a field does', () => {
    expect(digest({ ...rich, seq: 8 })).not.toBe(digest(rich));
    expect(digest(rich)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('unknown fields', () => {
  it('become dotted attributes with string values', () => {
    const sent = {
      team: 'blue',
      agent: { id: 'a1', region: 'eu', tags: ['x', 1] },
      resources: [{ name: 'r', shard: 3 }],
      nested: { deep: { flag: true, gone: null }, list: [{ b: 1, a: 2 }], ratio: 0.5 },
      attributes: { own: 'kept', empty: '' },
    };
    expect(event(sent).attributes).toEqual({
      'agent.region': 'eu',
      'agent.tags': '["x",1]',
      'nested.deep.flag': 'true',
      'nested.list': '[{"a":2,"b":1}]',
      'nested.ratio': '0.5',
      own: 'kept',
      'resources.0.shard': '3',
      team: 'blue',
    });
  });

  it('are cut at 2048 code points, their keys at 256', () => {
    const [entry] = Object.entries(event({ ['k'.repeat(300)]: '😀'.repeat(3000) }).attributes ?? {});
    expect(entry).toEqual(['k'.repeat(256), '😀'.repeat(2048)]);
  });

  it('beyond 64 are counted; declared attributes come first, then the smallest keys', () => {
    const lifted = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`x${String(index).padStart(3, '0')}`, index]),
    );
    const normalised = event({ ...lifted, attributes: { zz: 'declared' } });
    expect(Object.keys(normalised.attributes ?? {})).toEqual([...Object.keys(lifted).slice(0, 63), 'zz']);
    expect(normalised.attributes_dropped).toBe(37);
  });

  it('that flatten to one key keep one value, and the other is counted', () => {
    const normalised = event({ 'a.b': '2', a: { b: '1' } });
    expect([normalised.attributes, normalised.attributes_dropped]).toEqual([{ 'a.b': '1' }, 1]);
  });

  it('may have the names of object members', () => {
    const attributes = event({ constructor: 'x', toString: 'y', hasOwnProperty: 1 }).attributes;
    expect({ ...attributes }).toEqual({ constructor: 'x', hasOwnProperty: '1', toString: 'y' });
  });
});

describe('content', () => {
  it('is cut at 64 KiB between code points and says so', () => {
    const { content, content_cut } = event({
      content: { prompt: `x${'😀'.repeat(20_000)}`, result: 'y'.repeat(65_536), context: 'ü'.repeat(40_000) },
    });
    expect(content?.prompt).toBe(`x${'😀'.repeat(16_383)}`);
    expect(content?.result).toHaveLength(65_536);
    expect(content?.context).toBe('ü'.repeat(32_768));
    expect(content_cut).toEqual(['context', 'prompt']);
  });

  it('loses no half of a secret to the cut', () => {
    const secret = `${'gh'}p_q7Zr2Kd9Xw4Tb6Mn8Vc1Ls5Hj3Gf0PyAeRtU`;
    const { content } = event({ content: { result: `${'.'.repeat(65_530)} ${secret}` } });
    expect(content?.result).not.toContain(secret.slice(0, 5));
    expect(Buffer.byteLength(content?.result ?? '')).toBe(65_536);
  });

  it('loses no half of a secret to the end of what was looked at, when what stands before it shrinks', () => {
    const block = `-----BEGIN ${'PRIVATE KEY'}-----\n${'q7Zr2Kd9'.repeat(200)}\n-----END ${'PRIVATE KEY'}-----\n`;
    const looked = EVENT_LIMITS.contentBytesMax + SECRET_CHARS_MAX;
    const start = block.repeat(Math.floor((looked - 20) / block.length));
    const secret = `${'gh'}p_q7Zr2Kd9Xw4Tb6Mn8Vc1Ls5Hj3Gf0PyAeRtU`;
    const { content, content_cut } = event({ content: { result: `${start.padEnd(looked - 20)}${secret}` } });
    expect(content?.result ?? '').not.toContain(secret.slice(0, 5));
    expect(content_cut).toEqual(['result']);
  });

  it('keeps the marks of an event that comes a second time', () => {
    const once = event({
      content: { result: 'y'.repeat(70_000) },
      attributes: Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`k${i}`, 'v'])),
    });
    expect(event(JSON.parse(JSON.stringify(once)))).toEqual(once);
    expect([once.content_cut, once.attributes_dropped]).toEqual([['result'], 6]);
  });

  it('marks of another form are unknown fields', () => {
    expect(event({ content_cut: 'all', attributes_dropped: -1 }).attributes).toEqual({
      attributes_dropped: '-1',
      content_cut: 'all',
    });
  });
});

describe('redaction', () => {
  const secret = `${'AK'}${'IA'}Q7ZR2KD5XW4TB6MN`;
  const leaf = (path: string, value: unknown): object =>
    path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

  it.each([
    'content.prompt',
    'content.arguments',
    'content.result',
    'endpoint',
    'error.kind',
    'model.name',
    'attributes.note',
    'unknown.note',
  ])('reaches %s', (path) =>
    expect(JSON.stringify(event(leaf(path, `key ${secret} end`)))).toMatch(
      /key \[secret:aws-access-token:[0-9a-f]{12}\] end/,
    ),
  );

  it('reaches names, keys and items, and gives equal markers', () => {
    const normalised = event({
      action: { type: 'send', name: secret },
      agent: { id: secret },
      destinations: [
        { kind: 'host', value: `${secret}.s3.example.com` },
        { kind: 'url', value: `https://x.example/?k=${secret}` },
      ],
      resources: [{ name: secret }],
      [secret]: 'x',
    });
    const text = JSON.stringify(normalised);
    expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(new Set(text.match(/\[secret:[^\]]+\]/g))).toHaveProperty('size', 1);
  });

  it('sees a secret that only cleaning uncovers', () => {
    const hidden = `${secret.slice(0, 9)}\u200b${secret.slice(9)}`;
    expect(event({ destinations: [{ kind: 'channel', value: hidden }] }).destinations?.[0]?.value).toMatch(
      /^\[secret:aws/,
    );
  });

  it('keeps every field within its limit', () => {
    const name = `${secret} `.repeat(12).trim().slice(0, 256);
    expect([...event({ action: { type: 'send', name } }).action.name].length).toBeLessThanOrEqual(256);
  });
});

describe('what a refusal says', () => {
  it.each([
    [{ agent: {} }, 'missing_field', 'agent', 'agent is required and is absent, null or empty.'],
    [{ agent: { id: 5 } }, 'invalid_field', 'agent.id', 'agent.id must be a string of at most 256 characters.'],
    [{ outcome: 'meh' }, 'invalid_field', 'outcome', 'outcome must be one of success, failure, denied, unknown.'],
    [{ seq: -1 }, 'invalid_field', 'seq', 'seq must be an integer from 0 to 2^53-1.'],
    [{ data: 'x' }, 'invalid_field', 'data', 'data must be an object.'],
    [{ resources: 'x' }, 'invalid_field', 'resources', 'resources must be a list of at most 64 items.'],
    [
      { attributes: { a: 1 } },
      'invalid_field',
      'attributes.a',
      'attributes.a must be a string of at most 2048 characters.',
    ],
    [{ attributes: [1] }, 'invalid_field', 'attributes', 'attributes must be a flat object of strings.'],
    [{ content: { prompt: { a: 1 } } }, 'invalid_field', 'content.prompt', 'content.prompt must be a string.'],
    [
      { time: EVENT_TIME_MS / 1000 },
      'time_range',
      'time',
      'The time is before 2000 or more than 24 hours ahead of receipt. It looks like seconds; send milliseconds.',
    ],
  ])('%j', (fields, code, field, message) => {
    expect(normalise({ ...smallestEvent(), ...fields }, context)).toEqual({
      ok: false,
      rejection: { code, field, message },
    });
  });
});
