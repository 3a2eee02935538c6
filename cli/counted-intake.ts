/** Counts the records that HTTP brings, under the names that those of intake topics have: an alarm is about refused records, whatever their way. */
import type { Intake, Status } from '../api/ports.ts';
import type { Metered } from './status.ts';

export interface CountedIntake extends Intake, Metered {}

/** What the log could not take is not counted: its sender hears so, and sends it again. */
export function countedIntake(intake: Intake): CountedIntake {
  const counts = { accepted: 0, rejected: 0 };
  return {
    async accept(tenant, records, context) {
      const result = await intake.accept(tenant, records, context);
      counts.accepted += result.accepted;
      counts.rejected += result.rejected.length;
      return result;
    },
    metrics: () => ({ intake_accepted_total: counts.accepted, intake_rejected_total: counts.rejected }),
  };
}

/** In a process that reads intake topics as well, the numbers of both add up. */
export const withCounted = (status: Status, counted: Metered): Status => ({
  ready: () => status.ready(),
  counters() {
    const sums: Record<string, number> = { ...status.counters() };
    for (const [name, count] of Object.entries(counted.metrics())) sums[name] = (sums[name] ?? 0) + count;
    return sums;
  },
});
