/** What the operations routes tell of a process. */
import type { ReadinessCheck, Status } from '../api/ports.ts';
import type { Store } from '../store/store.ts';

export interface Metered {
  metrics(): Record<string, number>;
}

/** A part of the process whose progress decides whether it is ready. */
export interface Watched extends Metered {
  readonly name: string;
  readonly progress: { readonly ok: boolean; readonly degraded?: boolean; readonly detail: string };
}

export function createStatus(store: Store, watched: readonly Watched[], metered: readonly Metered[]): Status {
  return {
    async ready() {
      const checks = [await storeCheck(store), ...watched.map(({ name, progress }) => ({ name, ...progress }))];
      return { ready: checks.every(({ ok, degraded }) => ok || degraded === true), checks };
    },
    counters: () => Object.assign({}, ...[...watched, ...metered].map((part) => part.metrics())),
  };
}

const storeCheck = (store: Store): Promise<ReadinessCheck> =>
  store.ping().then(
    () => ({ name: 'store', ok: true, detail: `${store.engine} engine answers` }),
    () => ({ name: 'store', ok: false, detail: `${store.engine} engine does not answer` }),
  );
