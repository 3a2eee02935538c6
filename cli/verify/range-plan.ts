/** Turns what a person calls a range, positions or times, into stretches of positions. */
import type { RangePlan, RangeWish } from '../../api/schemas/verify.ts';
import { STRETCH_POSITIONS_MAX } from '../../api/schemas/verify.ts';
import type { LogRows, Positions, StoredPartition } from './log-rows.ts';
import type { TopicLook } from './topic-look.ts';

/** The engine's times end here. */
const END_OF_TIME_MS = Date.UTC(2100, 0, 1);

export async function planRange(range: RangeWish, rows: LogRows, topic: TopicLook | undefined): Promise<RangePlan> {
  const notes: string[] = [];
  const bounds = (await topic?.bounds()) ?? new Map<number, { low: number; high: number }>();
  const stored = await rows.partitions();
  const known = new Map(stored.map((one) => [one.partition, one]));
  for (const [partition, { low }] of bounds)
    if (!known.has(partition)) known.set(partition, { partition, first: low, last: low - 1 });
  const stretches: Positions[] = [];
  for (const one of [...known.values()].sort((a, b) => a.partition - b.partition)) {
    if (range.partition !== undefined && range.partition !== one.partition) continue;
    const { low = one.first, high } = bounds.get(one.partition) ?? {};
    const whole = { ...one, first: Math.min(one.first, low) };
    if (whole.first > 0) notes.push(`The log of partition ${one.partition} begins at position ${whole.first}.`);
    if (high !== undefined && high - 1 > one.last)
      notes.push(`${high - 1 - one.last} records of partition ${one.partition} are not judged yet.`);
    const wanted = await clipped(whole, range, rows);
    if (wanted !== undefined) stretches.push(...pieces(wanted));
  }
  for (const { partition, first, rows: count } of await rows.behindEnds())
    if (range.partition === undefined || range.partition === partition)
      notes.push(
        `${count} rows of partition ${partition}, from position ${first} on, stand behind its end and are not of the log: a worker that ` +
          'was forgotten when the log moved has stored them. Their records went on to the next epoch.',
      );
  return { stretches, notes };
}

async function clipped(whole: StoredPartition, range: RangeWish, rows: LogRows): Promise<Positions | undefined> {
  const { sinceMs, untilMs, from = 0, to = Number.MAX_SAFE_INTEGER } = range;
  const timed =
    sinceMs === undefined && untilMs === undefined
      ? whole
      : await rows.received(whole, Math.max(0, sinceMs ?? 0), Math.min(END_OF_TIME_MS, untilMs ?? END_OF_TIME_MS));
  if (timed === undefined) return undefined;
  const first = Math.max(timed.first, from);
  const last = Math.min(timed.last, to);
  return first > last ? undefined : { partition: whole.partition, first, last };
}

function pieces({ partition, first, last }: Positions): Positions[] {
  const count = Math.ceil((last - first + 1) / STRETCH_POSITIONS_MAX);
  return Array.from({ length: count }, (_, i) => ({
    partition,
    first: first + i * STRETCH_POSITIONS_MAX,
    last: Math.min(last, first + (i + 1) * STRETCH_POSITIONS_MAX - 1),
  }));
}
