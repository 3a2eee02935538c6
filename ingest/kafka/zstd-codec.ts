import { promisify } from 'node:util';
import { Decompress } from 'fzstd';
import { asUndecodable, type Codec, cannotCompress, invalidCompression, tooLarge } from './codec.ts';
import { UndecodableError } from './undecodable.ts';
import { fitFrame } from './zstd-frame.ts';

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
    throw error instanceof UndecodableError ? error : invalidCompression('zstd');
  }
  return Buffer.concat(blocks, byteCount);
}
