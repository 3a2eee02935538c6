import { UndecodableError } from './undecodable.ts';

/** As kafkajs calls it, with the records of one batch. */
export interface Codec {
  /** gzip and snappy only; the others reject with the code compression_not_supported. */
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  /** Rejects with `UndecodableError` batch_too_large or invalid_compression. */
  decompress(bytes: Buffer): Promise<Buffer>;
}

export const tooLarge = (codec: string, bytesMax: number): UndecodableError =>
  new UndecodableError('batch_too_large', `A ${codec} batch holds more than ${bytesMax} bytes when decompressed.`);

export const invalidCompression = (codec: string): UndecodableError =>
  new UndecodableError('invalid_compression', `A batch is not valid ${codec}; it may have been cut off.`);

/** For the decoders of `node:zlib`, which tell by their code that a bound was reached. */
export function asUndecodable(codec: string, bytesMax: number): (error: unknown) => never {
  return (error) => {
    const isTooLarge = error instanceof Error && Reflect.get(error, 'code') === 'ERR_BUFFER_TOO_LARGE';
    throw isTooLarge ? tooLarge(codec, bytesMax) : invalidCompression(codec);
  };
}

/** Never retried by kafkajs, since it is no error of a broker but a wrong setting. */
export function cannotCompress(codec: string): never {
  const message = `Picket reads ${codec} but does not write it; compress what it produces with gzip or snappy.`;
  throw Object.assign(new Error(message), { code: 'compression_not_supported', retriable: false });
}
