/**
 * Every `await` of the product files that a simulation runs, and which of them a dying process was waiting at. The files are changed as they
 * are loaded: `await x` becomes `await __awaited(site, x)`, which hands on the same promise, so nothing happens sooner or later than it
 * would.
 */
import ts from 'typescript';

/** Files whose code runs between the log and the store, and on the way to a receiver. */
export const WORKER_FILES = [
  'alerts/delivery-attempt.ts',
  'alerts/delivery-store.ts',
  'alerts/delivery.ts',
  'alerts/lane.ts',
  'alerts/row-writer.ts',
  'baselines/content-store.ts',
  'baselines/event-log-store.ts',
  'baselines/filter-store.ts',
  'baselines/state-cache.ts',
  'cli/checkpointing.ts',
  'cli/checkpoints.ts',
  'cli/judged-rows.ts',
  'cli/kind-publisher.ts',
  'cli/kind-publishing.ts',
  'cli/partition-filters.ts',
  'cli/partition.ts',
  'cli/partitions.ts',
  'cli/repeats.ts',
  'cli/storage.ts',
  'cli/worker.ts',
  'ingest/append-queue.ts',
  'ingest/dead-letter-store.ts',
  'ingest/kafka/group-membership.ts',
  'ingest/kafka/log-sink.ts',
  'ingest/kafka/log-source.ts',
  'ingest/kafka/partitioned-consumer.ts',
  'store/batch-insert.ts',
  'store/batch-writer.ts',
  'store/batched-store.ts',
  'store/grouped-store.ts',
  'store/retry.ts',
] as const;

/** Files that move the log to other partitions or another topic, that look where it is, and what only they ask of the store. */
export const MOVE_FILES = [
  'baselines/state-store.ts',
  'cli/agree-on-epoch.ts',
  'cli/epoch-watch.ts',
  'cli/repartition.ts',
  'cli/topics/idle-groups.ts',
  'cli/topics/leftovers.ts',
  'cli/topics/move-states.ts',
  'cli/topics/new-topic.ts',
  'cli/topics/old-log.ts',
  'cli/topics/settle-states.ts',
  'ingest/kafka/record-reader.ts',
  'ingest/kafka/retriable.ts',
  'ingest/kafka/topic-bounds.ts',
  'ingest/kafka/topics.ts',
  'ingest/log-epoch-store.ts',
] as const;

/** Files that verify the log, and write again what is missing. */
export const VERIFY_FILES = [
  'cli/verify/due-deliveries.ts',
  'cli/verify/log-rows.ts',
  'cli/verify/range-check.ts',
  'cli/verify/range-plan.ts',
  'cli/verify/reconciler.ts',
  'cli/verify/stored-outcomes.ts',
  'cli/verify/topic-look.ts',
] as const;

/** Files between who sends to a single machine and its partition. The queue is a worker's as well: here the log is behind it. */
export const EMBEDDED_FILES = [
  'api/auth.ts',
  'api/key-store.ts',
  'api/keys.ts',
  'api/oversize.ts',
  'api/queries/find-alert.ts',
  'api/routes/alert-state.ts',
  'api/routes/intake.ts',
  'api/server.ts',
  'api/tenant-reader.ts',
  'ingest/acceptor.ts',
  'ingest/append-queue.ts',
  'ingest/embedded-log.ts',
  'ingest/http-body.ts',
  'ingest/unstored-letter-store.ts',
] as const;

/** Files between a topic that others write and the log. Those of the consumer and of the log's producer are a worker's as well. */
export const STAGE_FILES = [
  'ingest/append-queue.ts',
  'ingest/dead-letter-store.ts',
  'ingest/kafka/dead-letter-topic.ts',
  'ingest/kafka/group-membership.ts',
  'ingest/kafka/intake-stage.ts',
  'ingest/kafka/log-sink.ts',
  'ingest/kafka/partitioned-consumer.ts',
] as const;

export const SIMULATED_FILES = [
  ...new Set([...WORKER_FILES, ...MOVE_FILES, ...VERIFY_FILES, ...EMBEDDED_FILES, ...STAGE_FILES]),
] as const;

export interface AwaitSite {
  /** `file:line`, and a number where a line has several. */
  readonly name: string;
  /** File, and how it is written, shortened: the same when lines move. */
  readonly told: string;
  readonly start: number;
  readonly end: number;
  readonly iterates: boolean;
}

export function awaitSitesOf(file: string, source: string): AwaitSite[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const found: Omit<AwaitSite, 'name'>[] = [];
  const visit = (node: ts.Node): void => {
    const waited = waitedFor(node);
    if (waited !== undefined) {
      const text = node.getText(parsed).split('\n')[0]?.slice(0, 80) ?? '';
      found.push({
        told: `${file}: ${text}`,
        start: waited.getStart(parsed),
        end: waited.end,
        iterates: ts.isForOfStatement(node),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  const lineOf = ({ start }: { start: number }) => parsed.getLineAndCharacterOfPosition(start).line + 1;
  return found.map((site, index) => {
    const before = found.slice(0, index).filter((other) => lineOf(other) === lineOf(site)).length;
    return { ...site, name: `${file}:${lineOf(site)}${before === 0 ? '' : `#${before + 1}`}` };
  });
}

function waitedFor(node: ts.Node): ts.Expression | undefined {
  if (ts.isAwaitExpression(node)) return node.expression;
  return ts.isForOfStatement(node) && node.awaitModifier !== undefined ? node.expression : undefined;
}

/** The same code on the same lines, with every site reporting. */
export function withReports(file: string, source: string): string {
  const edits = awaitSitesOf(file, source).flatMap(({ name, start, end, iterates }) => [
    { at: start, text: `${iterates ? '__awaitedEach' : '__awaited'}(${JSON.stringify(name)}, (` },
    { at: end, text: '))' },
  ]);
  // From the end, so that positions stay right; of two edits at one place the later one closes.
  edits.sort((a, b) => b.at - a.at);
  return edits.reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), source);
}
