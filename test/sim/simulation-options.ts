/** What one run of the simulator is told, and what it tells. */

import type { PartitionLimits } from '../../cli/partition-limits.ts';
import type { Extras } from './extras.ts';
import type { FaultKind, FaultRates } from './faults.ts';
import type { MoveAccident } from './relocation.ts';
import type { Variation } from './worker-process.ts';
import type { Workload, WorkloadSize } from './workload.ts';
import type { PlannedCrash } from './world.ts';

export interface SimulationOptions {
  readonly seed: number | string;
  /** Drawn from the seed when absent. */
  readonly rates?: FaultRates;
  readonly size?: WorkloadSize;
  readonly workers?: number;
  /** Share of ticks that the log takes. */
  readonly tickShare?: number;
  readonly limits?: Partial<PartitionLimits>;
  /** All records are there when the first worker starts, and a fetch may bring them all. */
  readonly allAtOnce?: boolean;
  readonly crashAt?: PlannedCrash;
  readonly variation?: Variation;
  /** Drawn from the seed when absent. */
  readonly extras?: Extras;
  /** Of a move; drawn from the seed when absent. */
  readonly accident?: MoveAccident;
  /** When the log moves in the midst of the run; drawn from the seed when absent. */
  readonly movesAfterMs?: number;
  /** Workers start so late; absent: at once. */
  readonly workersAfterMs?: number;
  /** A worker that is stopped in order is followed by the next only when it is gone. */
  readonly oneAtATime?: boolean;
  readonly keepHistory?: boolean;
  readonly onDeath?: (name: string) => void;
  readonly onNumber?: (call: number) => void;
  /** As `workloadOf` plans it, when the same run is done again and again. */
  readonly workload?: Workload;
}

export interface SimulationResult {
  readonly findings: readonly string[];
  /** Of everything that happened. */
  readonly digest: string;
  readonly history: readonly string[];
  readonly calls: number;
  readonly faults: Readonly<Record<FaultKind, number>>;
  readonly records: number;
  /** Events that a forgotten worker has stored behind the end of the old log. */
  readonly strays: number;
  /** Over HTTP. */
  readonly acknowledged: number;
  readonly repeats: number;
  readonly alerts: number;
  readonly virtualMs: number;
  readonly steps: number;
}
