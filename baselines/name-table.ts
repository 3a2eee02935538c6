/**
 * Names by number, each kept once however often it is used; one that nobody uses any more leaves, and its number is given away again. Looked for
 * one by one: there are some tens of them.
 *
 * A kept name is a text of its own. A part of a text keeps all of it in memory, and names come as parts of addresses that are longer than they.
 */
export class NameTable {
  /** The empty name is 0, is always there, and takes nothing. */
  readonly #names: string[] = [''];
  readonly #uses: number[] = [0];
  readonly #free: number[] = [];
  #bytes = 0;

  /** What the names take in memory: no less than they do. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One use more. */
  take(name: string): number {
    if (name === '') return 0;
    const known = this.#names.indexOf(name);
    if (known > 0) {
      this.#uses[known] = (this.#uses[known] ?? 0) + 1;
      return known;
    }
    const number = this.#free.pop() ?? this.#names.length;
    this.#names[number] = ownText(name);
    this.#uses[number] = 1;
    this.#bytes += nameBytes(name);
    return number;
  }

  /** One use less. */
  release(number: number): void {
    if (number === 0) return;
    const uses = (this.#uses[number] ?? 0) - 1;
    this.#uses[number] = uses;
    if (uses > 0) return;
    this.#bytes -= nameBytes(this.name(number));
    this.#names[number] = '';
    this.#free.push(number);
  }

  name(number: number): string {
    return this.#names[number] ?? '';
  }
}

/** A text without characters, its places in the lists, and the room that lists grow by. */
const NAME_BYTES = 56;

/** What one name takes: two bytes a character if one of them needs it. */
export const nameBytes = (name: string): number => NAME_BYTES + (isOfBytes(name) ? 1 : 2) * name.length;

/** Each of its characters takes one byte. */
export function isOfBytes(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}

/** Shorter texts are never kept as a part of another. */
const PART_CHARS_MIN = 13;

/** The same, of which no longer text is kept in memory. */
export function ownText(text: string): string {
  if (text.length < PART_CHARS_MIN) return text;
  if (!isOfBytes(text)) return Buffer.from(text, 'utf16le').toString('utf16le');
  return Buffer.from(text, 'latin1').toString('latin1');
}
