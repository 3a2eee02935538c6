/** From the text of one playbook file to a playbook, or to everything that is wrong with it. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { Compile } from 'typebox/compile';
import { severityId } from '../baselines/severity.ts';
import type { Severity } from '../baselines/verdict.ts';
import { checkUrl, EgressDenied } from './egress-guard.ts';
import { type PlaybookFile, PlaybookSchema } from './playbook-schema.ts';
import { type Fault, type PositionedYaml, parseYaml, type YamlPath } from './positioned-yaml.ts';
import { schemaFaults } from './schema-faults.ts';
import { secretFault } from './standard-webhooks.ts';

export interface Playbook {
  readonly name: string;
  /** Path of its file. */
  readonly file: string;
  /** A disabled playbook is listed, never matches, and its `${NAME}` references are left as they are. */
  readonly enabled: boolean;
  readonly when: {
    readonly severityMin: Severity;
    /** Empty: any. The same for the two lists after it. */
    readonly detectors: readonly string[];
    readonly agentKinds: readonly string[];
    readonly tenants: readonly string[];
    readonly onBackfill: boolean;
  };
  /** Holds secrets: never log it or show it. */
  readonly webhook: {
    readonly url: string;
    /** Signing secrets, each with its `whsec_`; empty: not signed. */
    readonly secrets: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly allowPrivateNetwork: boolean;
  };
  /** Scheme, host and port of the URL: the part that may be shown. */
  readonly target: string;
  /** At most one alert of an agent in this time; 0: no throttle. */
  readonly throttleMs: number;
}

export interface PlaybookSource {
  readonly path: string;
  readonly text: string;
}

/** Gives the value of a `${NAME}` reference, or undefined when there is none. */
export type SecretLookup = (name: string) => string | undefined;

const FILE_CHARS_MAX = 64 * 1024;
const TIMEOUT_MS_DEFAULT = 15_000;
const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
/** Set by the dispatcher; a second value would contradict the body or the signature. */
const RESERVED_HEADERS =
  /^(?:host|connection|content-length|content-type|content-encoding|transfer-encoding|expect|upgrade|te|trailer|webhook-.*)$/i;

const validator = Compile(PlaybookSchema);

type Reading = { readonly playbook: Playbook | null; readonly faults: readonly Fault[] };

export function readPlaybook(file: PlaybookSource, lookup: SecretLookup, detectors?: readonly string[]): Reading {
  if (file.text.length > FILE_CHARS_MAX) {
    const message = `The file is longer than ${FILE_CHARS_MAX} characters; a playbook needs a few lines.`;
    return { playbook: null, faults: [{ line: 1, column: 1, message }] };
  }
  const yaml = parseYaml(file.text);
  if (yaml.faults.length > 0) return { playbook: null, faults: yaml.faults };
  const shape = schemaFaults(validator, PlaybookSchema, yaml);
  const content = shape.length > 0 ? fittingParts(yaml.value) : (yaml.value as PlaybookFile);
  const { playbook, faults } = build(file.path, content, yaml, lookup, detectors);
  return shape.length > 0 ? { playbook: null, faults: inOrder(shape, faults) } : { playbook, faults };
}

