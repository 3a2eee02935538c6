/**
 * Token buckets by key: `burst` requests at once, `perSecond` sustained. Bounded: at `tracked` buckets the one unused for
 * longest is forgotten, and its key starts with a full burst again.
 */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
  readonly tracked: number;
}

export interface RateLimiter {
  /** Takes a token. Returns 0, or the whole seconds until there will be one. */
  take(key: string): number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

export function createRateLimiter(limit: RateLimit, now: () => number): RateLimiter {
  const buckets = new Map<string, Bucket>();

  function refill(bucket: Bucket): Bucket {
    // A clock that steps back must not take tokens away.
    const elapsedSeconds = Math.max(0, now() - bucket.filledMs) / 1000;
    const tokens = Math.min(limit.burst, bucket.tokens + elapsedSeconds * limit.perSecond);
    return { tokens, filledMs: now() };
  }

  function evict(): void {
    const oldest = buckets.keys().next();
    if (buckets.size >= limit.tracked && !oldest.done) buckets.delete(oldest.value);
  }

  return {
    take(key) {
      const known = buckets.get(key);
      const bucket = known ? refill(known) : { tokens: limit.burst, filledMs: now() };
      // Deleting first moves the key to the end of the map: its order is the order of last use.
      buckets.delete(key);
      evict();
      buckets.set(key, bucket);
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / limit.perSecond);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
