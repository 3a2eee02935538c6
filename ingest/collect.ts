/**
 * Sorts what a producer sent into what the schema knows and what it does not. The copy has canonical key order, defaults and no
 * empty values; its values are still unchecked.
 */
import {
  type AttributePool,
  createAttributePool,
  declareAttribute,
  isEmpty,
  joinKey,
  liftField,
  mergeAttributes,
} from './attributes.ts';
import { readContentNames } from './content-cap.ts';
import { EVENT_LIMITS } from './event.ts';
import { EVENT_SHAPE, type GroupShape, type Shape } from './event-shape.ts';

export interface Collected {
  readonly fields: Record<string, unknown>;
  readonly attributesDropped: number;
  /** Content that was cut before it came here: an event may pass through Picket twice. */
  readonly contentCut: readonly string[];
}

/** `fallbackId`: the event's id when it brings none. */
export type Collect = (value: Record<string, unknown>, fallbackId: string) => Collected;

export function createCollector(): Collect {
  const copyEvent = compileCopy(EVENT_SHAPE, ['id', 'endpoint', 'outcome']);

  return function collect(value, fallbackId) {
    const defaults = { id: fallbackId, endpoint: actionName(value), outcome: 'unknown' };
    const pools = { declared: createAttributePool(), lifted: createAttributePool(), defaults };
    const fields = copyEvent(value, '', pools) ?? {};
    const { attributes, dropped } = mergeAttributes(pools.declared, pools.lifted);
    if (attributes !== undefined) fields['attributes'] = attributes;
    const droppedBefore = isCount(value['attributes_dropped']) ? value['attributes_dropped'] : 0;
    return {
      fields,
      attributesDropped: Math.min(droppedBefore + dropped, Number.MAX_SAFE_INTEGER),
      contentCut: readContentNames(value['content_cut']) ?? [],
    };
  };
}

function actionName({ action }: Record<string, unknown>): unknown {
  return typeof action === 'object' && action !== null && 'name' in action ? action.name || undefined : undefined;
}

interface Pools {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly declared: AttributePool;
  readonly lifted: AttributePool;
}

/** The kept part of a value; undefined when nothing of it is kept. */
type Copy = (value: unknown, path: string, pools: Pools) => unknown;
type CopyGroup = (group: Record<string, unknown>, path: string, pools: Pools) => Record<string, unknown> | undefined;

/**
 * A function that copies one group, generated from its shape at start-up as the validator is: with names known to the engine it
 * takes a quarter of the time of a loop over them, and this runs for every event. Nothing but the schema's own names enters the
 * source.
 */
function compileCopy(shape: GroupShape, defaulted: readonly string[] = []): CopyGroup {
  const copies = shape.shapes.map((member, index) => compileMember(member, shape.names[index] ?? ''));
  const members = shape.names.map((name, index) => {
    const key = JSON.stringify(name);
    return `value = group[${key}];
      if (value !== undefined) { known += 1; value = copies[${index}](value, path, pools); }
      ${defaulted.includes(name) ? `if (value === undefined) value = pools.defaults[${key}];` : ''}
      if (value !== undefined) { kept += 1; copy[${key}] = value; }`;
  });
  const body = `return function copyGroup(group, path, pools) {
    const copy = {};
    let known = 0, kept = 0, keys = 0, value;
    ${members.join('\n')}
    for (const _key in group) keys += 1;
    if (keys !== known) liftUnknown(group, path, pools);
    return kept === 0 ? undefined : copy;
  }`;
  const lift = (group: Record<string, unknown>, path: string, pools: Pools) => liftUnknown(group, shape, path, pools);
  return new Function('copies', 'liftUnknown', body)(copies, lift) as CopyGroup;
}

function compileMember(shape: Shape, name: string): Copy {
  const below = compileShape(shape);
  const join = (path: string) => (path === '' || name === '' ? path + name : `${path}.${name}`);
  if (shape.kind === 'ignored') return () => undefined;
  return function copyMember(value, path, pools) {
    if (typeof value === 'string') return value === '' ? undefined : value;
    // Adding 0 turns -0 into 0: JSON cannot tell them apart.
    if (typeof value === 'number') return value + 0;
    if (isEmpty(value)) return undefined;
    return typeof value === 'object' ? below(value, join(path), pools) : value;
  };
}

/** Objects and lists. One of the wrong kind is kept as it is: to refuse it is the validator's business. */
function compileShape(shape: Shape): Copy {
  if (shape.kind === 'group') {
    const copyGroup = compileCopy(shape);
    return (value, path, pools) =>
      Array.isArray(value) ? value : copyGroup(value as Record<string, unknown>, path, pools);
  }
  if (shape.kind === 'list') {
    const copyItem = compileMember(shape.item, '');
    return (value, path, pools) => (Array.isArray(value) ? copyList(value, copyItem, path, pools) : value);
  }
  if (shape.kind === 'attributes') return declareAttributes;
  return (value) => value;
}

function declareAttributes(value: unknown, _path: string, { declared }: Pools): unknown {
  if (Array.isArray(value)) return value;
  for (const [key, member] of Object.entries(value as object)) declareAttribute(declared, key, member);
  return undefined;
}

/** Empty items fall out like empty fields. One item too many is enough to refuse the list. */
function copyList(list: readonly unknown[], copyItem: Copy, path: string, pools: Pools): unknown[] | undefined {
  const copied: unknown[] = [];
  for (let index = 0; index < list.length && copied.length <= EVENT_LIMITS.listItemsMax; index += 1) {
    const kept = copyItem(list[index], `${path}.${index}`, pools);
    if (kept !== undefined) copied.push(kept);
  }
  return copied.length === 0 ? undefined : copied;
}

function liftUnknown(group: Record<string, unknown>, shape: GroupShape, path: string, { lifted }: Pools): void {
  for (const [key, value] of Object.entries(group)) {
    if (shape.known.has(key) || (path === '' && isOwnMark(key, value))) continue;
    liftField(lifted, joinKey(path, key), value);
  }
}

/** Marks that Picket itself puts on an event; of any other form, they are unknown fields like all others. */
function isOwnMark(key: string, value: unknown): boolean {
  if (key === 'attributes_dropped') return isCount(value);
  return key === 'content_cut' && readContentNames(value) !== undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
