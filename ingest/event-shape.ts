/**
 * The event schema as a tree that can be walked quickly: which keys are known, in canonical order, and which are texts.
 */
import { EVENT_LIMITS, EventSchema } from './event.ts';

export interface GroupShape {
  readonly kind: 'group';
  /** Sorted by UTF-16 code units, save that attributes stand last: they are complete only when all else is read. */
  readonly names: readonly string[];
  /** Shapes in the order of `names`. */
  readonly shapes: readonly Shape[];
  readonly known: ReadonlySet<string>;
}

export type Shape =
  | GroupShape
  | { readonly kind: 'list'; readonly item: Shape }
  /** `charsMax` in code points; content has none, its cap is in bytes. */
  | { readonly kind: 'text'; readonly charsMax: number | undefined }
  | { readonly kind: 'value' }
  /** Known, read apart, and no part of a normalised event: `schema`. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'attributes' };

/** The parts of JSON Schema that `EventSchema` is made of. */
interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: object;
  readonly items?: JsonSchema;
  readonly const?: string;
  readonly maxLength?: number;
}

function shapeOf(schema: JsonSchema): Shape {
  if (schema.properties !== undefined) return groupOf(schema.properties);
  if (schema.patternProperties !== undefined) return { kind: 'attributes' };
  if (schema.items !== undefined) return { kind: 'list', item: shapeOf(schema.items) };
  if (schema.const !== undefined) return { kind: 'ignored' };
  if (schema.type === 'string') return { kind: 'text', charsMax: schema.maxLength };
  return { kind: 'value' };
}

function groupOf(properties: Readonly<Record<string, JsonSchema>>): GroupShape {
  const members = Object.entries(properties).sort(
    ([a], [b]) => Number(a === 'attributes') - Number(b === 'attributes') || (a < b ? -1 : 1),
  );
  const names = members.map(([name]) => name);
  return { kind: 'group', names, shapes: members.map(([, schema]) => shapeOf(schema)), known: new Set(names) };
}

export const EVENT_SHAPE: GroupShape = groupOf(EventSchema.properties as unknown as Record<string, JsonSchema>);

/** New text for old; `charsMax` is the field's limit in code points, absent for content. */
export type Rewrite = (text: string, charsMax: number | undefined) => string;

/** Rewrites every text of a normalised event in place, keys of attributes included. */
export function rewriteTexts(event: Record<string, unknown>, rewrite: Rewrite): void {
  rewriteGroup(event, EVENT_SHAPE, rewrite);
}

function rewriteGroup(group: Record<string, unknown>, shape: GroupShape, rewrite: Rewrite): void {
  for (const [index, name] of shape.names.entries()) {
    const member = shape.shapes[index];
    if (member !== undefined && group[name] !== undefined) group[name] = rewriteValue(group[name], member, rewrite);
  }
}

function rewriteValue(value: unknown, shape: Shape, rewrite: Rewrite): unknown {
  if (shape.kind === 'text' && typeof value === 'string') return rewrite(value, shape.charsMax);
  if (shape.kind === 'list' && Array.isArray(value))
    return value.map((item) => rewriteValue(item, shape.item, rewrite));
  if (shape.kind === 'attributes') return rewriteAttributes(value as Record<string, string>, rewrite);
  if (shape.kind === 'group') rewriteGroup(value as Record<string, unknown>, shape, rewrite);
  return value;
}

function rewriteAttributes(attributes: Record<string, string>, rewrite: Rewrite): Record<string, string> {
  const entries = Object.entries(attributes).map(([key, value]): [string, string] => [
    rewrite(key, EVENT_LIMITS.nameCharsMax),
    rewrite(value, EVENT_LIMITS.valueCharsMax),
  ]);
  const rewritten: Record<string, string> = Object.create(null);
  for (const [key, value] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) rewritten[key] = value;
  return rewritten;
}
