import type { RawLine } from '../ingest/lines.ts';

/**
 * The line with an id, when its event has none: the digest of the file up to here, so that the same file gives the same ids. The id is
 * put in as text, because writing the event anew would hide what is wrong with it (a repeated key, a number out of range). Lines
 * that are no JSON object go on as they are, to be refused.
 */
export function withDerivedId({ line, prefixDigest }: RawLine): Uint8Array {
  const start = line.indexOf(OPENING_BRACE);
  if (start < 0 || !lacksId(line)) return line;
  const rest = line.subarray(start + 1);
  const comma = rest.toString('latin1').trimStart().startsWith('}') ? '' : ',';
  return Buffer.concat([line.subarray(0, start + 1), Buffer.from(`"id":"file:${prefixDigest}"${comma}`), rest]);
}

const OPENING_BRACE = 0x7b;

function lacksId(line: Buffer): boolean {
  try {
    const event = JSON.parse(line.toString('utf8')) as unknown;
    return typeof event === 'object' && event !== null && !Array.isArray(event) && !Object.hasOwn(event, 'id');
  } catch {
    return false;
  }
}
