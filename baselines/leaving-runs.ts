import type { AuditEvent } from '../ingest/event.ts';
import { valuesOf } from './act-values.ts';
import { STRETCH } from './long-runs.ts';
import { plainText } from './plain-text.ts';

/** Whether an event takes anything along. What goes to the model stays in the session. */
export const mayCarry = ({ action, content, destinations }: AuditEvent): boolean =>
  action.type !== 'model_call' &&
  action.phase === 'completed' &&
  (content?.arguments !== undefined || (destinations?.length ?? 0) > 0);

/** Of one event; signs behind, and runs beyond, are not looked at. */
const SIGNS_MAX = 4096;
const ENCODED_MAX = 64;
const ENCODED_SIGNS_MAX = 1024;

/**
 * Runs of letters and digits that leave with an event, in its destinations and its arguments: in the clear, and as pieces of base64, base32 or
 * hexadecimal stand for, wherever they were cut.
 */
export function leavingRuns(event: AuditEvent): string[] {
  const { destinations, targets, texts } = valuesOf(event);
  const found: string[] = [];
  let room = SIGNS_MAX;
  let encoded = ENCODED_MAX;
  for (const { text } of [...destinations, ...targets, ...texts]) {
    const plain = plainText(text.slice(0, room));
    room -= plain.length;
    found.push(...(plain.match(CLEAR) ?? []));
    for (const run of plain.match(ENCODED) ?? []) {
      if (isPlainWord(run)) continue;
      if (encoded-- <= 0) return found;
      for (const decoded of decodings(run.slice(0, ENCODED_SIGNS_MAX))) found.push(...(decoded.match(CLEAR) ?? []));
    }
    if (room <= 0) break;
  }
  return found;
}

/** A run of letters and digits that leaves encoded. */
export interface EncodedRun {
  readonly text: string;
  /** The same with what it hangs together with in a text: "sbl_9f8a" of a run "9f8a". */
  readonly token: string;
  /** What stands around the code in the event without a blank: the link that it is part of. */
  readonly piece: string;
}

/** Of what is encoded in an argument, a value must be this much: a letter that is sent as base64 holds many. */
const MOST = 0.5;

/**
 * What leaves encoded: whatever the code in an event's destinations stands for, and what is most of a code in its arguments. As much is looked at
 * as by `leavingRuns`.
 */
export function encodedRuns(event: AuditEvent): EncodedRun[] {
  const { destinations, targets, texts } = valuesOf(event);
  const places = new Set<unknown>(destinations);
  const found: EncodedRun[] = [];
  let room = SIGNS_MAX;
  let encoded = ENCODED_MAX;
  for (const value of [...destinations, ...targets, ...texts]) {
    const plain = plainText(value.text.slice(0, room));
    room -= plain.length;
    const share = places.has(value) ? 0 : MOST;
    for (const piece of plain.match(PIECE) ?? [])
      for (const run of piece.match(ENCODED) ?? []) {
        if (isPlainWord(run)) continue;
        if (encoded-- <= 0) return found;
        for (const decoded of decodings(run.slice(0, ENCODED_SIGNS_MAX)))
          for (const [token] of decoded.matchAll(TOKEN))
            for (const text of token.match(CLEAR) ?? [])
              if (text.length >= share * decoded.length) found.push({ text, token, piece });
      }
    if (room <= 0) break;
  }
  return found;
}

const TOKEN = /[\w@.+:'~-]+/g;
const PIECE = /[^\s"'<>()]+/g;

const CLEAR = new RegExp(`[A-Za-z0-9]{${STRETCH},}`, 'g');
/** The shortest run that stands for so many signs is one of base64. */
const ENCODED = /[A-Za-z0-9+/_-]{8,}/g;
/** In letters of one size, or with a capital in front, as long as words are: one in a hundred short runs of base32 looks like that. */
const isPlainWord = (run: string): boolean => run.length < 12 && /^[A-Za-z]?[a-z]+$|^[A-Z]+$/.test(run);

/** A piece may begin anywhere within a group of signs: each of its places is tried. What the ends of a piece come to is noise. */
function decodings(run: string): string[] {
  const found: string[] = [];
  // Of base64 nothing so long is all hexadecimal.
  for (let skip = 0; skip < 4 && !HEX.test(run); skip++)
    found.push(Buffer.from(run.slice(skip), 'base64').toString('latin1'));
  for (const part of run.split(/[^A-Za-z0-9]+/)) {
    if (part.length < 2 * STRETCH - 2) continue;
    if (HEX.test(part))
      for (let skip = 0; skip < 2; skip++) found.push(Buffer.from(part.slice(skip), 'hex').toString('latin1'));
    if (BASE32.test(part)) for (let skip = 0; skip < 8; skip++) found.push(base32(part.slice(skip)));
  }
  return found;
}

const HEX = /^[0-9a-fA-F]+$/;
const BASE32 = /^(?:[a-z2-7]+|[A-Z2-7]+)$/;
const BASE32_SIGNS = 'abcdefghijklmnopqrstuvwxyz234567';

function base32(run: string): string {
  let bits = 0;
  let count = 0;
  let text = '';
  for (const sign of run.toLowerCase()) {
    bits = ((bits << 5) | BASE32_SIGNS.indexOf(sign)) & 0xfff;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    text += String.fromCharCode((bits >> count) & 0xff);
  }
  return text;
}
