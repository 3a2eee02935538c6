/** Records come to the log when they are due, in the order given, whatever chance says of the instant. */
import type { Intake } from './intake.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

/** @param allAtOnce all of them are there before anybody reads */
export function produce({ scheduler, strikes }: World, intake: Intake, workload: Workload, allAtOnce: boolean): void {
  const { records, startMs } = workload;
  const queue = new Map<number, (() => void)[]>();
  for (const { atMs: plannedMs, partition, record } of records) {
    const atMs = allAtOnce ? startMs : plannedMs;
    const append = () => intake.append(partition, record, plannedMs);
    scheduler.after(atMs - startMs, () => {
      const due = queue.get(atMs) ?? [];
      queue.delete(atMs);
      for (const next of due) next();
    });
    const due = queue.get(atMs) ?? [];
    queue.set(atMs, due);
    due.push(append);
    if (strikes('producedTwice')) due.push(append);
  }
}
