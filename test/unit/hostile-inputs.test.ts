/**
 * Goal: whatever a sender may send by mistake or malice gets the answer that is written here: accepted, or refused with this code and
 * this field. Nothing throws, and nothing takes its neighbours with it.
 */
import { describe, expect, it } from 'vitest';
import { splitBody } from '../../ingest/http-body.ts';
import { createIntake, type IntakeContext } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { EVENT_TIME_MS, fullestEvent, RECEIVED_MS, smallestEvent } from '../support/wire-event.ts';

const { admit } = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });
const context: IntakeContext = {
  tenant: 't1',
  receivedMs: RECEIVED_MS,
  source: 'http',
  sourcePosition: 'r1:0',
  fallbackId: 'r1:0',
};

type Answer = 'accepted' | `${string}:${string}`;

function answer(raw: Uint8Array | string): Answer {
  const admitted = admit(typeof raw === 'string' ? Buffer.from(raw) : raw, context);
  return admitted.ok ? 'accepted' : `${admitted.letter.code}:${admitted.letter.field}`;
}

const withFields = (fields: object) => JSON.stringify({ ...smallestEvent(), ...fields });
const smallest = JSON.stringify(smallestEvent());
/** The smallest event with raw JSON text as one more member. */
const withText = (member: string) => `${smallest.slice(0, -1)},${member}}`;

describe('bytes', () => {
  const cases: [name: string, raw: Uint8Array | string, expected: Answer][] = [
    ['an empty body', '', 'invalid_json:'],
    ['white space only', ' \n\t ', 'invalid_json:'],
    ['a byte order mark before an event', `\ufeff${smallest}`, 'accepted'],
    ['a byte order mark alone', '\ufeff', 'invalid_json:'],
    [
      'UTF-16 with its byte order mark',
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(smallest, 'utf16le')]),
      'invalid_utf8:',
    ],
    ['a byte that is no UTF-8', Buffer.concat([Buffer.from(smallest), Buffer.from([0xff])]), 'invalid_utf8:'],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'invalid_utf8:'],
    ['a surrogate encoded in UTF-8', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'invalid_utf8:'],
    ['a raw NUL byte', `${smallest}\0`, 'invalid_json:'],
    ['a raw NUL byte in a string', withText('"endpoint":"a\0b"'), 'invalid_json:'],
    ['an escaped NUL in a string', withText('"endpoint":"a\\u0000b"'), 'accepted'],
    ['a list', `[${smallest}]`, 'not_an_object:'],
    ['a number', '42', 'not_an_object:'],
    ['a number out of range', '1e400', 'not_an_object:'],
    ['a string', '"hello"', 'not_an_object:'],
    ['null', 'null', 'not_an_object:'],
    ['text', 'hello', 'invalid_json:'],
    ['half an event', smallest.slice(0, 40), 'invalid_json:'],
    ['two events in one record', smallest + smallest, 'invalid_json:'],
    ['a trailing comma', `${smallest.slice(0, -1)},}`, 'invalid_json:'],
    ['NaN', withText('"seq":NaN'), 'invalid_json:'],
    ['a string that never ends', `${smallest.slice(0, -1)},"x":"${'\\"'.repeat(1000)}`, 'invalid_json:'],
    ['a megabyte and one byte', `${' '.repeat(1024 * 1024 + 1 - smallest.length)}${smallest}`, 'record_too_large:'],
    ['a megabyte exactly', `${' '.repeat(1024 * 1024 - smallest.length)}${smallest}`, 'accepted'],
    ['a million keys in 11 MB', millionKeys(), 'record_too_large:'],
    ['an empty object', '{}', 'missing_field:time'],
  ];
  it.each(cases)('%s', (_name, raw, expected) => expect(answer(raw)).toBe(expected));
});

