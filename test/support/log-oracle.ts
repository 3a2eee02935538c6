/**
 * What a log leads to when nobody disturbs it: its records, read from the topic, through the pipeline in memory, one partition after the
 * other. The state is a pure function of the log, so whatever was killed, the store must hold exactly this.
 */
import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { type AgentState, emptyAgentState } from '../../baselines/agent-state.ts';
import { type AgentKey, cacheKey } from '../../baselines/state-cache.ts';
import { encodeState } from '../../baselines/state-codec.ts';
import type { Verdict } from '../../baselines/verdict.ts';
import { createPipeline, emptyPipelineState, type Repeat } from '../../cli/pipeline.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import type { LogRecord } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import { openPartition, stateTexts } from './partition-run.ts';

export interface LogContents {
  /** `partition:position` -> the verdict stored there; a control record has none and is the empty text. */
  readonly rows: Map<string, string>;
  /** `alert id event id`. */
  readonly hits: Set<string>;
  /** Newest state of each agent as text, positions included. */
  readonly states: Map<string, string>;
}

const settings = settingsOf({ halfLifeDays: 14, alertBudget: 0.02 });
const scoring = createScoring(DETECTORS, settings.baseline);
const codec = slotCodec(scoring);

/** Every record of the topic, by partition, in order. */
export async function readLog(brokers: readonly string[], topic: string): Promise<Map<number, LogRecord[]>> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = (await admin.fetchTopicOffsets(topic)).filter(({ high }) => Number(high) > 0);
  await admin.disconnect();
  const missing = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  const records = new Map<number, LogRecord[]>();
  const consumer = kafka.consumer({ groupId: `oracle-${randomBytes(6).toString('hex')}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    if (missing.size === 0) return resolve();
    const eachBatch = async ({ batch }: { batch: { partition: number; messages: readonly KafkaRecord[] } }) => {
      const { partition, messages } = batch;
      const found = records.get(partition) ?? [];
      records.set(partition, found);
      for (const message of messages) {
        found.push({ partition, position: Number(message.offset), entry: decodeEntry(message) });
      }
      if (found.length >= (missing.get(partition) ?? 0)) missing.delete(partition);
      if (missing.size === 0) resolve();
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  return records;
}

type KafkaRecord = Parameters<typeof decodeEntry>[0] & { readonly offset: string };

export function undisturbed(log: ReadonlyMap<number, readonly LogRecord[]>): LogContents {
  const contents: LogContents = { rows: new Map(), hits: new Set(), states: new Map() };
  for (const records of log.values()) runPartition(records, contents);
  return contents;
}

function runPartition(records: readonly LogRecord[], { rows, hits, states }: LogContents): void {
  const held = new Map<string, AgentState>();
  const seen = new Map<string, string>();
  const agent = (key: AgentKey): AgentState => {
    const state = held.get(cacheKey(key)) ?? emptyAgentState(key.tenant, key.agent);
    held.set(cacheKey(key), state);
    return state;
  };
  const pipeline = createPipeline(emptyPipelineState(agent), scoring, settings);
  for (const record of records) {
    const { verdict } = pipeline.step(record, repeatOf(record, seen));
    rows.set(`${record.partition}:${record.position}`, verdict === undefined ? '' : verdictText(verdict));
    if (record.entry.kind !== 'event') continue;
    for (const { alertId, stored } of verdict?.hits ?? []) if (stored) hits.add(`${alertId} ${record.entry.event.id}`);
  }
  for (const [key, state] of held) states.set(key, encodeState(state, codec));
}

function repeatOf({ entry }: LogRecord, seen: Map<string, string>): Repeat {
  if (entry.kind !== 'event') return 'new';
  const name = `${entry.tenant} ${entry.event.agent.id} ${entry.event.id}`;
  const digest = seen.get(name);
  if (digest !== undefined) return digest === entry.digest ? 'duplicate' : 'conflict';
  seen.set(name, entry.digest);
  return 'new';
}

const verdictText = ({
  status,
  session,
  knowledge,
  score,
  hits,
}: Omit<Verdict, 'hits'> & { hits: readonly { alertId: string }[] }) =>
  JSON.stringify([status, session, knowledge, score, hits.map(({ alertId }) => alertId)]);

interface Row {
  readonly place: string;
  readonly kind: string;
  readonly status: Verdict['status'];
  readonly session: string;
  readonly knowledge: Verdict['knowledge'];
  readonly score: number;
  readonly alerts: string[];
}

/** The same of the store. */
export async function stored(store: Store): Promise<LogContents> {
  const rows = await store.query<Row>(`
    SELECT concat(toString(partition), ':', toString(position)) AS place, kind, status, session, knowledge, score,
      alert_ids AS alerts FROM event_log FINAL`);
  const agents = await store.query<AgentPlace>(
    "SELECT DISTINCT tenant, agent, partition FROM event_log WHERE kind = 'event'",
  );
  // The next owner also stores the hits of rows that the last one had no time for.
  const states = await restoredStates(store, agents);
  const hits = await store.query<{ hit: string }>(
    "SELECT concat(alert_id, ' ', event_id) AS hit FROM alert_hits FINAL",
  );
  const textOf = ({ kind, status, session, knowledge, score, alerts }: Row) =>
    kind === 'event' ? JSON.stringify([status, session, knowledge, Number(score), alerts]) : '';
  return {
    rows: new Map(rows.map((row) => [row.place, textOf(row)])),
    hits: new Set(hits.map(({ hit }) => hit)),
    states,
  };
}

interface AgentPlace extends AgentKey {
  readonly partition: number;
}

/** As the next owner of the partitions has them: a process that was killed, or short of time at its end, leaves older ones behind. */
async function restoredStates(store: Store, agents: readonly AgentPlace[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const number of new Set(agents.map(({ partition }) => Number(partition)))) {
    const { partition } = openPartition(store, { agentsMax: 1_000_000 });
    await partition.assign(number);
    const keys = agents.filter((one) => Number(one.partition) === number);
    for (const [key, text] of await stateTexts(partition, keys)) texts.set(key, text);
  }
  return texts;
}

/** What differs, by part, at most a few of each; empty when nothing does. */
export function logDifferences(expected: LogContents, found: LogContents): string[] {
  const ofMaps = (part: string, a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>) =>
    [...new Set([...a.keys(), ...b.keys()])]
      .filter((key) => a.get(key) !== b.get(key))
      .slice(0, 5)
      .map((key) => `${part} ${key}: ${a.get(key)?.slice(0, 120)} | ${b.get(key)?.slice(0, 120)}`);
  const asMap = (values: ReadonlySet<string>) => new Map([...values].map((value) => [value, '']));
  return [
    ...ofMaps('row', expected.rows, found.rows),
    ...ofMaps('hit', asMap(expected.hits), asMap(found.hits)),
    ...ofMaps('state', expected.states, found.states),
  ];
}
