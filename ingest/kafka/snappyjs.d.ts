declare module 'snappyjs' {
  /** Throws when the declared length is above `lengthMax`, or the block is not snappy. */
  export function uncompress(block: Buffer, lengthMax: number): Buffer;
  export function compress(bytes: Buffer): Buffer;
}
