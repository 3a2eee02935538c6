/**
 * Goal: what `picket schema event` prints and what the intake does are one contract: an event that is valid by the schema is accepted, whatever
 * else a producer put into it, and what the schema refuses is refused, but for values that count as absent.
 */

import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { schemaCommand } from '../../cli/commands/schema.ts';
import type { CommandContext } from '../../cli/context.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { fullestEvent, RECEIVED_MS, smallestEvent } from '../support/wire-event.ts';

const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
const taken = (event: object) => normalise({ ...event }, { receivedMs: RECEIVED_MS, fallbackId: 'f1' });

const printed: string[] = [];
const terminal = { out: (text: string) => void printed.push(text) };
schemaCommand({ terminal } as unknown as CommandContext).parse(['event'], { from: 'user' });
const schema = JSON.parse(printed.join(''));
const validator = Compile(schema);

/** A field that nobody knows in every object but the attributes. */
function strewn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strewn);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, key === 'attributes' ? member : strewn(member)]);
  return { ...Object.fromEntries(members), zz_custom: { deep: 'kept' } };
}

describe('valid by the schema, and accepted', () => {
  const many = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`k${index}`, 'v']));
  it.each<[string, object]>([
    ['the smallest event', smallestEvent()],
    ['the fullest event', fullestEvent()],
    ['unknown fields at every level', strewn(fullestEvent()) as object],
    ['a later minor version', { ...smallestEvent(), schema: 'picket.event/1.7' }],
    ['more attributes than are kept', { ...smallestEvent(), attributes: many }],
  ])('%s', (_name, event) => {
    expect([validator.Check(event), taken(event).ok]).toEqual([true, true]);
  });

  it('unknown fields become attributes', () => {
    const normalised = taken(strewn(smallestEvent()) as object);
    expect(normalised).toMatchObject({
      event: {
        attributes: { 'zz_custom.deep': 'kept', 'agent.zz_custom.deep': 'kept', 'action.zz_custom.deep': 'kept' },
      },
    });
  });
});

it.each<[string, object]>([
  ['no agent', { ...smallestEvent(), agent: undefined }],
  ['an agent without id', { ...smallestEvent(), agent: { name: 'a' } }],
  ['an act of no known type', { ...smallestEvent(), action: { type: 'dance', name: 'x' } }],
  ['a long id', { ...smallestEvent(), id: 'x'.repeat(129) }],
  ['a number for a text', { ...smallestEvent(), endpoint: 7 }],
  ['another contract', { ...smallestEvent(), schema: 'picket.event/2' }],
  ['a version that only begins like it', { ...smallestEvent(), schema: 'picket.event/1.7-beta' }],
])('refused by both: %s', (_name, event) => {
  const plain = JSON.parse(JSON.stringify(event));
  expect([validator.Check(plain), taken(plain).ok]).toEqual([false, false]);
});

it('says what it cannot express: null and empty values count as absent', () => {
  expect(schema.description).toContain('Null, empty texts, empty lists and empty objects are taken as well');
  const sparse = { ...smallestEvent(), session: null, endpoint: '', resources: [], data: {} };
  expect(taken(sparse)).toEqual(taken(smallestEvent()));
});

it('says how far an id is unique: per agent, as repeats are told', () => {
  expect(schema.properties.id.description).toMatch(/once per agent/);
});
