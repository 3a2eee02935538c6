import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { asUndecodable, type Codec } from './codec.ts';

const gunzipAsync = promisify(gunzip);
const gzipAsync = promisify(gzip);

/** Off the event loop in both directions. kafkajs has a gzip codec of its own, but puts no bound on what comes out. */
export const createGzipCodec = (bytesMax: number): Codec => ({
  compress: (encoder) => gzipAsync(encoder.buffer),
  decompress: (bytes) => gunzipAsync(bytes, { maxOutputLength: bytesMax }).catch(asUndecodable('gzip', bytesMax)),
});
