/**
 * Goal: batches that Kafka's own Java client compressed are read, whatever a producer sends costs a bounded amount of memory, and an
 * error says which of the two it was by its code.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import { compress as lz4Frame } from 'lz4js';
import { compress as snappyBlock } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { createCodecs } from '../../ingest/kafka/codecs.ts';
import { createZstdCodec } from '../../ingest/kafka/zstd-codec.ts';

const MIB = 1024 * 1024;
const LIMIT = 4 * MIB;
const codecs = createCodecs(LIMIT);
type Name = keyof typeof codecs;

const TEXT = Buffer.from('The agent asked for the customer table. '.repeat(30));

/** TEXT, compressed by kafka-clients 4.1.1. */
const BY_JAVA: readonly (readonly [Name, string, string])[] = [
  [
    'gzip',
    'default level',
    'H4sIAAAAAAAA/wvJSFVITE/NK1FILM5OTVFIyy9SKAGKJZcWl+TnpgI5iUk5qXoKIaPqRtWNqhtVN8DqAFrH5y2wBAAA',
  ],
  [
    'snappy',
    'framed',
    'glNOQVBQWQAAAAABAAAAAQAAAGSwCaBUaGUgYWdlbnQgYXNrZWQgZm9yIHRoZSBjdXN0b21lciB0YWJsZS4gVP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAP4oAA0o',
  ],
  [
    'lz4',
    'default level',
    'BCJNGGBAgjcAAAD/GVRoZSBhZ2VudCBhc2tlZCBmb3IgdGhlIGN1c3RvbWVyIHRhYmxlLiAoAP////90UGJsZS4gAAAAAA==',
  ],
  ['zstd', 'default level', 'KLUv/QBYjAEAhAJUaGUgYWdlbnQgYXNrZWQgZm9yIHRoZSBjdXN0b21lciB0YWJsZS4gAQAoZP2qDAEAAA=='],
  [
    'zstd',
    'level 22, with a window of 128 MiB',
    'KLUv/QCIjAEAhAJUaGUgYWdlbnQgYXNrZWQgZm9yIHRoZSBjdXN0b21lciB0YWJsZS4gAQAoZP2qDAEAAA==',
  ],
];

/** Two blocks and more for lz4js, which are 4 MiB each: matches reach back across the border. */
const LINKED = Buffer.from(Array.from({ length: 5 * MIB }, (_, i) => (i * i) % 251));

const lz4Header = [0x04, 0x22, 0x4d, 0x18];
const uint32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
const bytes = (...parts: readonly (readonly number[] | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));

/** A frame of `count` blocks, each a byte repeated `size` times: four bytes of input for up to 128 KiB of output. */
function zstdOfRepeats(count: number, size: number, windowDescriptor = 0x58): Buffer {
  const block = (isLast: boolean) => [...uint32((size << 3) | 2 | Number(isLast)).slice(0, 3), 0x61];
  const blocks = Array.from({ length: count }, (_, i) => block(i === count - 1));
  return bytes([0x28, 0xb5, 0x2f, 0xfd, 0x00, windowDescriptor], ...blocks);
}

