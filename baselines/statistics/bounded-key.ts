const KEY_CHARS_MAX = 160;

/** Of FNV-1a with 32 bits. */
export const FNV_OFFSET = 0x811c9dc5 | 0;
export const FNV_PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units, 32 bits. Source: draft-eastlake-fnv. */
export function fnv1a(text: string, seed = FNV_OFFSET): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  return hash >>> 0;
}

/** Long keys are kept by their head and a hash, so that an attacker's 2,000-character name costs what any other costs. */
export const boundedKey = (text: string): string => (text.length <= KEY_CHARS_MAX ? text : cutKey(text));

/** The last answers are kept: one event asks for the same few names many times, and whoever keeps an answer shares it. */
function cutKey(text: string): string {
  for (let i = 0; i < LATEST_MAX; i++) if (TEXTS[i] === text) return KEYS[i] ?? '';
  const key = copyOf(`${text.slice(0, KEY_CHARS_MAX - 9)}#${fnv1a(text).toString(16)}`);
  TEXTS[next] = text;
  KEYS[next] = key;
  next = (next + 1) % LATEST_MAX;
  return key;
}

const LATEST_MAX = 8;
const TEXTS: string[] = [];
const KEYS: string[] = [];
let next = 0;

/** A part of a text, and a text put together from others, keep all of them in memory: this one stands for itself. */
const copyOf = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
