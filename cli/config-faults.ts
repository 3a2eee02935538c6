/** What the schema says against settings, in words for who wrote them. */
import type { TSchema } from 'typebox';
import { nearName } from './near-name.ts';

/** The parts of a TypeBox error that are read here. */
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
  readonly message: string;
}

export interface SettingFault {
  readonly path: readonly string[];
  /** The last step of `path` is a key that should not be there. */
  readonly unknown: boolean;
  /** A sentence without its full stop. */
  readonly text: string;
}

/** One for each place, in the order of the schema. */
export function settingFaults(schema: TSchema, errors: Iterable<SchemaError>): SettingFault[] {
  const faults = new Map<string, SettingFault>();
  for (const error of errors)
    for (const fault of faultsOf(schema, error)) {
      const place = fault.path.join('.');
      if (!faults.has(place)) faults.set(place, fault);
    }
  return [...faults.values()];
}

interface Facts {
  readonly requiredProperties?: readonly string[];
  readonly additionalProperties?: readonly string[];
  readonly allowedValues?: readonly unknown[];
  readonly type?: string;
}

function faultsOf(schema: TSchema, { keyword, instancePath, params, message }: SchemaError): SettingFault[] {
  const path = instancePath.split('/').slice(1).map(unescapePointer);
  const facts = params as Facts;
  // The same unknown key again: no value would do at its place.
  if (keyword === 'boolean') return [];
  if (keyword === 'additionalProperties')
    return (facts.additionalProperties ?? []).map((key) => unknownSetting(schema, path, key));
  if (keyword === 'required')
    return (facts.requiredProperties ?? []).map((key) => {
      const place = [...path, key];
      return { path: place, unknown: false, text: `${place.join('.')} is missing` };
    });
  const what = path.length === 0 ? 'the file' : path.join('.');
  return [{ path, unknown: false, text: `${what} ${complaint(facts, keyword, message)}` }];
}

function complaint({ allowedValues, type }: Facts, keyword: string, message: string): string {
  if (allowedValues !== undefined) return `must be one of ${allowedValues.join(', ')}`;
  return keyword === 'type' && type !== undefined ? `must be ${TYPES[type] ?? type}` : message;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a group of settings',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function unknownSetting(schema: TSchema, path: readonly string[], key: string): SettingFault {
  const place = [...path, key];
  const inGroup = (name: string) => [...path, name].join('.');
  const near = nearName(key, Object.keys(propertiesOf(nodeAt(schema, path))));
  const meant = near === undefined ? elsewhere(schema as SchemaNode, key)[0] : inGroup(near);
  const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
  return { path: place, unknown: true, text: `unknown setting "${place.join('.')}"${hint}` };
}

/** Settings of that very name in other groups. */
function elsewhere(node: SchemaNode, key: string, path: readonly string[] = []): string[] {
  return Object.entries(propertiesOf(node)).flatMap(([name, child]) => [
    ...(name === key ? [[...path, name].join('.')] : []),
    ...elsewhere(child, key, [...path, name]),
  ]);
}

type SchemaNode = { readonly [keyword: string]: unknown };

function nodeAt(schema: TSchema, path: readonly string[]): SchemaNode {
  let node = schema as SchemaNode;
  for (const step of path) {
    const patterns = Object.values((node['patternProperties'] ?? {}) as Record<string, SchemaNode>);
    node = propertiesOf(node)[step] ?? patterns[0] ?? ((node['items'] ?? {}) as SchemaNode);
  }
  return node;
}

const propertiesOf = (node: SchemaNode) => (node['properties'] ?? {}) as Record<string, SchemaNode>;

const unescapePointer = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
