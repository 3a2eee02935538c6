/** Texts of a given length for measuring what reading costs: usual ones, and those somebody would send to make it dear. */
import { createRandom, type Random } from '../../cli/simulate/random.ts';

export const COSTLY_TEXTS = [
  'prose',
  'records',
  'one token',
  'short tokens',
  'characters without width',
  'percent escapes',
  'backslashes',
  'hexadecimal',
  'base64',
  'nested base64',
  'addresses of pages',
  'addresses of people',
] as const;
export type CostlyText = (typeof COSTLY_TEXTS)[number];

/** The same text for the same arguments, cut to `chars` characters. */
export function costlyText(sort: CostlyText, chars: number, seed: number | string = 1): string {
  const piece = PIECES[sort];
  const random = createRandom(`${sort}/${seed}`);
  let text = '';
  while (text.length < chars) text += piece(random);
  return text.slice(0, chars);
}

const LETTERS = 'etaoinshrdlucmfwyp';
const word = (random: Random): string =>
  Array.from({ length: random.int(2, 9) }, () => LETTERS[random.int(0, LETTERS.length - 1)]).join('');
const words = (random: Random, count: number): string => Array.from({ length: count }, () => word(random)).join(' ');
const encoded = (text: string, encoding: 'hex' | 'base64'): string => Buffer.from(text).toString(encoding);

const PIECES: Record<CostlyText, (random: Random) => string> = {
  prose: (random) =>
    `${words(random, random.int(5, 20))}, ${random.int(1, 9999)}. ${random.chance(0.2) ? `${word(random)}@${word(random)}.example ` : ''}`,
  records: (random) =>
    JSON.stringify({ id: random.int(1, 99_999), name: words(random, 4), mail: `${word(random)}@hall.example` }),
  'one token': () => 'x',
  'short tokens': (random) => `${LETTERS[random.int(0, 17)]}${random.int(0, 9)} `,
  'characters without width': (random) => `\u200b${LETTERS[random.int(0, 17)]}\u2060\u00ad`,
  'percent escapes': (random) => `%${(97 + random.int(0, 25)).toString(16)}%20%2525`,
  backslashes: (random) => `\\\\\\"\\u0${random.int(100, 999)}\\n`,
  hexadecimal: (random) => `${encoded(words(random, 12), 'hex')} `,
  base64: (random) => `${encoded(words(random, 12), 'base64')} `,
  'nested base64': (random) => `${encoded(encoded(encoded(words(random, 12), 'base64'), 'hex'), 'base64')} `,
  'addresses of pages': (random) =>
    `https://${word(random)}.example/${word(random)}/${word(random)}?id=${random.int(1, 9999)} `,
  'addresses of people': (random) => `${word(random)}.${word(random)}@mail.${word(random)}.example,`,
};
