/** Goal: what an act carries of what its session read is counted by what stands there, once each, and laid to the result that holds most of it. */
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../baselines/act-values.ts';
import { carriedBy } from '../../baselines/carried.ts';
import { emptyProvenance, recordTexts } from '../../baselines/provenance.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { toolCall } from '../support/agent-bench.ts';

const read = (id: string, result: string): AuditEvent =>
  toolCall(id, 0, { action: { type: 'data_read', name: `tool-${id}`, phase: 'completed' }, content: { result } });
const send = (body: string, extra: Partial<AuditEvent> = {}): AuditEvent =>
  toolCall('send', 1, {
    action: { type: 'send', name: 'mail', phase: 'completed' },
    content: { arguments: JSON.stringify({ body }) },
    ...extra,
  });

function carried(before: readonly AuditEvent[], act: AuditEvent) {
  const provenance = emptyProvenance();
  for (const event of before) recordTexts(provenance, event);
  return carriedBy(valuesOf(act), provenance);
}

describe('carriedBy', () => {
  it('counts each token once, in how many results and how often it may stand', () => {
    const found = carried([read('a', 'k71 k72 k72'), read('b', 'k72 k73')], send('k71 k72 k72 k73 k99'));
    expect(found?.tokens).toBe(3);
  });

  it('lays it to the result that holds most of it, the first of equals', () => {
    const results = [read('a', 'k71'), read('b', 'k72 k73'), read('c', 'k74 k75')];
    expect(carried(results, send('k71 k72 k73 k74 k75'))?.source).toMatchObject({ event: 'b', action: 'tool-b' });
  });

  it('leaves out what the user or history said, and where it goes', () => {
    const said = toolCall('said', 0, { content: { prompt: 'k71', context: 'k72' } });
    const act = send('k71 k72', { destinations: [{ kind: 'email', value: 'k73@k74.example' }] });
    expect(carried([said, read('a', 'k71 k72 k73@k74.example')], act)).toBeUndefined();
  });

  it('leaves out results that name the place it goes to: an answer quotes what it answers', () => {
    const letter = read('a', 'k71 k72 k73 from ada@k74.example');
    const act = send('k71 k72 k75', { destinations: [{ kind: 'email', value: 'ada@k74.example' }] });
    expect(carried([letter, read('b', 'k75')], act)).toMatchObject({ tokens: 1, source: { event: 'b' } });
  });

  it('is nothing without results, without arguments, and where they have nothing in common', () => {
    const { content: _, ...bare } = send('');
    expect(carried([], send('k71'))).toBeUndefined();
    expect(carried([read('a', 'k71')], bare)).toBeUndefined();
    expect(carried([read('a', 'k71')], send('k72'))).toBeUndefined();
  });
});
