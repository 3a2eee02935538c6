import { compress, uncompress } from 'snappyjs';
import { type Codec, invalidCompression, tooLarge } from './codec.ts';

/**
 * The framing of the Java client (snappy-java's SnappyOutputStream): this header with version 1 and lowest reading version 1, then
 * blocks of an int32 length and a raw snappy block. Other clients, such as librdkafka, send one raw block.
 */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
/** Of a block before compression; what snappy-java writes. */
const XERIAL_BLOCK_BYTES = 32 * 1024;

/** Reads both framings; writes the framed one, which every client reads. */
export const createSnappyCodec = (bytesMax: number): Codec => ({
  compress: async (encoder) => compressFramed(encoder.buffer),
  decompress: async (bytes) => (isFramed(bytes) ? decompressFramed(bytes, bytesMax) : decompressBlock(bytes, bytesMax)),
});

const isFramed = (bytes: Buffer): boolean => bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);

function decompressFramed(bytes: Buffer, bytesMax: number): Buffer {
  const blocks: Buffer[] = [];
  let bytesLeft = bytesMax;
  for (let at = XERIAL_HEADER.length; at < bytes.length; ) {
    const size = at + 4 <= bytes.length ? bytes.readInt32BE(at) : -1;
    if (size < 0 || at + 4 + size > bytes.length) throw invalid();
    const block = decompressBlock(bytes.subarray(at + 4, at + 4 + size), bytesLeft, bytesMax);
    blocks.push(block);
    bytesLeft -= block.length;
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}

/** `bytesMax` is what the error says where less than that is left for this block. */
function decompressBlock(block: Buffer, bytesLeft: number, bytesMax = bytesLeft): Buffer {
  const length = declaredLength(block);
  if (length > bytesLeft) throw tooLarge('snappy', bytesMax);
  // A block of literals grows by nothing and a copy of 64 bytes costs three: more than that is a lie, and would only cost memory.
  if (length > block.length * COPY_RATIO_MAX) throw invalid();
  try {
    return uncompress(block, bytesLeft);
  } catch {
    throw invalid();
  }
}

const COPY_RATIO_MAX = 64;

/** The length that a raw block opens with: a varint of at most five bytes, and of 32 bits. */
function declaredLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = block[index];
    if (byte === undefined) throw invalid();
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw invalid();
}

const invalid = () => invalidCompression('snappy');

function compressFramed(bytes: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < bytes.length; at += XERIAL_BLOCK_BYTES) {
    const block = compress(bytes.subarray(at, at + XERIAL_BLOCK_BYTES));
    const size = Buffer.alloc(4);
    size.writeInt32BE(block.length);
    parts.push(size, block);
  }
  return Buffer.concat(parts);
}
