/**
 * Content longer than 64 KiB is cut, not refused: what an agent read may be long, and its beginning still tells.
 */
import { type Content, EVENT_LIMITS } from './event.ts';
import { SECRET_CHARS_MAX } from './secrets.ts';

const NAMES = ['arguments', 'context', 'prompt', 'reasoning', 'result', 'system'] as const satisfies (keyof Content)[];

/** Cutting may leave text that reads as another secret, whose marker may be longer again; this many rounds settle it. */
const ROUNDS_MAX = 3;

/** Cuts each text at `contentBytesMax` UTF-8 bytes or shortly before, in place, and returns the names of those cut. */
export function capContent(content: Content, redact: (text: string) => string): string[] {
  const cut: string[] = [];
  for (const name of NAMES) {
    const text = content[name];
    if (text === undefined || fits(text)) continue;
    content[name] = settle(redactStart(text, redact), redact);
    cut.push(name);
  }
  return cut;
}

/** Names of content fields among `value`, in order; undefined when it is anything but a list of them. */
export function readContentNames(value: unknown): string[] | undefined {
  if (!Array.isArray(value) || value.length > NAMES.length) return undefined;
  const names = NAMES.filter((name) => value.includes(name));
  return names.length === value.length && names.length > 0 ? names : undefined;
}

function fits(text: string): boolean {
  const bytesMax = EVENT_LIMITS.contentBytesMax;
  return text.length * 3 <= bytesMax || (text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax);
}

/**
 * The part of a long text that may be kept, with secrets replaced. Replaced before the cut, because half a secret is not recognised;
 * and what stands at the end of the part looked at may be half of one, so that the length of the longest secret is given up there.
 */
function redactStart(text: string, redact: (text: string) => string): string {
  const looked = text.slice(0, EVENT_LIMITS.contentBytesMax + SECRET_CHARS_MAX);
  const redacted = redact(looked.toWellFormed());
  return looked.length === text.length ? redacted : redacted.slice(0, -SECRET_CHARS_MAX).toWellFormed();
}

function settle(text: string, redact: (text: string) => string): string {
  let settled = cutBytes(text);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const next = cutBytes(redact(settled));
    if (next === settled) break;
    settled = next;
  }
  return settled;
}

/** encodeInto writes whole code points only, and says how much of the text they were. */
function cutBytes(text: string): string {
  if (fits(text)) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(EVENT_LIMITS.contentBytesMax));
  return text.slice(0, read);
}
