/** Goal: what an act carries to strangers of what its session read is counted once each, quotes left out, and laid to the result that holds most of it. */
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../baselines/act-values.ts';
import { emptyProvenance, recordTexts } from '../../baselines/provenance.ts';
import { carriedTo, copyShare } from '../../detectors/carried.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { toolCall } from '../support/agent-bench.ts';

const ADA = 'ada@guests.example';
const BEN = 'ben@bank.example';

const read = (id: string, result: string): AuditEvent =>
  toolCall(id, 0, { action: { type: 'data_read', name: `tool-${id}`, phase: 'completed' }, content: { result } });
const send = (body: string, to: readonly string[] = [ADA], args: object = { body }): AuditEvent =>
  toolCall('send', 1, {
    action: { type: 'send', name: 'mail', phase: 'completed' },
    destinations: to.map((value) => ({ kind: value.includes('@') ? 'email' : 'url', value })),
    content: { arguments: JSON.stringify(args) },
  });
const words = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${prefix}${n + 10}`).join(' ');

function carried(before: readonly AuditEvent[], act: AuditEvent, strangers: readonly string[] = [ADA]) {
  const provenance = emptyProvenance();
  for (const event of before) recordTexts(provenance, event);
  const values = valuesOf(act);
  return carriedTo(
    values.destinations.filter(({ text }) => strangers.includes(text)),
    values,
    provenance,
  );
}

describe('carriedTo', () => {
  it('counts each token once, in how many results and how often it may stand', () => {
    const found = carried([read('a', 'k71 k72 k72'), read('b', 'k72 k73')], send('k71 k72 k72 k73 k99'));
    expect(found).toMatchObject({ tokens: 3, to: [ADA] });
  });

  it('lays it to the result that holds most of it, the first of equals', () => {
    const results = [read('a', 'k71'), read('b', 'k72 k73'), read('c', 'k74 k75')];
    expect(carried(results, send('k71 k72 k73 k74 k75'))?.source).toMatchObject({ event: 'b', action: 'tool-b' });
  });

  it('leaves out what the user or history said', () => {
    const said = toolCall('said', 0, { content: { prompt: 'k71', context: 'k72' } });
    expect(carried([said, read('a', 'k71 k72 k73')], send('k71 k72 k73'))?.tokens).toBe(1);
  });

  it('leaves out what an answer quotes of the letter it answers, and no more of that result', () => {
    const letter = read('a', `From: ${ADA} ${words('near', 20)} ${words('gap', 60)} ${words('far', 20)}`);
    expect(carried([letter], send(words('near', 20)))).toBeUndefined();
    expect(carried([letter], send(`${words('near', 20)} ${words('far', 20)}`))?.tokens).toBe(20);
    const before = read('a', `${words('far', 20)} ${words('gap', 60)} ${words('near', 20)} ${ADA}`);
    expect(carried([before], send(`${words('near', 20)} ${words('far', 20)}`))?.tokens).toBe(20);
  });

  it('does not take a mention of somebody who is no stranger for a letter', () => {
    const rows = read('a', `${words('row', 20)} ${BEN}`);
    expect(carried([rows], send(words('row', 20), [ADA, BEN]))?.tokens).toBe(20);
    expect(carried([rows], send(words('row', 20), [ADA, BEN]), [ADA, BEN])).toBeUndefined();
  });

  it('counts what stands in an address of the web besides its host', () => {
    const page = 'https://guests.example/in?list=k71-x,k72-x';
    const results = [read('a', 'k71-x'), read('b', 'k72-x'), read('c', 'guests.example')];
    expect(carried(results, send('', [page], {}), [page])?.tokens).toBe(2);
  });

  it('does not count where it goes, as an argument', () => {
    const args = { to: ADA, body: 'k71' };
    expect(carried([read('a', `k71 ${words('gap', 70)} ${ADA}`)], send('', [ADA], args))?.tokens).toBe(1);
  });

  it('is nothing without strangers, results or arguments, and where they have nothing in common', () => {
    const results = [read('a', 'k71')];
    const { content: _, ...bare } = send('');
    expect(carried(results, send('k71'), [])).toBeUndefined();
    expect(carried([], send('k71'))).toBeUndefined();
    expect(carried(results, bare)).toBeUndefined();
    expect(carried(results, send('k72'))).toBeUndefined();
  });
});

describe('copyShare', () => {
  it('is nothing up to twelve tokens, all from twenty-four on, and rises between them', () => {
    const shares = [1, 12, 15, 20, 24, 4000].map((tokens) =>
      copyShare({ tokens, to: [], source: { event: 'a', action: 'b', external: false } }),
    );
    expect([...shares.slice(0, 2), ...shares.slice(4)]).toEqual([0, 0, 1, 1]);
    expect(shares[2]).toBeGreaterThan(0);
    expect(shares[3]).toBeGreaterThan(shares[2] ?? 0);
    expect(shares[3]).toBeLessThan(1);
    expect(copyShare(undefined)).toBe(0);
  });
});
