/** Goal: a body is cut into the records its sender meant; a broken one stays a record of its own, with its place in the order. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HTTP_RECORDS_MAX, inflateBody, splitBody } from '../../ingest/http-body.ts';

function records(body: string, contentType = 'application/json'): string[] | string {
  const split = splitBody(Buffer.from(body), contentType);
  return split.ok ? split.records.map((record) => Buffer.from(record).toString()) : split.error.code;
}

describe('one object', () => {
  it.each([
    '{"a":1}',
    ' {"a":1}\n',
    '{\n  "a": [\n    {"b":1},\n    {"b":2}\n  ]\n}\n',
    '\ufeff{"a":1}',
    '{"a":',
    '{"a":"x\\n{\\"b\\":1}"}',
  ])('%j', (body) => expect(records(body)).toEqual([body]));
});

describe('a list', () => {
  const cases: [body: string, expected: string[]][] = [
    ['[]', []],
    [' [ ] ', []],
    ['[{"a":1}]', ['{"a":1}']],
    ['[{"a":1},{"b":2}]', ['{"a":1}', '{"b":2}']],
    ['\ufeff[ {"a":1} ,\n {"b":[1,2,{"c":"]},{"}]} ]\n', ['{"a":1}', '{"b":[1,2,{"c":"]},{"}]}']],
    ['[{"a":"\\"},{"},{"b":"\\\\"}]', ['{"a":"\\"},{"}', '{"b":"\\\\"}']],
    ['[1,"x",null,[2,3]]', ['1', '"x"', 'null', '[2,3]']],
    ['[{"a":[1,2},{"b":2}]', ['{"a":[1,2}', '{"b":2}']],
    ['[{"a":1}},{"b":2}]', ['{"a":1}}', '{"b":2}']],
    ['[[{"a":1],{"b":2}]', ['[{"a":1]', '{"b":2}']],
    ['[oops,{"b":2}]', ['oops', '{"b":2}']],
    ['[{"a":1},,{"b":2}]', ['{"a":1}', '', '{"b":2}']],
    ['[{"a":1},]', ['{"a":1}', '']],
    ['[{"a":1},{"b":', ['{"a":1}', '{"b":']],
    ['[{"a":1}', ['{"a":1}']],
    ['[{"a":1}] and more', ['{"a":1}', 'and more']],
    ['[{"a":1},{"b":"x},{"c":3}]', ['{"a":1}', '{"b":"x},{"c":3}]']],
  ];
  it.each(cases)('%j', (body, expected) => expect(records(body)).toEqual(expected));

  it('does not look for records in a string that never ends', () => {
    expect(records('[{"a":"x\n},\n{"forged":true},\n{"b":1}]')).not.toContain('{"forged":true}');
  });
});

describe('lines', () => {
  const cases: [name: string, body: string, contentType: string, expected: string[]][] = [
    ['by content type', '{"a":1}\n\n{"b":2}\r\n', 'application/x-ndjson; charset=utf-8', ['{"a":1}', '{"b":2}']],
    ['one line', '{"a":1}', 'application/jsonl', ['{"a":1}']],
    ['told by the body', '{"a":1}\n{"b":2}\n', 'application/json', ['{"a":1}', '{"b":2}']],
    [
      'broken ones among them',
      '{"a":1}\noops\n{"b":\n{"c":3}',
      'application/json',
      ['{"a":1}', 'oops', '{"b":', '{"c":3}'],
    ],
    ['the first is broken', '{"a":\n{"b":2}', '', ['{"a":', '{"b":2}']],
    ['the first is no object', 'oops\n{"b":2}', 'text/plain', ['oops', '{"b":2}']],
    ['whole first, then garbage', '{"a":1}\noops', '', ['{"a":1}', 'oops']],
  ];
  it.each(cases)('%s', (_name, body, type, expected) => expect(records(body, type)).toEqual(expected));
});

describe('limits', () => {
  it.each(['', ' \n', '\ufeff'])('refuses the empty body %j', (body) => expect(records(body)).toBe('empty_body'));

  it.each([
    ['a list', (count: number) => `[${Array(count).fill('{}').join()}]`],
    ['lines', (count: number) => '{}\n'.repeat(count)],
  ])('%s may hold 10,000 records and no more', (_name, body) => {
    expect(records(body(HTTP_RECORDS_MAX))).toHaveLength(HTTP_RECORDS_MAX);
    expect(records(body(HTTP_RECORDS_MAX + 1))).toBe('too_many_records');
  });
});

describe('decompression', () => {
  it('gives back what was compressed', async () => {
    expect(await inflateBody(gzipSync('[{"a":1}]'), 100)).toEqual(Buffer.from('[{"a":1}]'));
  });

  it('stops a bomb at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024));
    await expect(inflateBody(bomb, 1024 * 1024)).rejects.toMatchObject({ code: 'body_too_large' });
    expect(await inflateBody(bomb, 10 * 1024 * 1024)).toHaveLength(10 * 1024 * 1024);
  });

  it.each([
    ['text', Buffer.from('{"a":1}')],
    ['half of it', gzipSync('x'.repeat(1000)).subarray(0, 20)],
  ])('refuses %s', async (_name, body) => {
    await expect(inflateBody(body, 1000)).rejects.toMatchObject({ code: 'invalid_compression' });
  });
});
