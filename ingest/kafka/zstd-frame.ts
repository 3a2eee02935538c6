import { invalidCompression, tooLarge } from './codec.ts';

const MAGIC = 0xfd2fb528;
const BLOCK_BYTES_MAX = 128 * 1024;
const RAW = 0;
const RLE = 1;
const WINDOW_DESCRIPTOR_AT = 5;
/** About half a second of copying in memory. */
const WINDOW_WORK_BYTES_MAX = 4 * 1024 ** 3;

/**
 * Checks the one zstd frame of a batch (RFC 8878, 3.1.1) without decoding it, and returns it with a window no larger than its data.
 *
 * For `fzstd`, which takes the memory of a window before it has seen any data, and moves the whole window after each block: six bytes
 * may ask for 2 GiB, and a megabyte of tiny blocks for hours of work. A window beyond the whole output is never looked into, so that
 * to shrink it changes no result. A second frame is refused; Kafka's clients write one.
 */
export function fitFrame(bytes: Buffer, bytesMax: number): Buffer {
  if (bytes.length < 9 || bytes.readUInt32LE(0) !== MAGIC) throw invalidCompression('zstd');
  const header = readHeader(bytes);
  if ((header.contentBytes ?? 0) > bytesMax) throw tooLarge('zstd', bytesMax);
  const { blocks, outputBytesMax, end } = walkBlocks(bytes, header.headerBytes);
  if (end + (header.hasChecksum ? 4 : 0) !== bytes.length) throw invalidCompression('zstd');
  const windowBytes = header.windowBytes ?? header.contentBytes ?? 0;
  const windowLog = Math.max(Math.ceil(Math.log2(outputBytesMax)), Math.log2(BLOCK_BYTES_MAX));
  const fittedBytes = Math.min(windowBytes, 2 ** windowLog);
  if (fittedBytes * blocks > WINDOW_WORK_BYTES_MAX) throw tooLarge('zstd', bytesMax);
  if (header.windowBytes === undefined || fittedBytes === windowBytes) return bytes;
  const fitted = Buffer.from(bytes);
  fitted.writeUInt8((windowLog - 10) << 3, WINDOW_DESCRIPTOR_AT);
  return fitted;
}

interface FrameHeader {
  readonly headerBytes: number;
  /** Absent in a frame of a single segment, where the content is the window. */
  readonly windowBytes: number | undefined;
  readonly contentBytes: number | undefined;
  readonly hasChecksum: boolean;
}

function readHeader(bytes: Buffer): FrameHeader {
  const descriptor = bytes.readUInt8(4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  const sizeAt = (isSingleSegment ? WINDOW_DESCRIPTOR_AT : WINDOW_DESCRIPTOR_AT + 1) + dictionaryBytes;
  if (sizeAt + sizeBytes > bytes.length) throw invalidCompression('zstd');
  return {
    headerBytes: sizeAt + sizeBytes,
    windowBytes: isSingleSegment ? undefined : readWindow(bytes.readUInt8(WINDOW_DESCRIPTOR_AT)),
    contentBytes: sizeBytes === 0 ? undefined : readSize(bytes, sizeAt, sizeBytes),
    hasChecksum: (descriptor & 0x04) !== 0,
  };
}

function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function readSize(bytes: Buffer, at: number, byteCount: number): number {
  if (byteCount === 8) return Number(bytes.readBigUInt64LE(at));
  return bytes.readUIntLE(at, byteCount) + (byteCount === 2 ? 256 : 0);
}

function walkBlocks(bytes: Buffer, from: number): { blocks: number; outputBytesMax: number; end: number } {
  let at = from;
  let blocks = 0;
  let outputBytesMax = 0;
  for (let isLast = false; !isLast; blocks += 1) {
    if (at + 3 > bytes.length) throw invalidCompression('zstd');
    const head = bytes.readUIntLE(at, 3);
    const type = (head >> 1) & 3;
    const size = head >> 3;
    if (size > BLOCK_BYTES_MAX) throw invalidCompression('zstd');
    at += 3 + (type === RLE ? 1 : size);
    outputBytesMax += type === RAW || type === RLE ? size : BLOCK_BYTES_MAX;
    isLast = (head & 1) !== 0;
  }
  return { blocks, outputBytesMax, end: at };
}