/** In the order of the file. Where the shape is wrong already, nothing more is said; else several things may be wrong at one place. */
function inOrder(shape: readonly Fault[], content: readonly Fault[]): Fault[] {
  const placeOf = ({ line, column }: Fault) => `${line}:${column}`;
  const places = new Set(shape.map(placeOf));
  const further = content.filter((fault) => !places.has(placeOf(fault)));
  return [...shape, ...further].sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Of a file whose shape is wrong: what can be looked at all the same, so that nobody has to mend it twice. Never becomes a playbook. */
function fittingParts(value: unknown): PlaybookFile {
  const { enabled, when, webhook } = groupOf(value);
  const { detectors } = groupOf(when);
  const { url, secret, headers, allow_private_network: isPrivate } = groupOf(webhook);
  const texts = Object.entries(groupOf(headers)).filter((entry): entry is [string, string] => isText(entry[1]));
  return {
    name: '',
    enabled: enabled !== false,
    when: isTexts(detectors) ? { detectors } : {},
    webhook: {
      url: isText(url) ? url : '',
      ...(isText(secret) || isTexts(secret) ? { secret } : {}),
      headers: Object.fromEntries(texts),
      allow_private_network: isPrivate === true,
    },
  };
}

const groupOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

function build(
  path: string,
  content: PlaybookFile,
  yaml: PositionedYaml,
  lookup: SecretLookup,
  detectors?: readonly string[],
): Reading {
  const enabled = content.enabled ?? true;
  const check = new Findings(yaml, enabled ? lookup : null);
  const allowPrivateNetwork = content.webhook.allow_private_network ?? false;
  const url = check.text(['webhook', 'url'], content.webhook.url);
  const playbook: Playbook = {
    name: content.name,
    file: path,
    enabled,
    when: conditions(content.when),
    webhook: {
      url,
      secrets: secrets(check, content.webhook.secret),
      headers: headers(check, content.webhook.headers ?? {}),
      timeoutMs: content.webhook.timeout_ms ?? TIMEOUT_MS_DEFAULT,
      allowPrivateNetwork,
    },
    target: target(check, url, allowPrivateNetwork),
    throttleMs: (content.throttle?.per_agent_minutes ?? 0) * 60_000,
  };
  knownDetectors(check, playbook.when.detectors, detectors);
  return { playbook: check.faults.length === 0 ? playbook : null, faults: check.faults };
}

/** Collects faults on the way, so that a person sees all of them at once. */
class Findings {
  readonly faults: Fault[] = [];
  readonly #yaml: PositionedYaml;
  readonly #lookup: SecretLookup | null;

  constructor(yaml: PositionedYaml, lookup: SecretLookup | null) {
    this.#yaml = yaml;
    this.#lookup = lookup;
  }

  add(path: YamlPath, message: string): void {
    this.faults.push(this.#yaml.at(path, message));
  }

  /** `text` with its references replaced; left as it is in a disabled playbook, whose secrets need not exist. */
  text(path: YamlPath, text: string): string {
    const lookup = this.#lookup;
    if (lookup === null) return text;
    return text.replace(REFERENCE, (reference, name: string) => {
      const value = lookup(name);
      if (value !== undefined && value !== '') return value;
      this.add(
        path,
        `${path.join('.')} refers to ${reference}, which is not set; set it in the environment of Picket.`,
      );
      return reference;
    });
  }
}

/** A reference that was not replaced: the value is not known, so nothing can be said about it. */
const isOpen = (text: string) => text.search(REFERENCE) >= 0;

function conditions(when: PlaybookFile['when']): Playbook['when'] {
  return {
    severityMin: severityId(when.severity_min ?? 'informational'),
    detectors: when.detectors ?? [],
    agentKinds: when.agent_kinds ?? [],
    tenants: when.tenants ?? [],
    onBackfill: when.on_backfill ?? false,
  };
}

function secrets(check: Findings, secret: string | string[] | undefined): string[] {
  const list = secret === undefined ? [] : [secret].flat();
  return list.map((item, index) => {
    const path = typeof secret === 'string' ? ['webhook', 'secret'] : ['webhook', 'secret', String(index)];
    const value = check.text(path, item);
    const fault = isOpen(value) ? null : secretFault(value);
    if (fault !== null) check.add(path, `${path.join('.')} cannot be used: ${fault}.`);
    return value;
  });
}

function headers(check: Findings, given: Record<string, string>): Record<string, string> {
  const entries = Object.entries(given).map(([name, text]): [string, string] => {
    const path = ['webhook', 'headers', name];
    const value = check.text(path, text);
    const fault = headerFault(name, value);
    if (fault !== null) check.add(path, `${path.join('.')} cannot be used: ${fault}.`);
    return [name.toLowerCase(), value];
  });
  return Object.fromEntries(entries);
}

function headerFault(name: string, value: string): string | null {
  if (RESERVED_HEADERS.test(name)) return 'Picket sets this header itself';
  try {
    validateHeaderName(name);
  } catch {
    return 'a header name holds letters, digits and dashes';
  }
  try {
    validateHeaderValue(name, value);
    return null;
  } catch {
    return 'a header value is one line without control characters';
  }
}

function target(check: Findings, url: string, allowPrivateNetwork: boolean): string {
  if (url === '' || isOpen(url)) return '';
  try {
    return checkUrl(url, { allowPrivateNetwork }).origin;
  } catch (error) {
    if (!(error instanceof EgressDenied)) throw error;
    check.add(['webhook', 'url'], `webhook.url cannot be used. ${error.message}`);
    return '';
  }
}

function knownDetectors(check: Findings, names: readonly string[], known?: readonly string[]): void {
  if (known === undefined) return;
  for (const [index, name] of names.entries()) {
    if (known.includes(name)) continue;
    check.add(
      ['when', 'detectors', String(index)],
      `There is no detector ${name}; the detectors are ${known.join(', ')}.`,
    );
  }
}
