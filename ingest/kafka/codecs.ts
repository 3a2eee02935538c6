import * as zlib from 'node:zlib';
import kafkajs, { CompressionTypes } from 'kafkajs';
import { createGzipCodec } from './gzip-codec.ts';
import { createLz4Codec } from './lz4-codec.ts';
import { createSnappyCodec } from './snappy-codec.ts';
import { createZstdCodec } from './zstd-codec.ts';

// Node sees only some names of a CommonJS package without asking for the whole of it.
const { CompressionCodecs } = kafkajs;

/** Of one batch after decompression. A topic's `max.message.bytes` bounds it before. */
export const BATCH_BYTES_MAX = 32 * 1024 * 1024;

/** By the name that Kafka's `compression.type` has for each. */
export const createCodecs = (bytesMax: number) => ({
  gzip: createGzipCodec(bytesMax),
  snappy: createSnappyCodec(bytesMax),
  lz4: createLz4Codec(bytesMax),
  zstd: createZstdCodec(bytesMax, zlib),
});

/**
 * Gives kafkajs all codecs of Kafka, each bounded by `BATCH_BYTES_MAX`. kafkajs keeps them per process, for all of its clients; to
 * register again changes nothing.
 */
export function registerCodecs(): void {
  const { gzip, snappy, lz4, zstd } = createCodecs(BATCH_BYTES_MAX);
  CompressionCodecs[CompressionTypes.GZIP] = () => gzip;
  CompressionCodecs[CompressionTypes.Snappy] = () => snappy;
  CompressionCodecs[CompressionTypes.LZ4] = () => lz4;
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
}
