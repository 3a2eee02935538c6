import { createHash } from 'node:crypto';
import type { Store } from '../store/store.ts';

/** What records of the log name by hash because it is too large for them. Must be stored before the record is written. */
export interface ContentStore {
  /** @returns the SHA-256 of the content, hex */
  put(tenant: string, content: string, nowMs: number): Promise<string>;
  /** Contents by hash; those that are not stored are left out. */
  get(tenant: string, hashes: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** One content: larger ones are refused before anything is written. */
export const CONTENT_BYTES_MAX = 8 * 1024 * 1024;

export function createContentStore(store: Store): ContentStore {
  return {
    async put(tenant, content, nowMs) {
      if (Buffer.byteLength(content) > CONTENT_BYTES_MAX) {
        throw new RangeError(`A content of the log may have ${CONTENT_BYTES_MAX} bytes.`);
      }
      const hash = createHash('sha256').update(content).digest('hex');
      await store.insert('log_contents', [{ tenant, hash, created: nowMs, content }]);
      return hash;
    },
    async get(tenant, hashes) {
      const rows = await store.query<{ hash: string; content: string }>(GET, { tenant, hashes: [...new Set(hashes)] });
      return new Map(rows.map(({ hash, content }) => [hash, content]));
    },
  };
}

const GET = `
  SELECT hash, any(content) AS content FROM log_contents
  WHERE tenant = {tenant:String} AND hash IN {hashes:Array(String)} GROUP BY hash`;
