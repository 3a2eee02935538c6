/** Goal: what a refusal says to a person is helpful and holds nothing of the record but key paths. */
import { expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';

const decode = (text: string) => decodeRecord(Buffer.from(text));

it('returns the object as parsed', () => {
  expect(decode('{"a":{"b":[1,"x",null,true]}}')).toEqual({ ok: true, value: { a: { b: [1, 'x', null, true] } } });
});

it('reads a view into a larger buffer', () => {
  const bytes = new TextEncoder().encode('xx{"a":1}yy');
  expect(decodeRecord(bytes.subarray(2, 9))).toEqual({ ok: true, value: { a: 1 } });
});

it.each([
  ['', 'The record is empty; send one JSON object.'],
  ['{"a":', 'The record is not valid JSON: it ends too early.'],
  ['{"a":"secret" "b"}', expect.stringMatching(/^The record is not valid JSON/)],
])('explains broken JSON: %s', (text, message) => {
  expect(decode(text)).toEqual({ ok: false, rejection: { code: 'invalid_json', field: '', message } });
});

it.each(['{"password":"hunter2"', '{"a":hunter2}', '["hunter2", hunter2]', '{"a":"hunter2\n"}', '"hunter2" hunter2'])(
  'never quotes the record: %s',
  (text) => expect(JSON.stringify(decode(text))).not.toContain('hunter2'),
);

it('caps and cleans the path of a key that came from the record', () => {
  const decoded = decode(`{"${'k'.repeat(5000)}\\u0007\\u202e":1e400}`);
  expect(decoded).toMatchObject({ ok: false, rejection: { code: 'number_range', field: 'k'.repeat(256) } });
  expect(decode('{"a\\u0007\\u202eb":1e400}')).toMatchObject({ rejection: { field: 'a\ufffd\ufffdb' } });
});

it('finds a repeated key behind strings of every length and escape', () => {
  const strings = [
    '',
    'x'.repeat(31),
    'y'.repeat(40),
    '\\\\',
    '\\"',
    `${'z'.repeat(50)}\\\\\\"`,
    '\\"'.repeat(40),
    ':{[,]}:',
  ];
  const members = strings.map((text, index) => `"k${index}":"${text}"`).join(',');
  expect(decode(`{${members}}`)).toMatchObject({ ok: true });
  expect(decode(`{${members},"k3":0}`)).toMatchObject({ rejection: { code: 'duplicate_key', field: 'k3' } });
});
