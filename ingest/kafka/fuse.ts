import type { FuseSettings } from './settings.ts';

/**
 * Trips when almost everything that a source brings is refused: a producer that was deployed broken should stop one topic, and be
 * noticed, rather than turn all of it into dead letters that expire.
 */
export interface Fuse {
  /** Counts records; true when the source should pause. Counting begins anew then. */
  count(records: number, rejected: number): boolean;
}

export function createFuse({ rejectedShareMax, window }: FuseSettings): Fuse {
  let seen = 0;
  let refused = 0;
  return {
    count(records, rejected) {
      seen += records;
      refused += rejected;
      if (seen < window) return false;
      const tripped = refused / seen >= rejectedShareMax;
      seen = 0;
      refused = 0;
      return tripped;
    },
  };
}
