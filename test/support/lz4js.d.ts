declare module 'lz4js' {
  /** Writes one LZ4 frame whose blocks of 4 MiB are linked. */
  export function compress(bytes: Uint8Array): Uint8Array;
}
