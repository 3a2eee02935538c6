/**
 * Raw lines of a file or of standard input, gzip or plain, in bounded memory.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { EVENT_LIMITS } from './event.ts';

export interface RawLine {
  /** Without its newline. A line over 1 MiB is given up to one byte more than that, so that it is refused as too large. */
  readonly line: Buffer;
  readonly cut: boolean;
  /** From 1; blank lines count, but are not yielded. */
  readonly number: number;
  /** Byte offset of the line's start, after decompression. */
  readonly offset: number;
  /**
   * 32 hex characters of SHA-256 over everything up to the end of this line, its newline not included. Names the line for good:
   * a file that grew keeps the digests of the lines it had, compressed or not.
   */
  readonly prefixDigest: string;
}

const LINE_BYTES_KEPT = EVENT_LIMITS.recordBytesMax + 1;
const NEWLINE = 0x0a;

/**
 * `path` is a file, or `-` for standard input. Gzip is recognised by its first bytes. Throws the system's error when the file cannot be
 * read, and zlib's when it is not whole gzip; lines before the fault have been yielded by then.
 */
export async function* readLines(path: string, stdin: Readable = process.stdin): AsyncGenerator<RawLine> {
  const source = path === '-' ? stdin : createReadStream(path);
  try {
    yield* linesOf(await inflated(source));
  } finally {
    source.destroy();
  }
}

async function inflated(source: Readable): Promise<AsyncIterable<Buffer>> {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  const head = await readHead(chunks);
  const whole = joined(head, chunks);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return whole;
  const gunzip = createGunzip();
  // The error reaches the reader through gunzip, which pipeline destroys with it.
  return pipeline(Readable.from(whole), gunzip, () => {});
}

/** At least two bytes, or all there are: a pipe may hand over one at a time. */
async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.byteLength < 2) {
    const next = await chunks.next();
    if (next.done === true) return head;
    head = Buffer.concat([head, next.value]);
  }
  return head;
}

async function* joined(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<RawLine> {
  const builder = createLineBuilder();
  for await (const chunk of chunks) {
    let start = 0;
    for (let newline = chunk.indexOf(NEWLINE); newline !== -1; newline = chunk.indexOf(NEWLINE, start)) {
      builder.add(chunk.subarray(start, newline));
      const line = builder.finish();
      if (line !== undefined) yield line;
      start = newline + 1;
    }
    builder.add(chunk.subarray(start));
  }
  const last = builder.finish();
  if (last !== undefined) yield last;
}

interface LineBuilder {
  add(part: Buffer): void;
  /** The line so far, undefined when blank; begins the next. */
  finish(): RawLine | undefined;
}

function createLineBuilder(): LineBuilder {
  const hash = createHash('sha256');
  let parts: Buffer[] = [];
  let bytes = 0;
  let bytesKept = 0;
  let number = 1;
  let offset = 0;

  return {
    add(part) {
      hash.update(part);
      bytes += part.byteLength;
      const kept = part.subarray(0, LINE_BYTES_KEPT - bytesKept);
      if (kept.byteLength > 0) parts.push(kept);
      bytesKept += kept.byteLength;
    },
    finish() {
      const line = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const finished = isBlank(line)
        ? undefined
        : { line, cut: bytes > bytesKept, number, offset, prefixDigest: digestSoFar(hash) };
      hash.update('\n');
      offset += bytes + 1;
      number += 1;
      parts = [];
      bytes = 0;
      bytesKept = 0;
      return finished;
    },
  };
}

function digestSoFar(hash: Hash): string {
  return hash.copy().digest('hex').slice(0, 32);
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
