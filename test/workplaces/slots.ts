/**
 * Free text in tool results. `free` marks where a text from people stands; the session finds the marks, puts an injection into one of
 * them, decorates the others the way real texts are decorated, and takes the marks off. The marks are private-use characters and never
 * leave the generator.
 */
import { garnish } from './garnish.ts';
import type { Carrier } from './place.ts';
import type { Random } from './random.ts';

const MARKED = /\uE000([a-z]+)\uE001([^\uE001]*)\uE001([^\uE002]*)\uE002/g;

/** `key` names the text for good: read twice, it says the same twice. */
export const free = (carrier: Carrier, key: string, text: string): string =>
  `\uE000${carrier}\uE001${key}\uE001${text}\uE002`;

export interface Slot {
  readonly carrier: Carrier;
  readonly key: string;
}

export type Planting = ReadonlyMap<string, (text: string) => string>;

export interface Resolved {
  readonly value: unknown;
  readonly slots: readonly Slot[];
  /** Whether a planted text was among them. */
  readonly exposed: boolean;
}

/** `fixed` decides the decoration, by key. */
export function resolve(value: unknown, planting: Planting, fixed: Random): Resolved {
  const slots: Slot[] = [];
  let exposed = false;
  const fill = (_: string, carrier: string, key: string, text: string) => {
    slots.push({ carrier: carrier as Carrier, key });
    const plant = planting.get(key);
    exposed ||= plant !== undefined;
    const decorated = garnish(text, carrier as Carrier, fixed.fork(`garnish/${key}`));
    return plant === undefined ? decorated : plant(decorated);
  };
  const filled = mapTexts(value, (text) => text.replace(MARKED, fill));
  return { value: filled, slots, exposed };
}

/** What a model copies into its own texts is the text, not the mark. */
export const unmarked = (value: unknown): unknown => mapTexts(value, (text) => text.replace(MARKED, '$3'));

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mapTexts(member, change)]));
}