describe('reading', () => {
  it.each(BY_JAVA)('reads what the Java client writes: %s, %s', async (name, _variant, base64) => {
    expect(await codecs[name].decompress(Buffer.from(base64, 'base64'))).toEqual(TEXT);
  });

  it('reads snappy without the frame of the Java client', async () => {
    expect(await codecs.snappy.decompress(snappyBlock(TEXT))).toEqual(TEXT);
  });

  it('reads LZ4 blocks that depend on each other', async () => {
    const roomy = createCodecs(8 * MIB);
    expect((await roomy.lz4.decompress(Buffer.from(lz4Frame(LINKED)))).equals(LINKED)).toBe(true);
  });

  it.each([
    ['a stored block', [0x40, 0x40, 0], [...uint32(0x80000002), 0x61, 0x62, ...uint32(0)], 'ab'],
    ['block checksums', [0x50, 0x40, 0], [...uint32(0x80000002), 0x61, 0x62, 9, 9, 9, 9, ...uint32(0)], 'ab'],
    [
      'a content size',
      [0x48, 0x40, 2, 0, 0, 0, 0, 0, 0, 0, 0],
      [...uint32(0x80000002), 0x61, 0x62, ...uint32(0)],
      'ab',
    ],
    ['a match on itself', [0x40, 0x40, 0], [...uint32(5), 0x12, 0x61, 1, 0, 0x00, ...uint32(0)], 'aaaaaaa'],
    ['no block', [0x40, 0x40, 0], [...uint32(0)], ''],
  ])('reads an LZ4 frame with %s', async (_what, header, blocks, expected) => {
    expect((await codecs.lz4.decompress(bytes(lz4Header, header, blocks))).toString()).toBe(expected);
  });

  it('reads zstd of many blocks at the limit, and with more window than output', async () => {
    const frame = zstdOfRepeats(32, 128 * 1024, 0x88);
    expect((await codecs.zstd.decompress(frame)).equals(Buffer.alloc(LIMIT, 'a'))).toBe(true);
  });

  it('leaves zstd to a Node that can do it, with the bound', async () => {
    const calls: unknown[] = [];
    const zlib = {
      zstdDecompress: (input: Buffer, options: object, done: (error: Error | null, result?: Buffer) => void) => {
        calls.push([input, options]);
        if (input.length > 0) done(null, TEXT);
        else done(Object.assign(new RangeError('too large'), { code: 'ERR_BUFFER_TOO_LARGE' }));
      },
    };
    const codec = createZstdCodec(LIMIT, zlib);
    expect(await codec.decompress(Buffer.from('x'))).toEqual(TEXT);
    await expect(codec.decompress(Buffer.alloc(0))).rejects.toMatchObject({ code: 'batch_too_large' });
    expect(calls[0]).toEqual([Buffer.from('x'), { maxOutputLength: LIMIT }]);
  });
});

describe('bounds', () => {
  const zeros = Buffer.alloc(LIMIT + 1);
  const longMatch = bytes([0x1f, 0x61, 1, 0], new Uint8Array(20_000).fill(255), [0, 0x00]);
  it.each<readonly [Name, string, Buffer]>([
    ['gzip', 'a bomb', gzipSync(zeros)],
    [
      'gzip',
      'a bomb in many members',
      Buffer.concat(Array.from({ length: 65 }, () => gzipSync(Buffer.alloc(MIB / 8)))),
    ],
    ['snappy', 'a raw block of too much', snappyBlock(zeros)],
    ['snappy', 'a raw block that announces 4 GiB', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61])],
    ['snappy', 'frames that are too much together', framedSnappy(snappyBlock(Buffer.alloc(MIB)), 5)],
    ['lz4', 'a bomb', bytes(lz4Header, [0x40, 0x70, 0], uint32(longMatch.length), longMatch, uint32(0))],
    [
      'lz4',
      'stored blocks of too much',
      bytes(
        lz4Header,
        [0x40, 0x70, 0],
        uint32(0x80000000 + MIB),
        new Uint8Array(MIB),
        ...storedMebibytes(4),
        uint32(0),
      ),
    ],
    ['zstd', 'a bomb', zstdOfRepeats(33, 128 * 1024)],
    ['zstd', 'a content size of 1 GiB', bytes([0x28, 0xb5, 0x2f, 0xfd, 0xa0], uint32(2 ** 30), [0x03, 0, 0, 0x61])],
    ['zstd', 'more moving of windows than its data is worth', zstdOfCompressedBlocks(50_000)],
  ])('%s refuses %s', async (name, _what, input) => {
    await expect(codecs[name].decompress(input)).rejects.toMatchObject({
      name: 'UndecodableError',
      code: 'batch_too_large',
      retriable: false,
    });
  });

  it('takes a batch of exactly the limit', async () => {
    const full = Buffer.alloc(LIMIT, 'a');
    expect((await codecs.gzip.decompress(gzipSync(full))).equals(full)).toBe(true);
    expect((await codecs.snappy.decompress(snappyBlock(full))).equals(full)).toBe(true);
    expect((await codecs.lz4.decompress(Buffer.from(lz4Frame(full)))).equals(full)).toBe(true);
  });
});

