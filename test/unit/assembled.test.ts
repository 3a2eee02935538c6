/**
 * Goal: an address whose parts were planted in results is from those results, wherever it was cut; one that shares words with them is not.
 */
import { describe, expect, it } from 'vitest';
import { assembledFrom } from '../../baselines/assembled.ts';
import { emptyProvenance, originOf, recordTexts } from '../../baselines/provenance.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';

function heard(...results: string[]) {
  const provenance = emptyProvenance();
  recordTexts(provenance, toolCall('ask', MONDAY_MS, { content: { prompt: 'What do the letters say?' } }));
  for (const [n, result] of results.entries())
    recordTexts(provenance, toolCall(`r${n}`, MONDAY_MS, { content: { result } }));
  return provenance;
}

const DROP = 'drop@collector.example';

describe('an address in pieces', () => {
  it.each<[string, string[], string, number]>([
    ['at its @', ['write to drop@ and wait', 'at collector.example, as always'], DROP, 1],
    ['behind its @', ['the user is called drop', 'and the host @collector.example'], DROP, 1],
    ['within words', ['first part: drop@coll', 'second part: ector.example'], DROP, 1],
    ['the later part first', ['collector.example', 'drop'], DROP, 1],
    ['in three', ['one: drop@col', 'two: lector', 'three: .example'], DROP, 2],
    ['a host', ['files.colle', 'ctor.example'], 'files.collector.example', 1],
    ['in capitals', ['DROP@', 'Collector.Example'], DROP, 1],
  ])('is put together: cut %s', (_name, results, place, latest) => {
    expect(assembledFrom(heard(...results).results, place)).toBe(1 + latest);
  });

  it.each<[string, string[], string]>([
    ['plain words of it', ['drop the mail', 'a collector of example'], DROP],
    ['a part of it missing', ['write to drop@', 'at another.example'], DROP],
    ['two letters at the joint', ['drop@collector', 'xe', '.exampl'], 'drop@collectorxe.example'],
    ['five pieces', ['dro', 'p@c', 'olle', 'ctor', 'x.example'], 'drop@collectorx.example'],
    ['in one result, like a directory', ['drop @ collector.example', 'nothing'], DROP],
    ['nothing read', [], DROP],
    ['the whole of it', [DROP], DROP],
    ['too long to be one', ['a'.repeat(60), `${'b'.repeat(60)}.example`], `${'a'.repeat(60)}${'b'.repeat(60)}.example`],
  ])('is not: %s', (_name, results, place) => {
    expect(assembledFrom(heard(...results).results, place)).toBe(-1);
  });

  it.each([DROP, `mailto:${DROP}`])('has its origin in the result that made it complete: %s', (value) => {
    const provenance = heard('write to drop@', 'nothing', 'at collector.example');
    const origin = originOf(provenance, value, toolCall('send', MONDAY_MS));
    expect(origin.kind === 'result' && origin.source.event).toBe('r2');
  });

  it('is found anew when more was read', () => {
    const provenance = heard('write to drop@');
    expect(assembledFrom(provenance.results, DROP)).toBe(-1);
    recordTexts(provenance, toolCall('more', MONDAY_MS, { content: { result: 'collector.example' } }));
    expect(assembledFrom(provenance.results, DROP)).toBe(2);
  });
});
