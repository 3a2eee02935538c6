import { type Codec, cannotCompress, invalidCompression, tooLarge } from './codec.ts';

/** Reads the LZ4 frames of Kafka's clients; does not write any. */
export const createLz4Codec = (bytesMax: number): Codec => ({
  compress: async () => cannotCompress('lz4'),
  decompress: async (bytes) => decompressFrame(bytes, bytesMax),
});

const MAGIC = 0x184d2204;
const STORED = 0x80000000;
const BLOCK_BYTES_MAX: Readonly<Record<number, number>> = { 4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22 };
/** A byte of a block stands for at most this many bytes of output. */
const RATIO_MAX = 255;

interface Block {
  readonly bytes: Buffer;
  readonly isStored: boolean;
}

interface Frame {
  readonly blocks: readonly Block[];
  readonly blockBytesMax: number;
}

/**
 * One LZ4 frame (lz4 frame format 1.6), its blocks linked or independent. Checksums are skipped: the broker has checked the batch,
 * and the header checksum of old Java clients is known to be wrong.
 *
 * Written here, and not taken from `lz4js`, because that reads past the end of its input and behind the start of its output without
 * an error, expects a block's checksum on the wrong side of the block, and has no bound.
 */
function decompressFrame(bytes: Buffer, bytesMax: number): Buffer {
  const frame = readFrame(bytes);
  const output = Buffer.alloc(Math.min(largestOutput(frame), bytesMax));
  let end = 0;
  for (const block of frame.blocks) {
    const limit = Math.min(end + frame.blockBytesMax, output.length);
    const next = block.isStored
      ? copyStored(block.bytes, output, end, limit)
      : decodeBlock(block.bytes, output, end, limit);
    // The output is short either because the bound was reached, or because the block is larger than its frame allows.
    if (next === undefined) throw limit === bytesMax ? tooLarge('lz4', bytesMax) : invalid();
    end = next;
  }
  return output.subarray(0, end);
}

function largestOutput({ blocks, blockBytesMax }: Frame): number {
  const largest = (block: Block) => Math.min(block.bytes.length * (block.isStored ? 1 : RATIO_MAX), blockBytesMax);
  return blocks.reduce((sum, block) => sum + largest(block), 0);
}

function readFrame(bytes: Buffer): Frame {
  if (bytes.length < 7 || bytes.readUInt32LE(0) !== MAGIC) throw invalid();
  const flags = bytes.readUInt8(4);
  const hasBlockChecksum = (flags & 0x10) !== 0;
  const blockBytesMax = BLOCK_BYTES_MAX[(bytes.readUInt8(5) >> 4) & 7];
  if (flags >> 6 !== 1 || blockBytesMax === undefined || (flags & 0x01) !== 0) throw invalid();
  const headerBytes = 7 + ((flags & 0x08) !== 0 ? 8 : 0);
  return { blocks: readBlocks(bytes, headerBytes, hasBlockChecksum), blockBytesMax };
}

function readBlocks(bytes: Buffer, from: number, hasChecksum: boolean): Block[] {
  const blocks: Block[] = [];
  for (let at = from; at + 4 <= bytes.length; ) {
    const head = bytes.readUInt32LE(at);
    if (head === 0) return blocks;
    const size = head % STORED;
    const start = at + 4;
    at = start + size + (hasChecksum ? 4 : 0);
    if (at > bytes.length) break;
    blocks.push({ bytes: bytes.subarray(start, start + size), isStored: head >= STORED });
  }
  // No end mark.
  throw invalid();
}

function copyStored(block: Buffer, output: Buffer, start: number, limit: number): number | undefined {
  if (start + block.length > limit) return undefined;
  output.set(block, start);
  return start + block.length;
}

/** A literal or match of this length goes on in bytes of its own. */
const LITERALS_EXTENDED = 15;
const MATCH_EXTENDED = 15;
const MATCH_BYTES_MIN = 4;
/** From this length on the native copy is faster than a loop. */
const NATIVE_COPY_BYTES = 24;

/**
 * Decodes one block (lz4 block format) to `output` at `start`. Returns where its output ends, or undefined when that would be behind
 * `limit`; throws when the block is not LZ4.
 */
function decodeBlock(block: Buffer, output: Buffer, start: number, limit: number): number | undefined {
  let from = 0;
  let to = start;
  const length = (short: number): number => {
    let sum = short;
    for (let byte = 255; byte === 255; from += 1) {
      byte = block[from] ?? -1;
      if (byte < 0) throw invalid();
      sum += byte;
    }
    return sum;
  };
  while (from < block.length) {
    const token = block[from] ?? 0;
    from += 1;
    const literals = token >> 4 === LITERALS_EXTENDED ? length(LITERALS_EXTENDED) : token >> 4;
    if (from + literals > block.length) throw invalid();
    if (to + literals > limit) return undefined;
    copyLiterals(block, from, output, to, literals);
    from += literals;
    to += literals;
    // The last sequence has no match.
    if (from === block.length) return to;
    if (from + 2 > block.length) throw invalid();
    const distance = (block[from] ?? 0) | ((block[from + 1] ?? 0) << 8);
    from += 2;
    if (distance === 0 || distance > to) throw invalid();
    const matched = token & 15;
    const match = MATCH_BYTES_MIN + (matched === MATCH_EXTENDED ? length(MATCH_EXTENDED) : matched);
    if (to + match > limit) return undefined;
    copyMatch(output, to, distance, match);
    to += match;
  }
  throw invalid();
}

function copyLiterals(block: Buffer, from: number, output: Buffer, to: number, count: number): void {
  if (count >= NATIVE_COPY_BYTES) {
    block.copy(output, to, from, from + count);
    return;
  }
  for (let index = 0; index < count; index += 1) output[to + index] = block[from + index] ?? 0;
}

/** A match may overlap what it writes: a distance of one repeats one byte. */
function copyMatch(output: Buffer, to: number, distance: number, count: number): void {
  if (distance >= count && count >= NATIVE_COPY_BYTES) {
    output.copyWithin(to, to - distance, to - distance + count);
    return;
  }
  for (let index = to; index < to + count; index += 1) output[index] = output[index - distance] ?? 0;
}

const invalid = () => invalidCompression('LZ4');
