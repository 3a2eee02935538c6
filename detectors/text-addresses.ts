import { tokensOf } from '../baselines/tokens.ts';
import { destinationHost } from '../ingest/destinations.ts';

/** Hosts of the addresses in a text that are wanted, in their order; `wanted`: hashes of tokens. */
export function* hostsIn(text: string, wanted: readonly number[]): Generator<string | undefined> {
  for (const piece of piecesOf(text)) {
    // Of long texts most words are none.
    if (!DOTTED.test(piece) || !holdsOne(piece, wanted)) continue;
    const value = bare(piece);
    yield destinationHost({ kind: value.includes('@') ? 'email' : 'url', value });
  }
}

/** As it stands in the text, for people to read, without the signs of a sentence around it. */
export function addressIn(text: string, wanted: readonly number[]): string {
  const piece = piecesOf(text).find((one) => holdsOne(one, wanted));
  return piece === undefined ? text : bare(piece);
}

const piecesOf = (text: string): string[] => text.split(/[\s"'<>(){}[\],;|]+/);
const holdsOne = (piece: string, wanted: readonly number[]): boolean =>
  tokensOf(piece).some((token) => wanted.includes(token));
const DOTTED = /[^.]\.[^.]/;

function bare(piece: string): string {
  let [start, end] = [0, piece.length];
  while (start < end && SIGNS.has(piece[start] ?? '')) start += 1;
  while (end > start && SIGNS.has(piece[end - 1] ?? '')) end -= 1;
  return piece.slice(start, end);
}

const SIGNS: ReadonlySet<string> = new Set('.:!?*_`~');
