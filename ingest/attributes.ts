/**
 * Unknown fields are kept as flat attributes: a producer's own fields must not be lost, and must not make an event unreadable.
 */
import { cutText } from './destinations.ts';
import { EVENT_LIMITS } from './event.ts';

interface Attribute {
  readonly key: string;
  readonly value: unknown;
}

/** The smallest keys seen, in order, at most `attributesMax`: which fields survive must not depend on the order of keys. */
export interface AttributePool {
  readonly kept: Attribute[];
  dropped: number;
}

export function createAttributePool(): AttributePool {
  return { kept: [], dropped: 0 };
}

/** Null, empty text, empty list and empty object mean absent. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (typeof value !== 'object') return false;
  for (const _key in value) return false;
  return true;
}

/** A dotted key of at most 256 code points. Cut at every level: keys of a hostile record would add up to gigabytes. */
export function joinKey(path: string, key: string): string {
  return cutText(path === '' ? key : `${path}.${key}`, EVENT_LIMITS.nameCharsMax);
}

/** Adds an unknown field; the members of an object one by one, anything else as one attribute. */
export function liftField(pool: AttributePool, key: string, value: unknown): void {
  if (isEmpty(value)) return;
  if (typeof value !== 'object' || Array.isArray(value)) {
    keep(pool, { key, value });
    return;
  }
  for (const [name, member] of Object.entries(value as object)) liftField(pool, joinKey(key, name), member);
}

/** Adds one attribute as the producer declared it; its type is the validator's business. */
export function declareAttribute(pool: AttributePool, key: string, value: unknown): void {
  if (!isEmpty(value)) keep(pool, { key: cutText(key, EVENT_LIMITS.nameCharsMax), value });
}

function keep(pool: AttributePool, attribute: Attribute): void {
  const { kept } = pool;
  let at = kept.length;
  while (at > 0 && attribute.key < (kept[at - 1]?.key ?? '')) at -= 1;
  const twin = kept[at - 1];
  if (twin?.key === attribute.key) {
    // Two fields may flatten to one key; the smaller text wins, whichever came first.
    if (attributeText(attribute.value) < attributeText(twin.value)) kept[at - 1] = attribute;
    pool.dropped += 1;
    return;
  }
  if (at < EVENT_LIMITS.attributesMax) kept.splice(at, 0, attribute);
  if (at >= EVENT_LIMITS.attributesMax || kept.length > EVENT_LIMITS.attributesMax) pool.dropped += 1;
  kept.length = Math.min(kept.length, EVENT_LIMITS.attributesMax);
}

export interface Attributes {
  /** Undefined when there are none. Values of declared attributes are unchecked. */
  readonly attributes: Record<string, unknown> | undefined;
  readonly dropped: number;
}

/** Declared attributes first, then lifted fields while there is room. Keys in order; no prototype, as keys are the event's. */
export function mergeAttributes(declared: AttributePool, lifted: AttributePool): Attributes {
  const merged = new Map(declared.kept.map(({ key, value }) => [key, value]));
  let dropped = declared.dropped + lifted.dropped;
  for (const { key, value } of lifted.kept) {
    if (merged.size < EVENT_LIMITS.attributesMax && !merged.has(key)) merged.set(key, attributeText(value));
    else dropped += 1;
  }
  if (merged.size === 0) return { attributes: undefined, dropped };
  const attributes: Record<string, unknown> = Object.create(null);
  for (const key of [...merged.keys()].sort()) attributes[key] = merged.get(key);
  return { attributes, dropped };
}

function attributeText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(sortKeys(value));
  return cutText(text, EVENT_LIMITS.valueCharsMax);
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, member]) => [key, sortKeys(member)]));
}
