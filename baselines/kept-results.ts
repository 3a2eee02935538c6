import { isOfBytes, NameTable } from './name-table.ts';
import { RecordQueue, shortAt } from './record-queue.ts';

/** A tool result that values were taken from. */
export interface ResultSource {
  readonly event: string;
  readonly action: string;
  /** A touched resource was marked as coming from outside. */
  readonly external: boolean;
}

export interface KeptResult {
  readonly source: ResultSource;
  readonly tokens: number;
  readonly words: number;
}

/**
 * The results that a log holds, in their order: as bytes, for there are hundreds of small ones in a long session.
 *
 *     length 2 | sort 1 | action 2 | tokens 2 | words 2 | id of the event, one byte a character, or two
 */
export class KeptResults implements Iterable<KeptResult> {
  readonly #actions = new NameTable();
  readonly #records = new RecordQueue(BYTES_USUAL);

  constructor(results: Iterable<KeptResult> = []) {
    for (const result of results) this.push(result);
  }

  get length(): number {
    return this.#records.length;
  }

  /** What they take up. */
  get bytes(): number {
    return this.#records.byteLength + this.#actions.bytes;
  }

  push({ source, tokens, words }: KeptResult): void {
    const { event, action, external } = source;
    const isWide = !isOfBytes(event);
    const length = HEAD_BYTES + (isWide ? 2 : 1) * event.length;
    putShort(0, length);
    record[SORT_AT] = (external ? EXTERNAL : 0) | (isWide ? WIDE : 0);
    putShort(ACTION_AT, this.#actions.take(action));
    putShort(TOKENS_AT, tokens);
    putShort(WORDS_AT, words);
    record.write(event, HEAD_BYTES, isWide ? 'utf16le' : 'latin1');
    this.#records.add(record.subarray(0, length));
  }

  shift(): Pick<KeptResult, 'tokens' | 'words'> {
    const { bytes, start } = this.#records;
    const left = this.#sizesAt(start);
    this.#actions.release(shortAt(bytes, start + ACTION_AT));
    this.#records.dropFirst();
    return left;
  }

  first(): Pick<KeptResult, 'tokens' | 'words'> | undefined {
    return this.length === 0 ? undefined : this.#sizesAt(this.#records.start);
  }

  /** One token more of the newest. */
  countOn(): void {
    const at = this.#records.newest + TOKENS_AT;
    const { bytes } = this.#records;
    bytes[at] = ((bytes[at] ?? 0) + 1) & 0xff;
    if (bytes[at] === 0) bytes[at + 1] = (bytes[at + 1] ?? 0) + 1;
  }

  /** Undefined for an index that there is not. */
  at(index: number): KeptResult | undefined {
    if (index < 0) return undefined;
    let left = index;
    for (let at = this.#records.start; at < this.#records.end; at = this.#records.behind(at))
      if (left-- === 0) return this.#read(at);
    return undefined;
  }

  /** Index of the result that holds the token at a place; -1 for none. */
  indexHolding(token: number): number {
    let index = 0;
    let end = 0;
    for (let at = this.#records.start; at < this.#records.end; at = this.#records.behind(at)) {
      end += shortAt(this.#records.bytes, at + TOKENS_AT);
      if (token < end) return index;
      index += 1;
    }
    return -1;
  }

  /** Without their sources, which take longer to read. */
  *sizes(): Iterable<Pick<KeptResult, 'tokens' | 'words'>> {
    const records = this.#records;
    for (let at = records.start; at < records.end; at = records.behind(at)) yield this.#sizesAt(at);
  }

  *[Symbol.iterator](): Iterator<KeptResult> {
    for (let at = this.#records.start; at < this.#records.end; at = this.#records.behind(at)) yield this.#read(at);
  }

  #sizesAt(at: number): Pick<KeptResult, 'tokens' | 'words'> {
    const { bytes } = this.#records;
    return { tokens: shortAt(bytes, at + TOKENS_AT), words: shortAt(bytes, at + WORDS_AT) };
  }

  #read(at: number): KeptResult {
    const { bytes } = this.#records;
    const sort = bytes[at + SORT_AT] ?? 0;
    const id = Buffer.from(bytes.buffer, bytes.byteOffset + at + HEAD_BYTES, shortAt(bytes, at) - HEAD_BYTES);
    const event = id.toString((sort & WIDE) === 0 ? 'latin1' : 'utf16le');
    const action = this.#actions.name(shortAt(bytes, at + ACTION_AT));
    return { source: { event, action, external: (sort & EXTERNAL) !== 0 }, ...this.#sizesAt(at) };
  }
}

const SORT_AT = 2;
const ACTION_AT = 3;
const TOKENS_AT = 5;
const WORDS_AT = 7;
const HEAD_BYTES = 9;
const EXTERNAL = 1;
const WIDE = 2;
const BYTES_USUAL = 4 * 1024;

/** What a record is written to until it is kept: ids have 128 characters at most. */
const record = Buffer.alloc(1024);

function putShort(at: number, value: number): void {
  record[at] = value & 0xff;
  record[at + 1] = value >>> 8;
}