describe('broken input', () => {
  it.each<readonly [Name, string, Buffer]>([
    ['gzip', 'zlib without gzip', deflateSync(TEXT)],
    ['snappy', 'a length of six bytes', Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['snappy', 'more than its bytes can stand for', Buffer.from([0x80, 0x80, 0x40, 0x00, 0x61])],
    ['snappy', 'a frame that is longer than the batch', framedSnappy(Buffer.from([1, 0, 0x61]), 1).subarray(0, -1)],
    ['lz4', 'a dictionary', bytes(lz4Header, [0x41, 0x40, 0], uint32(0))],
    ['lz4', 'no end mark', bytes(lz4Header, [0x40, 0x40, 0], uint32(0x80000001), [0x61])],
    ['lz4', 'a match before the start', bytes(lz4Header, [0x40, 0x40, 0], uint32(5), [0x12, 0x61, 2, 0, 0], uint32(0))],
    ['lz4', 'a match at distance zero', bytes(lz4Header, [0x40, 0x40, 0], uint32(5), [0x12, 0x61, 0, 0, 0], uint32(0))],
    [
      'lz4',
      'a block larger than its frame allows',
      bytes(lz4Header, [0x40, 0x40, 0], uint32(0x80000000 + 65537), new Uint8Array(65537), uint32(0)),
    ],
    ['zstd', 'a second frame', Buffer.concat([zstdOfRepeats(1, 5), zstdOfRepeats(1, 5)])],
    ['zstd', 'a reserved block type', bytes([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58], [0x07, 0, 0], [0])],
    ...(['gzip', 'snappy', 'lz4', 'zstd'] as const).flatMap((name) => [
      [name, 'nothing', Buffer.alloc(0)] as const,
      [name, 'text', Buffer.from('{"not":"compressed"}')] as const,
    ]),
    ...BY_JAVA.map(
      ([name, variant, base64]) => [name, `a cut: ${variant}`, Buffer.from(base64, 'base64').subarray(0, -3)] as const,
    ),
  ])('%s refuses %s', async (name, _what, input) => {
    await expect(codecs[name].decompress(input)).rejects.toMatchObject({
      name: 'UndecodableError',
      code: 'invalid_compression',
    });
  });
});

describe('writing', () => {
  it.each(['gzip', 'snappy'] as const)('%s reads back what it writes', async (name) => {
    const text = Buffer.concat(Array.from({ length: 100 }, () => TEXT));
    const written = await codecs[name].compress({ buffer: text });
    expect(written.length).toBeLessThan(text.length / 10);
    expect((await codecs[name].decompress(written)).equals(text)).toBe(true);
  });

  it.each(['lz4', 'zstd'] as const)('says that it does not write %s', async (name) => {
    await expect(codecs[name].compress({ buffer: TEXT })).rejects.toMatchObject({
      code: 'compression_not_supported',
      retriable: false,
    });
  });
});

function framedSnappy(block: Buffer, count: number): Buffer {
  const header = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];
  const size = uint32(block.length).reverse();
  return bytes(header, ...Array.from({ length: count }, () => bytes(size, block)));
}

function storedMebibytes(count: number): Buffer[] {
  return Array.from({ length: count }, () => bytes(uint32(0x80000000 + MIB), new Uint8Array(MIB)));
}

/** Blocks of a few bytes whose output cannot be known without decoding them, under a window of 128 MiB. */
function zstdOfCompressedBlocks(count: number): Buffer {
  const block = (isLast: boolean) => [...uint32((3 << 3) | 4 | Number(isLast)).slice(0, 3), 0x09, 0x61, 0x00];
  return bytes(
    [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88],
    ...Array.from({ length: count }, (_, i) => block(i === count - 1)),
  );
}
