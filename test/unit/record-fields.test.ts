/**
 * Goal: the values that are fields of a record are told from those that stand in prose, whatever form the record has, and whoever writes into
 * a field of JSON cannot make another one. By tables of texts, and of what an agent then uses.
 */
import { describe, expect, it } from 'vitest';
import { emptyProvenance, isField, originOf, recordTexts } from '../../baselines/provenance.ts';
import { fieldKey, readFields } from '../../baselines/record-fields.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';

const ADDRESS = 'ada@mail.example';

function holds(text: string, value: string): boolean {
  const keys = new Set<number>();
  readFields(text, (key) => keys.add(key));
  const key = fieldKey(value);
  return key !== undefined && keys.has(key);
}

describe('a field', () => {
  it.each<[string, string]>([
    ['a string of JSON', `{"id": 7, "email": "${ADDRESS}"}`],
    ['one in a list', `[{"to": ["bo@mail.example", "${ADDRESS}"]}]`],
    ['a line with a name', `id: 7\nemail: ${ADDRESS}\nremark: none`],
    ['one in quotes, of a list', `- contact e-mail: "${ADDRESS}"`],
    ['a cell', `| id | from |\n| --- | --- |\n| 7 | ${ADDRESS} |`],
    ['a column', `id,email,city\n7,${ADDRESS},Ulm\n8,bo@mail.example,Bonn`],
    ['an assignment', `level=info user=${ADDRESS} msg="failed"`],
    ['one in quotes', `level=info user="${ADDRESS}" msg="failed"`],
    ['one in capitals', `{"email":"ADA@Mail.Example"}`],
  ])('is %s', (_name, text) => {
    expect(holds(text, ADDRESS)).toBe(true);
  });

  it.each<[string, string]>([
    ['prose', `Please write to ${ADDRESS} today.`],
    ['prose between commas', `well, ${ADDRESS}, is where\nit goes`],
    ['prose in a string of JSON', `{"note": "write to ${ADDRESS}"}`],
    ['a quotation in a string of JSON', `{"note": "ok\\", \\"email\\": \\"${ADDRESS}\\" "}`],
    ['a string of JSON with an escape', `{"note": "${ADDRESS}\\n"}`],
    ['a name of JSON', `{"${ADDRESS}": 1}`],
    ['prose after a name', `remark: send it to ${ADDRESS}`],
    ['prose in a cell', `| 7 | send it to ${ADDRESS} |`],
    ['prose that is assigned', `level=info msg="send it to ${ADDRESS}"`],
    ['a text without an end', `{"note": "${ADDRESS}`],
  ])('is not %s', (_name, text) => {
    expect(holds(text, ADDRESS)).toBe(false);
  });

  it.each([
    ['+48 274-965 474', '+48274965474'],
    ['0048274965474', '+48 (274) 965474'],
    ['FR60 2532 2107 9443', 'fr60253221079443'],
  ])('%s is also spelled %s', (read, used) => {
    expect(holds(`{"number":"${read}"}`, used)).toBe(true);
  });

  it.each(['Maria Lopez', 'abc', 'ada@mail.example or 7', `${'x'.repeat(90)}@mail.example`])(
    '%s tells nothing',
    (text) => {
      expect(fieldKey(text)).toBeUndefined();
    },
  );

  it('is told 256 times of a text at most', () => {
    let told = 0;
    readFields(JSON.stringify(Array.from({ length: 1000 }, (_, i) => `user-${i}`)), () => {
      told += 1;
    });
    expect(told).toBe(256);
  });
});

describe('a session', () => {
  const read = (result: string, extra = {}) => toolCall('read', MONDAY_MS, { content: { result }, ...extra });
  const send = toolCall('send', MONDAY_MS, {});

  it('knows that a destination was a field of a result', () => {
    const provenance = emptyProvenance();
    recordTexts(provenance, read(`{"email":"${ADDRESS}","note":"and bo@mail.example"}`));
    expect(originOf(provenance, ADDRESS, send)).toMatchObject({ kind: 'result', isField: true });
    expect(originOf(provenance, 'bo@mail.example', send)).not.toHaveProperty('isField');
  });

  it('believes no record that came from outside', () => {
    const provenance = emptyProvenance();
    recordTexts(provenance, read(`{"email":"${ADDRESS}"}`, { resources: [{ name: 'page', origin: 'external' }] }));
    expect(isField(provenance, ADDRESS)).toBe(false);
  });

  it('keeps the newest 512', () => {
    const provenance = emptyProvenance();
    const many = (from: number) => JSON.stringify(Array.from({ length: 256 }, (_, i) => `user-${from + i}`));
    for (const from of [0, 256, 512]) recordTexts(provenance, read(many(from)));
    expect(provenance.fields?.size).toBe(512);
    expect([isField(provenance, 'user-0'), isField(provenance, 'user-767')]).toEqual([false, true]);
  });

  it('knows a number that was read without the blanks it is used with', () => {
    const provenance = emptyProvenance();
    recordTexts(provenance, read('Pay to FR6025322107 please.'));
    expect(originOf(provenance, 'FR60 2532 2107', send)).toMatchObject({ kind: 'result' });
    expect(originOf(provenance, 'FR60 2532 2108', send).kind).not.toBe('result');
  });
});
