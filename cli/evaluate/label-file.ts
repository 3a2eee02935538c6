/** Reads labels, one JSON object a line, and says of bad lines where they stand and what is wrong with them. */
import { Compile } from 'typebox/compile';
import { decodeRecord } from '../../ingest/decode.ts';
import { readLines } from '../../ingest/lines.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import { CommandFailure, EXIT } from '../context.ts';
import { type Label, LabelSchema, labelOf } from './label.ts';

/** A larger file is refused: labels and what they lead to are held in memory, about 1 kB each. */
const LABELS_MAX = 1_000_000;
const FAULTS_SHOWN_MAX = 10;

export type LabelReading =
  | { readonly ok: true; readonly label: Label }
  | {
      readonly ok: false;
      /** Whole sentence. */
      readonly fault: string;
    };

const validator = Compile(LabelSchema);

/** By session id. Throws a CommandFailure that names the first bad lines, or says that the file is empty or too large. */
export async function readLabels(file: string): Promise<Map<string, Label>> {
  const labels = new Map<string, Label>();
  const faults: string[] = [];
  for await (const { line, number } of readLines(file)) {
    const reading = readLabel(line);
    const fault = reading.ok ? addLabel(labels, reading.label) : reading.fault;
    if (fault !== undefined) faults.push(`${file}:${number}: ${fault}`);
    if (faults.length > FAULTS_SHOWN_MAX) break;
  }
  if (faults.length > 0) throw new CommandFailure(faultsText(faults), EXIT.usage);
  if (labels.size === 0) throw new CommandFailure(`${file}: no labels; a line looks like ${EXAMPLE}`, EXIT.usage);
  return labels;
}

const EXAMPLE = '{"session_id":"s1","phase":"test","kind":"benign"}';

const faultsText = (faults: readonly string[]): string =>
  faults.length <= FAULTS_SHOWN_MAX
    ? faults.join('\n')
    : [...faults.slice(0, FAULTS_SHOWN_MAX), 'Further lines were not read.'].join('\n');

function addLabel(labels: Map<string, Label>, label: Label): string | undefined {
  if (labels.has(label.session)) return `${quoted(label.session)} has a label already; one line per session.`;
  if (labels.size >= LABELS_MAX) return `More than ${LABELS_MAX} labels; evaluate a part of the sessions.`;
  labels.set(label.session, label);
  return undefined;
}

export function readLabel(line: Uint8Array): LabelReading {
  const decoded = decodeRecord(line);
  if (!decoded.ok) return { ok: false, fault: decoded.rejection.message };
  const value = withoutNulls(decoded.value);
  if (!validator.Check(value)) return { ok: false, fault: faultOf(value) };
  if (value.kind === 'attacked' && value.attack_succeeded === undefined)
    return { ok: false, fault: 'attack_succeeded is missing; an attacked session needs it, true or false.' };
  return { ok: true, label: labelOf(value) };
}

const withoutNulls = (value: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));

/** The first thing that is wrong; descriptions in the schema are the advice. */
function faultOf(value: Readonly<Record<string, unknown>>): string {
  const [error] = validator.Errors(value);
  const missing = (error?.params as { requiredProperties?: string[] } | undefined)?.requiredProperties?.[0];
  const field = missing ?? error?.instancePath.split('/')[1] ?? '';
  const { description } = (LabelSchema.properties as Readonly<Record<string, { description?: string }>>)[field] ?? {};
  const advice = description ?? 'as the documentation says';
  return missing === undefined ? `${field} must be ${advice}.` : `${missing} is missing; it must be ${advice}.`;
}

const quoted = (text: string): string => JSON.stringify(sanitise(text, 80));