function millionKeys(): string {
  const members = Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`);
  return `{${members.join(',')}}`;
}

describe('structure', () => {
  const nested = (depth: number) => `"x":${'['.repeat(depth)}1${']'.repeat(depth)}`;
  const cases: [name: string, raw: string, expected: Answer][] = [
    ['64 levels', withText(nested(63)), 'accepted'],
    ['65 levels', withText(nested(64)), 'too_deep:'],
    ['100,000 levels', withText(nested(100_000)), 'too_deep:'],
    ['100,000 levels of objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 'too_deep:'],
    ['100,000 brackets that never close', '['.repeat(100_000), 'too_deep:'],
    ['100,000 brackets in a string', withText(`"endpoint":"${'['.repeat(400)}"`), 'accepted'],
    ['a repeated key', withText('"seq":1,"seq":1'), 'duplicate_key:seq'],
    ['a repeated key, once escaped', withText('"seq":1,"s\\u0065q":2'), 'duplicate_key:seq'],
    ['a repeated key in a group', withText('"data":{"rows":1,"rows":2}'), 'duplicate_key:data.rows'],
    [
      'a repeated key in a list',
      withText('"resources":[{"name":"a"},{"name":"b","name":"c"}]'),
      'duplicate_key:resources.1.name',
    ],
    ['a repeated unknown key', withText('"x":{"y":1,"y":1}'), 'duplicate_key:x.y'],
    ['one key in two objects', withText('"x":{"y":1},"z":{"y":1}'), 'accepted'],
    ['colons in strings', withText('"endpoint":"a:b\\":c\\\\"'), 'accepted'],
    ['the key __proto__', withText('"__proto__":{"admin":true}'), 'forbidden_key:__proto__'],
    ['the key __proto__, escaped', withText('"\\u005f_proto__":1'), 'forbidden_key:__proto__'],
    ['the key __proto__ in a group', withText('"data":{"__proto__":1}'), 'forbidden_key:data.__proto__'],
    [
      'the key __proto__ in attributes',
      withText('"attributes":{"__proto__":"x"}'),
      'forbidden_key:attributes.__proto__',
    ],
    ['the keys constructor and toString', withText('"constructor":{"prototype":"x"},"toString":"y"'), 'accepted'],
    ['1e400', withText('"seq":1e400'), 'number_range:seq'],
    ['-1e400', withText('"x":{"y":[-1e400]}'), 'number_range:x.y.0'],
    ['2^53', withText('"data":{"rows":9007199254740992}'), 'number_range:data.rows'],
    ['2^53-1', withText('"data":{"rows":9007199254740991}'), 'accepted'],
    ['-2^53', withText('"x":-9007199254740992'), 'number_range:x'],
    ['half a surrogate pair', withText('"endpoint":"a\\ud800b"'), 'lone_surrogate:endpoint'],
    ['the other half', withText('"endpoint":"a\\uDC00b"'), 'lone_surrogate:endpoint'],
    ['half a surrogate pair in a key', withText('"x\\ud800":1'), 'lone_surrogate:x\ufffd'],
    ['a whole surrogate pair', withText('"endpoint":"\\ud83d\\ude00"'), 'accepted'],
  ];
  it.each(cases)('%s', (_name, raw, expected) => expect(answer(raw)).toBe(expected));
});

describe('time', () => {
  const cases: [name: string, time: unknown, expected: Answer][] = [
    ['1970', '1970-01-01T00:00:00Z', 'time_range:time'],
    ['1999', '1999-12-31T23:59:59.999Z', 'time_range:time'],
    ['2000', '2000-01-01T00:00:00Z', 'accepted'],
    ['2100', '2100-01-01T00:00:00Z', 'time_range:time'],
    ['24 hours ahead', RECEIVED_MS + 86_400_000, 'accepted'],
    ['a millisecond more', RECEIVED_MS + 86_400_001, 'time_range:time'],
    ['zero', 0, 'time_range:time'],
    ['negative', -1, 'time_range:time'],
    ['seconds', EVENT_TIME_MS / 1000, 'time_range:time'],
    ['microseconds', EVENT_TIME_MS * 1000, 'time_range:time'],
    ['nanoseconds', EVENT_TIME_MS * 1e6, 'time_range:time'],
    ['a fraction of a millisecond', EVENT_TIME_MS + 0.5, 'invalid_field:time'],
    ['a number in a string', String(EVENT_TIME_MS), 'invalid_field:time'],
    ['no zone', '2026-11-21T09:00:00.000', 'invalid_field:time'],
    ['a blank for the T', '2026-11-21 09:00:00.000Z', 'invalid_field:time'],
    ['31 April', '2026-04-31T09:00:00Z', 'invalid_field:time'],
    ['month 13', '2026-13-01T09:00:00Z', 'invalid_field:time'],
    ['25 o’clock', '2026-11-21T25:00:00Z', 'invalid_field:time'],
    ['true', true, 'invalid_field:time'],
    ['an object', { ms: 1 }, 'invalid_field:time'],
  ];
  it.each(cases)('%s', (_name, time, expected) => expect(answer(withFields({ time }))).toBe(expected));

  it.each([
    ['seconds', EVENT_TIME_MS / 1000],
    ['microseconds', EVENT_TIME_MS * 1000],
    ['nanoseconds', EVENT_TIME_MS * 1e6],
  ])('names the unit when it looks like %s', (unit, time) => {
    const admitted = admit(Buffer.from(withFields({ time })), context);
    expect(admitted.ok ? '' : admitted.letter.message).toContain(unit);
  });
});

describe('required fields', () => {
  const cases: [field: string, fields: object][] = [
    ['time', { time: undefined }],
    ['agent', { agent: undefined }],
    ['agent.id', { agent: { name: 'x' } }],
    ['action', { action: undefined }],
    ['action.type', { action: { name: 'x' } }],
    ['action.name', { action: { type: 'send' } }],
    ['session.id', { session: { parent_id: 's0' } }],
    ['principal.id', { principal: { kind: 'user' } }],
    ['destinations.0.value', { destinations: [{ kind: 'host' }] }],
    ['destinations.1.kind', { destinations: [{ kind: 'host', value: 'h' }, { value: 'h' }] }],
    ['resources.0.name', { resources: [{ kind: 'table' }] }],
  ];
  it.each(cases)('%s absent', (field, fields) => expect(answer(withFields(fields))).toBe(`missing_field:${field}`));

  it.each([
    ['null', null],
    ['empty', ''],
  ])('%s counts as absent', (_name, nothing) => {
    expect(answer(withFields({ time: nothing }))).toBe('missing_field:time');
    expect(answer(withFields({ agent: { id: nothing, name: 'x' } }))).toBe('missing_field:agent.id');
    expect(answer(withFields({ action: { type: 'send', name: nothing } }))).toBe('missing_field:action.name');
  });
});

describe('wrong types', () => {
  /** Every field of the contract with what it is replaced by; strings become numbers, anything else a string. */
  const wrong = [...leafPaths(fullestEvent())].filter((path) => path !== 'time' && path !== 'schema');

  it('covers the contract', () => expect(wrong.length).toBeGreaterThan(55));

  it.each(wrong)('%s', (path) => {
    const event = fullestEvent();
    replaceAt(event, path.split('.'), (value) => (typeof value === 'string' ? 42 : 'many'));
    expect(answer(JSON.stringify(event))).toBe(`invalid_field:${path}`);
  });

  const groups = Object.entries(fullestEvent())
    .filter(([, value]) => typeof value === 'object')
    .map(([name]) => name);
  it.each(groups)('%s as a string', (name) =>
    expect(answer(withFields({ [name]: 'x' }))).toBe(`invalid_field:${name}`),
  );
  it.each(groups)('%s as true', (name) => expect(answer(withFields({ [name]: true }))).toBe(`invalid_field:${name}`));

  const values: [name: string, fields: object, expected: Answer][] = [
    ['a negative count', { data: { rows: -1 } }, 'invalid_field:data.rows'],
    ['half a row', { data: { rows: 0.5 } }, 'invalid_field:data.rows'],
    ['an unknown action', { action: { type: 'dance', name: 'x' } }, 'invalid_field:action.type'],
    ['an unknown outcome', { outcome: 'meh' }, 'invalid_field:outcome'],
    ['an unknown kind of place', { destinations: [{ kind: 'moon', value: 'x' }] }, 'invalid_field:destinations.0.kind'],
    ['an id of 129 characters', { id: 'x'.repeat(129) }, 'invalid_field:id'],
    ['an id of 128 characters', { id: 'x'.repeat(128) }, 'accepted'],
    ['an agent id of 257 characters', { agent: { id: 'x'.repeat(257) } }, 'invalid_field:agent.id'],
    ['an endpoint of 513 characters', { endpoint: 'x'.repeat(513) }, 'invalid_field:endpoint'],
    ['65 destinations', { destinations: Array(65).fill({ kind: 'host', value: 'h' }) }, 'invalid_field:destinations'],
    ['64 destinations', { destinations: Array(64).fill({ kind: 'host', value: 'h' }) }, 'accepted'],
    ['a list for an object', { agent: ['a1'] }, 'invalid_field:agent'],
    ['an object for a list', { destinations: { kind: 'host', value: 'h' } }, 'invalid_field:destinations'],
    ['an attribute of 2049 characters', { attributes: { a: 'x'.repeat(2049) } }, 'invalid_field:attributes.a'],
    ['65 attributes', { attributes: numbered(65) }, 'accepted'],
    ['schema 2', { schema: 'picket.event/2' }, 'unknown_schema:schema'],
    ['schema 1.2', { schema: 'picket.event/1.2' }, 'accepted'],
    ['schema 10', { schema: 'picket.event/10' }, 'unknown_schema:schema'],
    ['schema as a number', { schema: 1 }, 'unknown_schema:schema'],
  ];
  it.each(values)('%s', (_name, fields, expected) => expect(answer(withFields(fields))).toBe(expected));
});

function numbered(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
}

function* leafPaths(value: unknown, path = ''): Generator<string> {
  if (typeof value !== 'object' || value === null) yield path;
  else
    for (const [key, member] of Object.entries(value)) yield* leafPaths(member, path === '' ? key : `${path}.${key}`);
}

function replaceAt(target: unknown, path: readonly string[], change: (value: unknown) => unknown): void {
  const [key = '', ...rest] = path;
  const object = target as Record<string, unknown>;
  if (rest.length === 0) object[key] = change(object[key]);
  else replaceAt(object[key], rest, change);
}

describe('nothing in optional fields', () => {
  const required = new Set(['time', 'agent.id', 'action.type', 'action.name']);
  const within = new Set([
    'session.id',
    'principal.id',
    'destinations.0.kind',
    'destinations.0.value',
    'resources.0.name',
  ]);

  it('accepts null for every optional field at once', () => {
    const event = fullestEvent();
    for (const path of leafPaths(fullestEvent()))
      if (!required.has(path)) replaceAt(event, path.split('.'), () => null);
    expect(answer(JSON.stringify(event))).toBe('accepted');
  });

  const optional = [...leafPaths(fullestEvent())].filter((path) => !required.has(path) && !within.has(path));
  it.each(optional.filter((path) => !path.startsWith('destinations.')))('accepts null for %s', (path) => {
    const event = fullestEvent();
    replaceAt(event, path.split('.'), () => null);
    expect(answer(JSON.stringify(event))).toBe('accepted');
  });

  const tops = Object.keys(fullestEvent()).filter((name) => !['time', 'agent', 'action'].includes(name));
  it.each(tops)('takes null, empty text, list and object for %s as absent', (name) => {
    const absent = admit(Buffer.from(smallest), context);
    for (const nothing of [null, '', [], {}, [null], [{}]]) {
      if (!(name === 'destinations' || name === 'resources') && Array.isArray(nothing) && nothing.length > 0) continue;
      expect(admit(Buffer.from(withFields({ [name]: nothing })), context)).toEqual(absent);
    }
  });
});

describe('names that are words of the language', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'accepts an agent named %s',
    (id) => {
      const admitted = admit(Buffer.from(withFields({ agent: { id } })), context);
      expect(admitted).toMatchObject({ ok: true, entry: { event: { agent: { id } } } });
    },
  );
});

describe('neighbours', () => {
  const good = (id: string) => withFields({ id });
  const bad = [
    '{"time":',
    '42',
    '{"a":[1,2}',
    '{"a":1,"a":2}',
    '',
    '{"x":"\\ud800"}',
    'nonsense',
    withText('"seq":1e400'),
  ];
  const ids = bad.map((_, index) => `good-${index}`);

  function admittedIds(body: string, contentType: string): string[] {
    const split = splitBody(Buffer.from(body), contentType);
    if (!split.ok) throw new Error(split.error.code);
    return split.records.flatMap((raw) => {
      const admitted = admit(raw, context);
      return admitted.ok ? [admitted.entry.event.id] : [];
    });
  }

  it('a list: every good element is accepted, whatever stands between them', () => {
    const body = `[${bad.map((text, index) => `${text.replace('{"time":', '{"time":}')},${good(`good-${index}`)}`).join(',')}]`;
    expect(admittedIds(body, 'application/json')).toEqual(ids);
  });

  it.each(['application/x-ndjson', 'application/json', 'text/plain'])(
    'lines as %s: every good line is accepted',
    (type) => {
      const body = bad.map((text, index) => `${text}\n${good(`good-${index}`)}`).join('\n');
      expect(admittedIds(body, type)).toEqual(ids);
    },
  );
});
