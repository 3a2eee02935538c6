/**
 * One agent recomputed from the log: its records judged anew by the worker's own steps, or taken in with the verdicts that stand there as a
 * restart does it, and held against what is stored: every verdict, and the state at every position of which a snapshot is retained, byte
 * for byte.
 */

import type { JudgeSettings } from '../../alerts/judge.ts';
import type { AgentVerification, VerifiedDifference } from '../../api/schemas/verify.ts';
import type { AgentState } from '../../baselines/agent-state.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import type { AgentKey } from '../../baselines/state-cache.ts';
import { decodeState, encodeState, readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import type { Scoring } from '../../detectors/scoring.ts';
import { agentOf, epochOf, type LogEntry } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { createHeldAgents } from '../backtest/held-agents.ts';
import { createHistory, type History, type Opening, type Stretch } from '../backtest/history.ts';
import { createShelf } from '../backtest/shelf.ts';
import { counted } from '../counted.ts';
import { createPipeline, emptyPipelineState, type Pipeline } from '../pipeline.ts';
import { slotCodec } from '../scorer.ts';
import { type AgentStart, agentStart } from './agent-start.ts';
import { checkpointFault } from './checkpoint-fault.ts';
import { firstDifference } from './first-difference.ts';
import { repeatFaults } from './repeat-faults.ts';
import { createSnapshots, type Snapshot, type Snapshots } from './snapshots.ts';

export interface AgentWish extends AgentKey {
  readonly mode: 'judge' | 'replay';
  /**
   * Position of the retained snapshot to begin with; of several epochs' the newest. With `replay` the run then goes through to the newest
   * snapshot; without it every snapshot is restored in turn and taken to the next.
   */
  readonly from?: number | undefined;
}

export interface AgentRunDeps {
  readonly store: Store;
  readonly scoring: Scoring;
  readonly settings: JudgeSettings;
  /** Says what judges here; see `judgingMark`. */
  readonly mark: string;
  /** More events are refused: whoever asks would wait too long. */
  readonly eventsMax: number;
  readonly onProgress: (events: number, total: number) => void;
  readonly stop: AbortSignal;
}

/** Nothing was compared; the sentence says why. */
export class CannotVerify extends Error {
  override readonly name = 'CannotVerify';
  readonly code: 'nothing_stored' | 'too_many' | 'no_start';

  constructor(code: CannotVerify['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Differences beyond this are counted only. */
const LISTED_MAX = 20;

/** @throws CannotVerify */
export async function verifyAgent(wish: AgentWish, deps: AgentRunDeps): Promise<AgentVerification> {
  const { tenant, agent } = wish;
  const snapshots = createSnapshots(deps.store, tenant, agent);
  const list = await snapshots.list();
  const history = createHistory(deps.store, { tenant, agent });
  const { stretches } = await history.survey();
  if (stretches.every(({ events }) => events === 0) && list.length === 0)
    throw new CannotVerify('nothing_stored', 'Nothing is stored of this agent.');
  const start = await agentStart(stretches, list, snapshots, { ...wish, from: wish.from, mark: deps.mark });
  if (typeof start === 'string') throw new CannotVerify('no_start', start);
  const run = createRun(wish, start, list, snapshots, deps);
  await run.begin();
  const left = stretchesAfter(stretches, start);
  const total = left.reduce((sum, { events }) => sum + events, 0);
  if (total > deps.eventsMax)
    throw new CannotVerify(
      'too_many',
      `More than ${deps.eventsMax} events would have to be read; begin with a later snapshot (--from).`,
    );
  for (const stretch of left) await run.follow(stretch, history, total);
  const faults = await repeatFaults(deps.store, tenant, agent);
  for (const stretch of stretches.slice(-1)) {
    const fault = await checkpointFault(stretch, list, snapshots);
    if (fault !== undefined) faults.push(fault);
  }
  return run.report(await closingNotes(left, snapshots), faults);
}

/** What is read after a snapshot: the rest of its partition, and the partitions of later epochs. */
function stretchesAfter(stretches: readonly Stretch[], { snapshot }: AgentStart): Stretch[] {
  if (snapshot === undefined) return [...stretches];
  const { partition, position } = snapshot;
  return stretches
    .filter((one) => one.partition > partition || (one.partition === partition && one.last > position))
    .map((one) => (one.partition === partition ? { ...one, first: Math.max(one.first, position + 1) } : one));
}

async function closingNotes(stretches: readonly Stretch[], snapshots: Snapshots): Promise<string[]> {
  const notes: string[] = [];
  for (const { partition, last } of stretches) {
    const { first, holes } = await snapshots.log(partition, last);
    if (holes > 0)
      notes.push(
        `${counted(holes, 'position')} of partition ${partition} between ${first} and ${last} ${holes === 1 ? 'has' : 'have'} no row; \`picket verify --range ${first}..${last} ` +
          `--partition ${partition}\` says which.`,
      );
  }
  return notes;
}

function createRun(
  { tenant, agent, mode, from }: AgentWish,
  start: AgentStart,
  list: readonly Snapshot[],
  snapshots: Snapshots,
  { store, scoring, settings, onProgress, stop }: AgentRunDeps,
) {
  const codec = slotCodec(scoring);
  const shelf = createShelf(createContentStore(store));
  const held = createHeldAgents();
  const retained = new Map(list.map((one) => [placeKey(one.partition, one.position), one]));
  const listed: VerifiedDifference[] = [];
  const counts = { events: 0, differences: 0, compared: 0, equal: 0, otherFormat: 0 };
  const missingModels = new Set<string>();
  let end = { partition: start.snapshot?.partition ?? 0, position: start.snapshot?.position ?? -1 };
  let pipeline: Pipeline = pipelineFrom({ tickMs: 0, models: [] });

  function pipelineFrom({ tickMs }: Opening): Pipeline {
    const state = { ...emptyPipelineState(held.agent), tickMs, content: (hash: string) => shelf.contents.get(hash) };
    return createPipeline(state, scoring, settings);
  }

  function differs(
    place: { partition: number; position: number },
    found: Omit<VerifiedDifference, 'partition' | 'position'>,
  ): void {
    counts.differences += 1;
    if (listed.length < LISTED_MAX) listed.push({ partition: place.partition, position: place.position, ...found });
  }

  async function decoded(snapshot: Snapshot): Promise<AgentState | undefined> {
    const text = await snapshots.text(snapshot);
    return text === undefined ? undefined : decodeState(text, snapshot.format, codec);
  }

  /** With `replay` and no place to begin with, the run goes on from what is stored: so every snapshot is restored once. */
  async function atSnapshot(snapshot: Snapshot, state: AgentState): Promise<void> {
    if (snapshot.format !== STATE_FORMAT) {
      counts.otherFormat += 1;
      return;
    }
    const text = await snapshots.text(snapshot);
    if (text === undefined) return;
    const own = encodeState(state, codec);
    counts.compared += 1;
    if (own === text) counts.equal += 1;
    else differs(snapshot, { what: 'state', ...stateDifference(text, own) });
    if (mode === 'replay' && from === undefined) held.put(decodeState(text, snapshot.format, codec));
  }

  async function enter(stretch: Stretch, history: History): Promise<void> {
    const opening = await openingOf(stretch, history);
    await shelf.bringIn(
      opening.models.map((entry) => ({ record: { partition: stretch.partition, position: -1, entry } })),
    );
    held.enter(stretch.partition);
    pipeline = pipelineFrom(opening);
    for (const entry of opening.models) {
      noteContent(entry);
      pipeline.step({ partition: stretch.partition, position: -1, entry }, 'new');
    }
    const moved = retained.get(placeKey(stretch.partition, 0));
    if (epochOf(stretch.partition) > 0 && moved !== undefined && end.partition < stretch.partition)
      await atSnapshot(moved, held.agent({ tenant, agent }));
  }

  /** Checkpoints know the clock too: of rows that are gone, and of an older log from which states moved in. */
  async function openingOf(stretch: Stretch, history: History): Promise<Opening> {
    const opening = await history.opening(stretch);
    const upTo = stretch.first === 0 && epochOf(stretch.partition) > 0 ? 0 : stretch.first - 1;
    const tick = await snapshots.checkpointTick(stretch.partition, upTo);
    return { ...opening, tickMs: Math.max(opening.tickMs, tick?.tickMs ?? 0) };
  }

  function noteContent(entry: LogEntry): void {
    if ('content' in entry && entry.content !== undefined && !shelf.contents.has(entry.content))
      missingModels.add(entry.content);
  }

  async function take(one: JudgedRecord): Promise<void> {
    const { record, verdict } = one;
    noteContent(record.entry);
    if (mode === 'replay') pipeline.replay(one);
    else compareVerdict(one, pipeline.step(record, 'new').verdict);
    if (record.entry.kind === 'event') counts.events += verdict === undefined ? 0 : 1;
    end = { partition: record.partition, position: record.position };
    if (agentOf(record.entry) === undefined) return;
    const snapshot = retained.get(placeKey(record.partition, record.position));
    if (snapshot !== undefined) await atSnapshot(snapshot, held.agent({ tenant, agent }));
  }

  function compareVerdict({ record, verdict }: JudgedRecord, anew: Verdict | undefined): void {
    const found = firstDifference(verdict ?? null, anew ?? null);
    if (found !== undefined) differs(record, { what: 'verdict', ...found });
  }

  return {
    async begin(): Promise<void> {
      if (start.snapshot === undefined) return;
      const state = await decoded(start.snapshot);
      if (state === undefined)
        throw new CannotVerify('no_start', 'The snapshot was replaced by a newer one meanwhile; run this again.');
      held.enter(start.snapshot.partition);
      held.put(state);
    },
    async follow(stretch: Stretch, history: History, total: number): Promise<void> {
      await enter(stretch, history);
      for await (const judged of history.records(stretch, { group: 0, groups: 1 })) {
        stop.throwIfAborted();
        await shelf.bringIn(judged);
        for (const one of judged) await take(one);
        onProgress(counts.events, total);
        await new Promise(setImmediate);
      }
    },
    report(notes: readonly string[], repeats: readonly VerifiedDifference[]): AgentVerification {
      const gone =
        missingModels.size === 0
          ? []
          : [
              `${missingModels.size} contents that records name are not stored any more: what was judged by them cannot be judged so again.`,
            ];
      const differences = counts.differences + repeats.length;
      const doubtful = start.doubtful || missingModels.size > 0;
      return {
        agent,
        mode,
        outcome: differences === 0 ? 'equal' : doubtful ? 'unclear' : 'different',
        start: {
          from: start.snapshot === undefined ? 'beginning' : 'snapshot',
          partition: start.snapshot?.partition ?? 0,
          position: start.snapshot?.position ?? -1,
        },
        end,
        events: counts.events,
        snapshots: { compared: counts.compared, equal: counts.equal, other_format: counts.otherFormat },
        differences,
        listed: [...listed, ...repeats].slice(0, LISTED_MAX),
        notes: [...start.notes, ...gone, ...notes],
      };
    },
  };
}

const placeKey = (partition: number, position: number): string => `${partition}:${position}`;

function stateDifference(stored: string, own: string) {
  try {
    const found = firstDifference(parsed(stored), parsed(own));
    return (
      found ?? {
        field: '',
        stored: `${stored.length} characters`,
        recomputed: `${own.length} characters, the same values`,
      }
    );
  } catch {
    return { field: '', stored: 'not readable', recomputed: `${own.length} characters` };
  }
}

const parsed = (state: string): unknown => JSON.parse(readableState({ format: STATE_FORMAT, state }));
