import type { Detector } from './detector.ts';
import { exfiltration } from './exfiltration.ts';
import { isolationForest } from './isolation-forest.ts';
import { massRead } from './mass-read.ts';
import { novelEndpoint } from './novel-endpoint.ts';
import { rareSequence } from './rare-sequence.ts';
import { volumeSpike } from './volume-spike.ts';

/** Every detector there is. A new one is a file of its own and an entry here. */
export const DETECTORS: readonly Detector[] = [
  novelEndpoint,
  volumeSpike,
  massRead,
  exfiltration,
  rareSequence,
  isolationForest,
];
