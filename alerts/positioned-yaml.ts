/** YAML whose every fault can be shown with line and column. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';

export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export type YamlPath = readonly string[];

export interface PositionedYaml {
  /** Plain data; only of use when there are no faults. */
  readonly value: unknown;
  /** Faults of the syntax: repeated keys, unknown tags and aliases, a second document. */
  readonly faults: readonly Fault[];
  /** A fault at the value of `path`, or at the deepest part of it that exists. */
  at(path: YamlPath, message: string): Fault;
  /** A fault at the last key of `path`. */
  atKey(path: YamlPath, message: string): Fault;
}

/** Never throws. Anchors are bounded by the library: 100 expansions, then a fault. */
export function parseYaml(text: string): PositionedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const fault = (offset: number, message: string): Fault => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), message };
  };
  const faults = [...document.errors, ...document.warnings].map((error) => fault(error.pos[0], `${error.message}.`));
  const { value, problem } = toData(document);
  return {
    value,
    faults: problem === null ? faults : [...faults, fault(firstAliasOffset(document), problem)],
    at: (path, message) => fault(offsetOf(document, path), message),
    atKey: (path, message) => fault(keyOffsetOf(document, path), message),
  };
}

function toData(document: Document): { value: unknown; problem: string | null } {
  try {
    return { value: document.toJS(), problem: null };
  } catch (error) {
    return { value: null, problem: `${error instanceof Error ? error.message : 'The file cannot be read'}.` };
  }
}

/** Only an alias can still be wrong once the syntax is right: it names nothing, or is repeated too often. */
function firstAliasOffset(document: Document): number {
  let offset = 0;
  visit(document, {
    Alias(_key, node) {
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function offsetOf(document: Document, path: YamlPath): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(steps(path.slice(0, length)), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function keyOffsetOf(document: Document, path: YamlPath): number {
  const parent = path.length === 1 ? document.contents : document.getIn(steps(path.slice(0, -1)), true);
  const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
  return isScalar(pair?.key) && pair.key.range ? pair.key.range[0] : offsetOf(document, path);
}

/** Places in lists are numbers to the library. */
const steps = (path: YamlPath) => path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
