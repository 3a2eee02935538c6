/** Everything `npm run bench` measures, in the order of the table. To add a measurement, add a line. */

import { measureDurable } from './durable.ts';
import { measureGuarantees } from './guarantees.ts';
import { measureLatency } from './latency.ts';
import type { Measurement } from './measurement.ts';
import { scaleRows } from './scale-rows.ts';
import { scoringRows } from './scoring.ts';
import { measureStages } from './stages.ts';

export const MEASUREMENTS: readonly Measurement[] = [
  { name: 'durable', minutesMax: 8, run: measureDurable },
  { name: 'scoring', minutesMax: 6, run: scoringRows },
  { name: 'scale', minutesMax: 15, run: scaleRows },
  { name: 'latency', minutesMax: 3, run: measureLatency },
  { name: 'guarantees', minutesMax: 3, run: measureGuarantees },
  { name: 'stages', minutesMax: 3, run: measureStages },
];
