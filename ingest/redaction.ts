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
/** Replacing one secret can bare another beside it; after this many passes nothing has been seen to change. */
const PASSES_MAX = 4;

/** `key`: secret bytes, one per installation; another key gives other markers. */
export function createRedaction(key: Uint8Array): Redaction {
  const mayHoldSecret = createPrefilter(SECRET_FAMILIES);

  function mark(family: SecretFamily, secret: string): string {
    if (isPlaceholder(secret) || entropyBits(secret) < family.entropyMin) return secret;
    const hash = createHmac('sha256', key).update(secret).digest('hex').slice(0, HASH_CHARS);
    return `[secret:${family.id}:${hash}]`;
  }

  function redactOnce(text: string): string {
    let redacted = text;
    for (const family of SECRET_FAMILIES) {
      redacted = redacted.replace(family.pattern, (secret: string) => mark(family, secret));
    }
    return redacted;
  }

  function redact(text: string): string {
    if (!mayHoldSecret(text)) return text;
    let before = text;
    for (let pass = 0; pass < PASSES_MAX; pass += 1) {
      const after = redactOnce(before);
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
