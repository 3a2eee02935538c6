import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Codec } from './codecs.ts';
import { UndecodableError } from './undecodable.ts';

const gunzipAsync = promisify(gunzip);
const gzipAsync = promisify(gzip);

/** Off the event loop in both directions. kafkajs has a gzip codec of its own, but puts no bound on what comes out. */
export const createGzipCodec = (bytesMax: number): Codec => ({
  compress: (encoder) => gzipAsync(encoder.buffer),
  decompress: (bytes) => gunzipAsync(bytes, { maxOutputLength: bytesMax }).catch(asUndecodable('gzip', bytesMax)),
});

/** For the decoders of `node:zlib`, which tell by their code that a bound was reached. */
export function asUndecodable(codec: string, bytesMax: number): (error: unknown) => never {
  return (cause) => {
    const isTooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooLarge) throw tooLarge(codec, bytesMax);
    throw new UndecodableError('invalid_compression', `A batch is not valid ${codec}; it may have been cut off.`);
  };
}

export const tooLarge = (codec: string, bytesMax: number): UndecodableError =>
  new UndecodableError('batch_too_large', `A ${codec} batch holds more than ${bytesMax} bytes when decompressed.`);
