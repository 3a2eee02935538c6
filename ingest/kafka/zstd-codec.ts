import { promisify } from 'node:util';
import { Decompress } from 'fzstd';
import type { Codec } from './codecs.ts';
import { asUndecodable, tooLarge } from './gzip-codec.ts';
import { UndecodableError } from './undecodable.ts';
import { fitFrame, invalidZstd } from './zstd-frame.ts';

type Decode = (bytes: Buffer, bytesMax: number) => Promise<Buffer>;
type NativeDecode = (
  bytes: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, result: Buffer) => void,
) => void;

/**
 * Reads zstd; does not write any. `zlib` is the module of that name: Node 22.15 and later decompress there, off the event loop; before
 * that it is done in JavaScript.
 */
export function createZstdCodec(bytesMax: number, zlib: object): Codec {
  const native: unknown = Reflect.get(zlib, 'zstdDecompress');
  const decode = typeof native === 'function' ? nativeDecode(native as NativeDecode) : decodeInScript;
  return {
    compress: async () => cannotCompress('zstd'),
    decompress: (bytes) => decode(bytes, bytesMax),
  };
}

/** Never retried by kafkajs, since it is no error of a broker but a wrong setting. */
export function cannotCompress(codec: string): never {
  const message = `Picket reads ${codec} but does not write it; compress what it produces with gzip or snappy.`;
  throw Object.assign(new Error(message), { code: 'compression_not_supported', retriable: false });
}

function nativeDecode(native: NativeDecode): Decode {
  const decompress = promisify(native);
  return (bytes, bytesMax) => decompress(bytes, { maxOutputLength: bytesMax }).catch(asUndecodable('zstd', bytesMax));
}

async function decodeInScript(bytes: Buffer, bytesMax: number): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  let byteCount = 0;
  const decoder = new Decompress((block) => {
    byteCount += block.length;
    if (byteCount > bytesMax) throw tooLarge('zstd', bytesMax);
    blocks.push(block);
  });
  try {
    decoder.push(fitFrame(bytes, bytesMax), true);
  } catch (error) {
    throw error instanceof UndecodableError ? error : invalidZstd();
  }
  return Buffer.concat(blocks, byteCount);
}
