/**
 * Turns the validator's first error into words a producer can act on.
 */
import type { Rejection } from './dead-letter.ts';
import { EventSchema } from './event.ts';
import { fieldPath } from './json-guard.ts';

/** The parts of a TypeBox error that are read here. */
export interface SchemaError {
  readonly keyword: string;
  /** RFC 6901 pointer to the value. */
  readonly instancePath: string;
  readonly params: object;
}

export function rejectionOf(error: SchemaError): Rejection {
  const path = pointerPath(error.instancePath);
  if (error.keyword !== 'required') return invalid(path);
  const [missing = ''] = (error.params as { requiredProperties?: string[] }).requiredProperties ?? [];
  const field = fieldPath([...path, missing]);
  return { code: 'missing_field', field, message: `${field} is required and is absent, null or empty.` };
}

function invalid(path: readonly string[]): Rejection {
  const field = fieldPath(path);
  return { code: 'invalid_field', field, message: `${field} must be ${expectation(schemaAt(path))}.` };
}

function pointerPath(pointer: string): string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The parts of JSON Schema that `EventSchema` is made of. */
interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

function schemaAt(path: readonly string[]): JsonSchema | undefined {
  let schema: JsonSchema | undefined = EventSchema as unknown as JsonSchema;
  for (const step of path) {
    schema = memberSchema(schema, step);
  }
  return schema;
}

function memberSchema(schema: JsonSchema | undefined, step: string): JsonSchema | undefined {
  const { properties = {}, items, patternProperties = {} } = schema ?? {};
  if (Object.hasOwn(properties, step)) return properties[step];
  return items ?? Object.values(patternProperties)[0];
}

function expectation(schema: JsonSchema | undefined): string {
  if (schema?.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  if (schema?.anyOf !== undefined) return 'an RFC 3339 string with a zone, or integer milliseconds since 1970';
  if (schema?.type === 'integer') return 'an integer from 0 to 2^53-1';
  if (schema?.type === 'array') return `a list of at most ${schema.maxItems} items`;
  if (schema?.patternProperties !== undefined) return 'a flat object of strings';
  if (schema?.type === 'object') return 'an object';
  if (schema?.maxLength === undefined) return 'a string';
  return `a string of at most ${schema.maxLength} characters`;
}
