/** What the log means: its records one after the other through the pipeline, without stores, batches, owners or restarts. */

import { createHitStore } from '../../alerts/hit-store.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { eventLogRow, type JudgedRecord } from '../../baselines/event-log-store.ts';
import { movedState } from '../../baselines/moved-state.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { decodeState, encodeState } from '../../baselines/state-codec.ts';
import { lettersOf, noticesOf, placedChange, placedHits } from '../../cli/outcomes.ts';
import { createPipeline, emptyPipelineState, type Repeat } from '../../cli/pipeline.ts';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { agentOf, type LogRecord, logPartition } from '../../ingest/log.ts';
import { recordingStore } from '../support/recording-store.ts';
import type { Broker } from './broker.ts';
import { codec, scoring, settings, TENANT } from './lives.ts';
import { MISFIT, NEWER_FORMAT, POISON, type Workload } from './workload.ts';

const REFUSED = [POISON, MISFIT];

export interface Expected {
  /** By `partition:position`: the row of `event_log`. */
  readonly rows: ReadonlyMap<string, object>;
  /** Rows of `alert_hits` and `alert_changes`. */
  readonly hits: readonly object[];
  readonly changes: readonly object[];
  /** `source position code` of the dead letters. */
  readonly letters: ReadonlySet<string>;
  /** Alerts that open, by id. */
  readonly notices: ReadonlyMap<string, AlertNotice>;
  /** Text of a state as of a position, for those that were asked for. */
  readonly texts: ReadonlyMap<string, string>;
  /** At the end of the log, by agent. */
  readonly states: ReadonlyMap<string, string>;
}

export const textKey = (partition: number, agent: string, position: number): string =>
  `${partition} ${agent} ${position}`;

/** The log where it was for a while. */
export interface LogPart {
  readonly epoch: number;
  readonly log: Broker['log'];
  /** Last position of each partition that counts; what is after it went on to the next epoch. Absent: all. */
  readonly ends?: readonly number[];
  /** What an embedded log holds: no broker has seen it. */
  readonly records?: readonly LogRecord[];
  /** Nobody forwards anything from it. */
  readonly isEmbedded?: boolean;
}

/** @param contents what records name by hash; @param wanted keys of states to tell the text of */
export async function expectedOf(
  workload: Workload,
  contents: ReadonlyMap<string, string>,
  parts: readonly LogPart[],
  wanted: ReadonlySet<string>,
): Promise<Expected> {
  const run = new OracleRun(workload, contents, wanted);
  for (const { epoch, log, ends, records } of parts) {
    if (epoch > 0) run.move();
    if (records !== undefined) run.partition(logPartition(epoch, 0), records);
    for (const [local, messages] of log.entries()) {
      const partition = logPartition(epoch, local);
      const counted = messages.filter(({ offset }) => Number(offset) <= (ends?.[local] ?? Number.POSITIVE_INFINITY));
      run.partition(
        partition,
        counted.map((message) => ({
          partition,
          position: Number(message.offset),
          entry: decodeEntry(message, NEWER_FORMAT),
        })),
      );
    }
    run.finish();
  }
  return run.expected();
}

class OracleRun {
  readonly #contents: ReadonlyMap<string, string>;
  readonly #wanted: ReadonlySet<string>;
  readonly #judged: JudgedRecord[] = [];
  readonly #texts = new Map<string, string>();
  readonly #states = new Map<string, string>();
  /** Of all partitions: an agent is in one of them. */
  readonly #held = new Map<string, AgentState>();
  readonly #seen = new Map<string, string>();
  /** Newest tick of all partitions, and of the epochs before this one. */
  #tickMs: number;
  #clockMs: number;

  constructor(workload: Workload, contents: ReadonlyMap<string, string>, wanted: ReadonlySet<string>) {
    this.#contents = contents;
    this.#wanted = wanted;
    this.#tickMs = workload.startMs;
    this.#clockMs = workload.startMs;
    for (const { text, format } of workload.past) {
      const state = decodeState(text, format, codec);
      this.#held.set(cacheKey(state), state);
    }
  }

  /** Who has no row yet begins anew wherever it is. */
  move(): void {
    this.#clockMs = this.#tickMs;
    for (const [key, state] of this.#held) {
      if (state.position < 0) this.#held.delete(key);
      else this.#held.set(key, movedState(state));
    }
  }

  finish(): void {
    for (const state of this.#held.values()) this.#states.set(state.agent, encodeState(state, codec));
  }

  partition(number: number, records: readonly LogRecord[]): void {
    const held = this.#held;
    const agent = (key: AgentKey): AgentState => {
      const state = held.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
      held.set(cacheKey(key), state);
      return state;
    };
    const content = (hash: string) => this.#contents.get(hash);
    const states = { ...emptyPipelineState(agent), tickMs: this.#clockMs, content };
    const pipeline = createPipeline(states, scoring, settings);
    for (const record of records) {
      this.#judged.push(pipeline.step(record, repeatOf(record, this.#seen)));
      const about = agentOf(record.entry);
      if (about === undefined) continue;
      const key = textKey(number, about.agent, record.position);
      if (this.#wanted.has(key)) this.#texts.set(key, encodeState(agent(about), codec));
    }
    this.#tickMs = Math.max(this.#tickMs, states.tickMs);
  }

  async expected(): Promise<Expected> {
    const judged = this.#judged;
    const recorded = recordingStore();
    const store = createHitStore(recorded.store);
    await store.writeHits(judged.flatMap(placedHits));
    await store.writeChanges(judged.flatMap(placedChange));
    const [hits = [], changes = []] = recorded.inserts;
    const notices = judged.flatMap(noticesOf);
    return {
      rows: new Map(judged.map((one) => [`${one.record.partition}:${one.record.position}`, eventLogRow(one)])),
      hits,
      changes,
      letters: new Set(lettersOf(judged).map(({ sourcePosition, code }) => `${sourcePosition} ${code}`)),
      notices: new Map(notices.map((notice) => [notice.alertId, notice])),
      texts: this.#texts,
      states: this.#states,
    };
  }
}

/** What the store refuses was never there: its id is free. */
function repeatOf({ entry }: LogRecord, seen: Map<string, string>): Repeat {
  if (entry.kind !== 'event') return 'new';
  const name = `${entry.tenant} ${entry.event.agent.id} ${entry.event.id}`;
  const digest = seen.get(name);
  if (digest !== undefined) return digest === entry.digest ? 'duplicate' : 'conflict';
  if (entry.tenant === TENANT && REFUSED.includes(entry.event.action.name)) return 'rejected';
  seen.set(name, entry.digest);
  return 'new';
}
