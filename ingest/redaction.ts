/**
 * Replaces secrets by `[secret:<family>:<keyed hash>]`. The same secret gives the same marker, so a detector still sees that it
 * travelled; without the key nobody can test a guess.
 */
import { createHmac } from 'node:crypto';
import { findLongRun, runEnd } from './long-run.ts';
import { SECRET_FAMILIES, type SecretFamily } from './secrets.ts';

export interface Redaction {
  /** False when `redact` would change nothing; cheap. Also right for a JSON text that holds the string. */
  mayHoldSecret(text: string): boolean;
  /** Idempotent; linear in the text. Placeholders such as `${TOKEN}`, `<password>` and `xxxx` stay. */
  redact(text: string): string;
}

const HASH_CHARS = 12;
/** Different secrets of one text that are told apart; a text of nothing but secrets must not hold up the others. */
const HASHES_MAX = 256;
/** Stands for the hash of each further one. */
const UNHASHED = 'x'.repeat(HASH_CHARS);
/** Replacing one secret can bare another beside it; after this many passes nothing has been seen to change. */
const PASSES_MAX = 4;

/** `key`: secret bytes, one per installation; another key gives other markers. */
export function createRedaction(key: Uint8Array): Redaction {
  const mayHoldSecret = createPrefilter(SECRET_FAMILIES);

  const families = SECRET_FAMILIES.map((family) => ({ ...family, hint: new RegExp(family.hint) }));

  function hashOf(secret: string): string {
    return createHmac('sha256', key).update(secret).digest('hex').slice(0, HASH_CHARS);
  }

  function redactOnce(text: string, hashes: Map<string, string>): string {
    let redacted = text;
    for (const { id, hint, pattern, entropyMin } of families) {
      if (!hint.test(redacted)) continue;
      redacted = redacted.replace(pattern, (secret: string) => {
        if (isPlaceholder(secret) || entropyBits(secret) < entropyMin) return secret;
        const hash = hashes.get(secret) ?? (hashes.size < HASHES_MAX ? hashOf(secret) : UNHASHED);
        if (hash !== UNHASHED) hashes.set(secret, hash);
        return `[secret:${id}:${hash}]`;
      });
    }
    return redacted;
  }

  function redact(text: string): string {
    if (!mayHoldSecret(text)) return text;
    const hashes = new Map<string, string>();
    let before = text;
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const after = redactOnce(before, hashes);
      if (after === before) return after;
      before = after;
    }
    return before;
  }

  return { mayHoldSecret, redact };
}

/** What introduces a token stands at most this far before it: `Authorization: Bearer`, `hooks.slack.com/services/`. */
const LEAD_CHARS = 48;
/** Prefixes that end in a dot or a colon lie outside the run: `ya29.`, `SG.`. */
const PREFIX_CHARS = 8;

/** Most texts hold no long run and no needle; the rest is decided by hints, at the run only. */
function createPrefilter(families: readonly SecretFamily[]): (text: string) => boolean {
  const runHint = hintsOf(families.filter(({ near }) => near === 'run'));
  const leadHint = hintsOf(families.filter(({ near }) => near === 'lead'));
  const needles = families.flatMap(({ near, hint }) =>
    typeof near === 'string' ? [] : [{ needle: near.needle, hint: new RegExp(hint) }],
  );

  function hintAtRun(text: string): boolean {
    for (let start = findLongRun(text, 0); start !== -1; ) {
      const end = runEnd(text, start);
      if (leadHint.test(text.slice(Math.max(0, start - LEAD_CHARS), start))) return true;
      if (runHint.test(text.slice(Math.max(0, start - PREFIX_CHARS), end))) return true;
      start = findLongRun(text, end);
    }
    return false;
  }

  return function mayHoldSecret(text) {
    if (hintAtRun(text)) return true;
    for (const { needle, hint } of needles) if (text.includes(needle) && hint.test(text)) return true;
    return false;
  };
}

function hintsOf(families: readonly SecretFamily[]): RegExp {
  return new RegExp(families.map(({ hint }) => hint).join('|'));
}

const PLACEHOLDER = /^(?:\$\{|\$[A-Z_]+$|\{\{|<|%[A-Z_]+%$|redacted$)/i;
const FILLED = /(.)\1{11}$/s;

/** Text that stands where a secret will be: a variable, a bracketed word, or one character over and over. */
function isPlaceholder(secret: string): boolean {
  return PLACEHOLDER.test(secret) || FILLED.test(secret) || /^(.)\1*$/s.test(secret);
}

/** Shannon entropy in bits per character. */
function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const char of text) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
