/** Which sites somebody waits at, at the moment. Loaded before the product in every file of the project `sim`. */

interface Reporting {
  __awaited: <T>(site: string, value: T) => T;
  __awaitedEach: <T>(site: string, items: AsyncIterable<T>) => AsyncIterable<T>;
  __waitedAt: () => string[];
}

const waiting = new Set<{ readonly site: string }>();

function awaited<T>(site: string, value: T): T {
  if (!isThenable(value)) return value;
  const entry = { site };
  waiting.add(entry);
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

/** Empties the list: whoever waited is gone. */
function waitedAt(): string[] {
  const sites = [...waiting].map(({ site }) => site);
  waiting.clear();
  return sites;
}

Object.assign(globalThis as unknown as Reporting, {
  __awaited: awaited,
  __awaitedEach: awaitedEach,
  __waitedAt: waitedAt,
});

export const waitedAtNow = (): string[] => (globalThis as unknown as Reporting).__waitedAt();
