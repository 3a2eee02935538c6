/** Whether records are where their owners look for them, by a sample of the newest. */

import type { Admin } from 'kafkajs';
import { decodeEntry, partitionKey } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import type { ReadRecord, RecordReader } from '../../ingest/kafka/record-reader.ts';
import { topicBounds } from '../../ingest/kafka/topic-bounds.ts';
import { agentOf } from '../../ingest/log.ts';
import { quote } from '../../ingest/untrusted-text.ts';
import { counted } from '../counted.ts';
import type { Check } from './check.ts';

const RECORDS_MAX = 200;
const PARTITIONS_MAX = 64;
/** Below the time a check may take: what was read by then is looked at. */
const SAMPLE_MS_MAX = 8000;
const READ_BYTES = 1024 * 1024;

interface Sampled {
  readonly partition: number;
  readonly record: ReadRecord;
}

/** @param partitions of the log; undefined: as many as the topic has */
export async function checkLogKeys(
  admin: Admin,
  reader: RecordReader,
  topic: string,
  partitions: number | undefined,
): Promise<Check> {
  const name = `keys of ${topic}`;
  if (!(await admin.listTopics()).includes(topic)) return { name, ok: true, found: 'nothing to look at' };
  const { samples, count } = await sampleTopic(admin, reader, topic);
  const choose = createPartitioning(partitions ?? count);
  const foreign = samples.filter(({ record }) => decodeEntry(record).kind === 'unreadable');
  const astray = samples.filter((one) => isAstray(one, choose));
  const [first] = [...foreign, ...astray];
  if (first === undefined) return { name, ok: true, found: `${samples.length} newest records are where they belong` };
  return {
    name,
    ok: false,
    found:
      `of ${samples.length} newest records ${foreign.length} are not Picket's and ${astray.length} in a partition of others, ` +
      `such as ${first.partition}:${first.record.offset}`,
    advice: `Somebody else writes to ${topic}: allow WRITE on it to Picket alone, and let others write to a topic of kafka.intake.`,
  };
}

function isAstray({ partition, record }: Sampled, choose: (key: string) => number): boolean {
  const entry = decodeEntry(record);
  const about = agentOf(entry);
  if (about === undefined) return false;
  const wanted = partitionKey(about.tenant, about.agent);
  return record.key?.toString() !== wanted || choose(wanted) !== partition;
}

/** Of a topic whose producers promise to keep the events of an agent in one partition. */
export async function checkAgentsApart(admin: Admin, reader: RecordReader, topic: string): Promise<Check> {
  const name = `keys of ${topic}`;
  if (!(await admin.listTopics()).includes(topic)) return { name, ok: true, found: 'nothing to look at' };
  const { samples } = await sampleTopic(admin, reader, topic);
  const places = new Map<string, Set<number>>();
  for (const { partition, record } of samples) {
    const agent = claimedAgent(record);
    if (agent !== undefined) places.set(agent, (places.get(agent) ?? new Set()).add(partition));
  }
  const torn = [...places].filter(([, partitions]) => partitions.size > 1);
  const [first] = torn;
  const looked = `${counted(samples.length, 'newest record')} of ${counted(places.size, 'agent')}`;
  if (first === undefined) return { name, ok: true, found: `in ${looked} each agent is in one partition` };
  const [agent, partitions] = first;
  return {
    name,
    ok: false,
    found: `in ${looked} ${counted(torn.length, 'agent')} ${torn.length === 1 ? 'is' : 'are'} in several partitions, such as ${quote(agent)} in ${[...partitions].sort((a, b) => a - b).join(', ')}`,
    advice:
      'Let the producers key their records by agent id, or set keyed to false: events of an agent may change places.',
  };
}

function claimedAgent({ value }: ReadRecord): string | undefined {
  try {
    const parsed = JSON.parse(value?.toString() ?? '') as { agent?: { id?: unknown } } | null;
    const id = parsed?.agent?.id;
    return typeof id === 'string' ? id : undefined;
  } catch {
    // It becomes a dead letter; that is not what is looked for here.
    return undefined;
  }
}

/** The newest records of some partitions, spread over all. */
async function sampleTopic(
  admin: Admin,
  reader: RecordReader,
  topic: string,
): Promise<{ samples: Sampled[]; count: number }> {
  const bounds = [...(await topicBounds(admin, topic))];
  const every = Math.ceil(bounds.length / PARTITIONS_MAX);
  const until = performance.now() + SAMPLE_MS_MAX;
  const samples: Sampled[] = [];
  await tryToRead(reader, topic, bounds);
  for (const [index, [partition, { low, high }]] of bounds.entries()) {
    if (index % every !== 0 || performance.now() > until) continue;
    const records = await readNewest(reader, topic, partition, { low, high });
    samples.push(...records.map((record) => ({ partition, record })));
  }
  return { samples, count: bounds.length };
}

/** Whether this user may is asked at every topic, also at one that holds nothing. */
async function tryToRead(
  reader: RecordReader,
  topic: string,
  [first]: readonly (readonly [number, { readonly high: number }])[],
): Promise<void> {
  if (first !== undefined) await reader.read(topic, first[0], first[1].high, READ_BYTES);
}

/** Of a topic without a promise about its keys: that it can be read. */
export async function checkReadable(admin: Admin, reader: RecordReader, topic: string): Promise<Check> {
  const name = `records of ${topic}`;
  if (!(await admin.listTopics()).includes(topic)) return { name, ok: true, found: 'nothing to look at' };
  await tryToRead(reader, topic, [...(await topicBounds(admin, topic))]);
  return { name, ok: true, found: 'can be read' };
}

async function readNewest(
  reader: RecordReader,
  topic: string,
  partition: number,
  { low, high }: { low: number; high: number },
): Promise<ReadRecord[]> {
  const found: ReadRecord[] = [];
  for (let at = Math.max(low, high - RECORDS_MAX); at < high; ) {
    const records = await reader.read(topic, partition, at, READ_BYTES);
    const last = records.at(-1);
    if (last === undefined) break;
    found.push(...records.filter(({ isControlRecord }) => !isControlRecord));
    at = last.offset + 1;
  }
  return found.slice(0, RECORDS_MAX);
}
