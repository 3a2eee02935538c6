import type { ContentStore } from '../../baselines/content-store.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { contentsOf } from '../pipeline.ts';

/** What the records at hand name by hash; what is not stored any more is not there. */
export function createShelf(store: Pick<ContentStore, 'get'>) {
  const contents = new Map<string, string>();
  return {
    contents,
    async bringIn(judged: readonly JudgedRecord[]): Promise<void> {
      contents.clear();
      for (const [tenant, hashes] of contentsOf(judged.map(({ record }) => record))) {
        for (const [hash, content] of await store.get(tenant, hashes)) contents.set(hash, content);
      }
    },
  };
}
