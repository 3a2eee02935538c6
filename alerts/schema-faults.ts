/** What a schema says against a YAML file, in sentences that tell what to do, at the place to do it. */
import type { TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';
import type { Fault, PositionedYaml, YamlPath } from './positioned-yaml.ts';

type SchemaNode = { readonly [keyword: string]: unknown };

/** One fault for each place, in the order of the file; empty when the value fits. Descriptions in the schema are the advice. */
export function schemaFaults(validator: Validator, schema: TSchema, yaml: PositionedYaml): Fault[] {
  const faults = new Map<string, Fault>();
  const put = (path: YamlPath, fault: Fault) => {
    if (!faults.has(path.join('/'))) faults.set(path.join('/'), fault);
  };
  for (const error of validator.Errors(yaml.value)) {
    const path = error.instancePath.split('/').slice(1).map(unescapePointer);
    const params = error.params as { requiredProperties?: string[]; additionalProperties?: string[] };
    if (error.keyword === 'required') {
      for (const key of params.requiredProperties ?? []) put([...path, key], missing(yaml, schema, [...path, key]));
    } else if (error.keyword === 'additionalProperties') {
      for (const key of params.additionalProperties ?? []) put([...path, key], unknown(yaml, schema, path, key));
    } else if (error.keyword !== 'boolean') {
      put(path, wrong(yaml, schema, path));
    }
  }
  return [...faults.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

function missing(yaml: PositionedYaml, schema: TSchema, path: YamlPath): Fault {
  return yaml.at(path, `${path.join('.')} is missing; add ${adviceAt(schema, path)}.`);
}

function wrong(yaml: PositionedYaml, schema: TSchema, path: YamlPath): Fault {
  const subject = path.length === 0 ? 'The file' : path.join('.');
  return yaml.at(path, `${subject} must be ${adviceAt(schema, path)}.`);
}

function unknown(yaml: PositionedYaml, schema: TSchema, path: YamlPath, key: string): Fault {
  const known = Object.keys(propertiesOf(nodeAt(schema, path)));
  const message = `${[...path, key].join('.')} is not a field of a playbook; remove it or use one of ${known.join(', ')}.`;
  return yaml.atKey([...path, key], message);
}

/** The nearest description on the way to `path`. */
function adviceAt(schema: TSchema, path: YamlPath): string {
  for (let length = path.length; length >= 0; length--) {
    const { description } = nodeAt(schema, path.slice(0, length));
    if (typeof description === 'string') return description;
  }
  return 'what the schema says';
}

function nodeAt(schema: TSchema, path: YamlPath): SchemaNode {
  let node = schema as SchemaNode;
  for (const step of path) {
    const patterns = Object.values((node['patternProperties'] ?? {}) as Record<string, SchemaNode>);
    node = propertiesOf(node)[step] ?? patterns[0] ?? {};
  }
  return node;
}

const propertiesOf = (node: SchemaNode) => (node['properties'] ?? {}) as Record<string, SchemaNode>;

const unescapePointer = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');
