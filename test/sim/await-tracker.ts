/** Which sites somebody waits at, at the moment. Loaded before the product in every file of the project `sim`. */

interface Reporting {
  __awaited: <T>(site: string, value: T) => T;
  __awaitedEach: <T>(site: string, items: AsyncIterable<T>) => AsyncIterable<T>;
  __waits: Waits;
}

interface Waits {
  /** Where somebody waits. Empties the list: whoever waited is gone. */
  atDeath(): string[];
  /** Where somebody waits, and goes on waiting. */
  now(): string[];
  /** Where somebody began to wait since this was last asked. */
  begun(): string[];
}

const waiting = new Set<{ readonly site: string }>();
const begun = new Set<string>();

function awaited<T>(site: string, value: T): T {
  if (!isThenable(value)) return value;
  const entry = { site };
  waiting.add(entry);
  begun.add(site);
  const over = () => void waiting.delete(entry);
  value.then(over, over);
  return value;
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value;

const awaitedEach = <T>(site: string, items: AsyncIterable<T>): AsyncIterable<T> => ({
  [Symbol.asyncIterator]() {
    const iterator = items[Symbol.asyncIterator]();
    const { return: leave } = iterator;
    return {
      next: () => awaited(site, iterator.next()),
      ...(leave === undefined ? {} : { return: (value?: unknown) => leave.call(iterator, value) }),
    };
  },
});

const sitesOf = () => [...waiting].map(({ site }) => site);

const waits: Waits = {
  atDeath() {
    const sites = sitesOf();
    waiting.clear();
    return sites;
  },
  now: sitesOf,
  begun() {
    const sites = [...begun];
    begun.clear();
    return sites;
  },
};

Object.assign(globalThis as unknown as Reporting, {
  __awaited: awaited,
  __awaitedEach: awaitedEach,
  __waits: waits,
});

const reported = (): Waits => (globalThis as unknown as Reporting).__waits;

export const waitedAtDeath = (): string[] => reported().atDeath();
export const waitingNow = (): string[] => reported().now();
export const begunToWait = (): string[] => reported().begun();
