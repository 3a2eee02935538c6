import type { Listener } from './senders.ts';

/** Requests that a process has taken and not answered yet: a stop waits for them. */
export interface InHand {
  readonly take: Listener['take'];
  /** Resolves when those that are in hand now are answered, or failed. */
  settled(): Promise<unknown>;
}

export function createInHand(answer: Listener['take']): InHand {
  const inHand = new Set<Promise<void>>();
  return {
    take(request, acknowledge) {
      const answered = answer(request, acknowledge);
      inHand.add(answered);
      return answered.finally(() => inHand.delete(answered));
    },
    settled: () => Promise.allSettled(inHand),
  };
}
