/** Reads of the stored log for reconciliation: each is bounded by a stretch of positions, and small. */
import { type JudgedRecord, RECORD_COLUMNS, recordOf, type StoredRow } from '../../baselines/event-log-store.ts';
import type { VerdictStatus } from '../../baselines/verdict.ts';
import { PARTITIONS_MAX } from '../../ingest/log.ts';
import { OF_THE_LOG } from '../../ingest/log-ends.ts';
import type { Store } from '../../store/store.ts';

export interface StoredPartition {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** A partition of which nobody may know where it begins. */
export type LogBounds = Pick<StoredPartition, 'partition' | 'last'> & Partial<Pick<StoredPartition, 'first'>>;

/** Positions of one partition, both ends included. */
export interface Positions {
  readonly partition: number;
  readonly first: number;
  readonly last: number;
}

/** A row whose record became a dead letter. */
export interface LetterRow {
  readonly tenant: string;
  readonly position: number;
  readonly kind: string;
  readonly status: VerdictStatus | 'control';
  readonly receivedMs: number;
}

/** Positions that a partition has rows for behind the end that the next epoch has set to it. */
export interface RowsBehindEnd {
  readonly partition: number;
  readonly first: number;
  readonly rows: number;
}

export interface LogRows {
  partitions(): Promise<StoredPartition[]>;
  behindEnds(): Promise<RowsBehindEnd[]>;
  /** Stretches without a row among these positions. */
  holes(positions: Positions): Promise<Positions[]>;
  /** Rows with hits, and words of analysts, without content. */
  consequential(positions: Positions): Promise<JudgedRecord[]>;
  letters(positions: Positions): Promise<LetterRow[]>;
  /**
   * Positions of the rows that were received in a span of time, with the holes beside them; undefined for none. Without a row before them
   * they begin with `first` of the partition; absent: with themselves, for there the stored log begins.
   */
  received(partition: LogBounds, sinceMs: number, untilMs: number): Promise<Positions | undefined>;
  /** Position of the newest checkpoint: what is up to there has been followed up. -1 for none. */
  checkpoint(partition: number): Promise<number>;
}

export const createLogRows = (store: Pick<Store, 'query'>): LogRows => ({
  async partitions() {
    return (await store.query<StoredPartition>(PARTITIONS)).map(numbers);
  },
  async behindEnds() {
    return (await store.query<RowsBehindEnd>(BEHIND_ENDS)).map(numbers);
  },
  async holes(positions) {
    const [row] = await store.query<{ n: number }>(COUNT, { ...positions });
    if (Number(row?.n ?? 0) === positions.last - positions.first + 1) return [];
    const there = await store.query<{ position: number }>(THERE, { ...positions });
    return holesBetween(
      positions,
      there.map(({ position }) => Number(position)),
    );
  },
  async consequential(positions) {
    return (await store.query<StoredRow>(CONSEQUENTIAL, { ...positions })).map(recordOf);
  },
  async letters(positions) {
    const rows = await store.query<LetterRow>(LETTERS, { ...positions });
    return rows.map((row) => ({ ...row, position: Number(row.position), receivedMs: Number(row.receivedMs) }));
  },
  async received({ partition, first, last }, sinceMs, untilMs) {
    const [span] = await store.query<{ first: number; last: number; n: number }>(RECEIVED, {
      partition,
      sinceMs,
      untilMs,
    });
    if (span === undefined || Number(span.n) === 0) return undefined;
    const [edge] = await store.query<{ before: number | null; after: number | null }>(EDGES, {
      partition,
      ...numbers(span),
    });
    const before = edge?.before ?? null;
    const after = edge?.after ?? null;
    return {
      partition,
      first: before === null ? (first ?? Number(span.first)) : Number(before) + 1,
      last: after === null ? last : Number(after) - 1,
    };
  },
  async checkpoint(partition) {
    const [row] = await store.query<{ newest: number | null }>(CHECKPOINT, { partition });
    return Number(row?.newest ?? -1);
  },
});

/** @param there positions with a row, ascending */
export function holesBetween({ partition, first, last }: Positions, there: readonly number[]): Positions[] {
  const holes: Positions[] = [];
  let next = first;
  for (const position of there) {
    if (position > next) holes.push({ partition, first: next, last: position - 1 });
    next = position + 1;
  }
  if (next <= last) holes.push({ partition, first: next, last });
  return holes;
}

/** 64-bit numbers come as text from some engines. */
const numbers = <Row extends object>(row: Row): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)])) as Row;

const IN_STRETCH = 'partition = {partition:UInt32} AND position >= {first:UInt64} AND position <= {last:UInt64}';

/** What a move has stored of an epoch that has not begun may be taken away again: it is not of the log yet. */
const PARTITIONS = `
  SELECT partition, min(position) AS first, max(position) AS last FROM event_log
  WHERE ${OF_THE_LOG} AND intDiv(partition, ${PARTITIONS_MAX}) <= (SELECT max(epoch) FROM log_epochs)
  GROUP BY partition ORDER BY partition`;

const BEHIND_ENDS = `
  SELECT partition, min(position) AS first, uniqExact(position) AS rows FROM event_log WHERE NOT (${OF_THE_LOG})
  GROUP BY partition ORDER BY partition`;

const COUNT = `SELECT uniqExact(position) AS n FROM event_log WHERE ${IN_STRETCH}`;

const THERE = `SELECT DISTINCT position FROM event_log WHERE ${IN_STRETCH} ORDER BY position`;

const CONSEQUENTIAL = `
  SELECT * REPLACE('' AS content) FROM (
    SELECT ${RECORD_COLUMNS} FROM event_log FINAL
    WHERE ${IN_STRETCH} AND (hits != '' OR kind = 'disposition') AND status NOT IN ('duplicate', 'conflict', 'rejected'))
  ORDER BY position`;

const LETTERS = `
  SELECT tenant, position, kind, status, toUnixTimestamp64Milli(received) AS receivedMs FROM event_log FINAL
  WHERE ${IN_STRETCH} AND (kind = 'unreadable' OR status IN ('conflict', 'rejected')) ORDER BY position`;

const RECEIVED = `
  SELECT min(position) AS first, max(position) AS last, count() AS n FROM event_log
  WHERE partition = {partition:UInt32} AND received >= fromUnixTimestamp64Milli({sinceMs:Int64})
    AND received < fromUnixTimestamp64Milli({untilMs:Int64}) AND ${OF_THE_LOG}`;

const EDGES = `
  SELECT maxOrNullIf(position, position < {first:UInt64}) AS before, minOrNullIf(position, position > {last:UInt64}) AS after
  FROM event_log WHERE partition = {partition:UInt32} AND ${OF_THE_LOG}`;

const CHECKPOINT = 'SELECT maxOrNull(position) AS newest FROM checkpoints WHERE partition = {partition:UInt32}';
