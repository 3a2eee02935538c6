/** What is written to the log in a run, and when: lives of some agents, and what a real log has beside them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { AgentState } from '../../baselines/agent-state.ts';
import { encodeBaseline } from '../../baselines/baseline-change.ts';
import { FOREST_SLOT, type SessionMemory, VECTORS_MAX, vectorsOf } from '../../baselines/forest/session-memory.ts';
import { modelsOf } from '../../baselines/kind-model.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { createRandom, type Random } from '../../cli/simulate/random.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { type EncodedRecord, encodeEntry, LOG_FORMAT, partitionKey } from '../../ingest/kafka/envelope.ts';
import { createPartitioning } from '../../ingest/kafka/partitioning.ts';
import type { EventEntry, WrittenEntry } from '../../ingest/log.ts';
import { type Extras, NO_EXTRAS } from './extras.ts';
import { codec, entryOf, type Life, livesOf, STORY_MS, scoring, settings, TENANT } from './lives.ts';

export interface Planned {
  /** Wall clock at which it is written, epoch ms. */
  readonly atMs: number;
  readonly partition: number;
  readonly record: EncodedRecord;
}

export interface StoredPast {
  readonly partition: number;
  readonly agent: string;
  readonly kind: string;
  readonly position: number;
  readonly format: number;
  readonly text: string;
}

export interface Workload {
  readonly startMs: number;
  readonly partitions: number;
  readonly records: readonly Planned[];
  /** States that the store holds at the beginning. */
  readonly past: readonly StoredPast[];
  /** What records name by hash, stored before the beginning. */
  readonly contents: ReadonlyMap<string, string>;
  /** Records of events as their senders would send them; none for what no intake would let through. */
  readonly wires: ReadonlyMap<EncodedRecord, WireEvent>;
  partitionOf(agent: string): number;
}

export interface WorkloadSize {
  readonly agents: number;
  readonly partitions: number;
  /** Events of each agent. */
  readonly eventsMax: number;
  /** Share of records that are anything but an ordinary event. */
  readonly odd: number;
  /** The first agent's state is one that a build of format 1 stored. */
  readonly format1: boolean;
}

/** Marks events whose row the engine does not take. */
export const POISON = 'refused by the engine';
/** Of the envelope, in records that the build the run begins with does not know. */
export const NEWER_FORMAT = LOG_FORMAT + 1;
/** Marks events that no intake lets through: a column cannot hold them. */
export const MISFIT = 'refused by the sender';
const FLEETS = ['one', 'two'] as const;
const FIXTURE = fileURLToPath(new URL('../fixtures/state-format-1.jsonl.gz', import.meta.url));

const fleets = new Map<string, ReturnType<typeof livesOf>>();

function fleetOf(name: string): ReturnType<typeof livesOf> {
  const known = fleets.get(name) ?? livesOf(name);
  fleets.set(name, known);
  return known;
}

export function drawSize(seed: number | string): WorkloadSize {
  const random = createRandom(`size ${seed}`);
  return {
    agents: random.int(2, 3),
    partitions: random.int(1, 3),
    eventsMax: random.pick([12, 24, 32]),
    odd: random.pick([0, 0.1, 0.3]),
    format1: random.chance(0.2),
  };
}

export function planWorkload(seed: number | string, size: WorkloadSize, extras: Extras = NO_EXTRAS): Workload {
  const random = createRandom(`workload ${seed}`);
  const fleet = fleetOf(random.pick(FLEETS));
  const indexes = random.sample(
    Array.from({ length: fleet.count }, (_, index) => index),
    size.agents,
  );
  const lives = distinct(indexes.map((index) => fleet.life(index)));
  const choose = createPartitioning(size.partitions);
  const partitionOf = (agent: string): number => choose(partitionKey(TENANT, agent));
  const past = (extras.firstStart ? [] : lives).map((life, index): StoredPast => {
    const partition = partitionOf(life.agent);
    const old = size.format1 && index === 0 ? oldState(life.agent) : undefined;
    const stored = old ?? { format: STATE_FORMAT, text: life.state };
    const { position } = decodeState(stored.text, stored.format, codec);
    return { partition, agent: life.agent, kind: life.kind, position, ...stored };
  });
  if (extras.publishing && !extras.firstStart) past.push(...peersOf(lives, partitionOf, extras));
  const contents = new Map<string, string>();
  const planned = lives.flatMap((life) => recordsOf(life, size, random.fork(life.agent)));
  if (size.odd > 0) planned.push(...controls(lives, size, contents, random.fork('controls')));
  if (extras.misfits) for (const life of lives) planned.push(...misfits(life, random.fork(`misfits ${life.agent}`)));
  const burstMs = random.pick([1_000, 60_000, 600_000]);
  const wires = new Map<EncodedRecord, WireEvent>();
  const records = planned
    .map(({ atMs, entry, wire, raw, partition }) => {
      const record = raw ?? encodeEntry(entry as WrittenEntry);
      if (wire !== undefined) wires.set(record, wire);
      return {
        atMs: Math.ceil(atMs / burstMs) * burstMs,
        exactMs: atMs,
        record,
        partition: partition ?? partitionOf(agentOfPlanned(entry)),
      };
    })
    .sort((a, b) => a.exactMs - b.exactMs);
  const startMs = STORY_MS - 100 * 60_000;
  return { startMs, partitions: size.partitions, records, past, contents, wires, partitionOf };
}

interface Draft {
  readonly atMs: number;
  readonly entry?: WrittenEntry;
  readonly wire?: WireEvent;
  readonly raw?: EncodedRecord;
  readonly partition?: number;
}

const agentOfPlanned = (entry: WrittenEntry | undefined): string =>
  entry?.kind === 'event' ? entry.event.agent.id : entry !== undefined && 'agent' in entry ? entry.agent : '';

/** Two stories of one agent are one life. */
const distinct = (lives: readonly Life[]): Life[] => [...new Map(lives.map((life) => [life.agent, life])).values()];

function recordsOf(life: Life, { eventsMax, odd }: WorkloadSize, random: Random): Draft[] {
  const from = Math.max(0, Math.floor((life.events.length - eventsMax) / 2));
  return life.events.slice(from, from + eventsMax).flatMap((event) => {
    const atMs = new Date(event.time).getTime() + random.int(0, 3_000);
    const entry = entryOf(event, atMs);
    const plain: Draft = { atMs, entry, wire: event };
    return random.chance(odd) ? [plain, ...oddities(event, entry, random)] : [plain];
  });
}

/** What a careless or broken sender makes of an event. */
function oddities(event: WireEvent, entry: EventEntry, random: Random): Draft[] {
  const atMs = entry.receivedMs + random.int(0, 1_200_000);
  const hour = 3_600_000;
  const at = (timeMs: number, id: string, more: Partial<WireEvent> = {}): Draft => {
    const wire = { ...event, ...more, id, time: new Date(timeMs).toISOString() };
    return { atMs, entry: entryOf(wire, atMs), wire };
  };
  const poison = { action: { ...event.action, name: POISON } };
  const id = String(event.id);
  switch (random.pick(['again', 'conflict', 'late', 'skewed', 'poison', 'twins', 'ghost'] as const)) {
    case 'again':
      return [{ atMs, entry: { ...entry, receivedMs: atMs }, wire: event }];
    case 'conflict':
      return [at(atMs, id, { outcome: 'denied' })];
    case 'late':
      return [at(atMs - 30 * hour, `${id}-late`)];
    case 'skewed':
      return [at(atMs + 3 * hour, `${id}-skewed`)];
    case 'poison':
      return [at(atMs, `${id}-poison`, poison)];
    // The first is refused by the store; the second has its id, and nothing wrong with it.
    case 'twins':
      return [at(atMs, `${id}-twin`, poison), { ...at(atMs, `${id}-twin`), atMs: atMs + random.int(0, 2_000) }];
    case 'ghost':
      return [at(atMs, `${id}-ghost`, { agent: { ...event.agent, id: 'nobody-knew-me' } })];
  }
}

const MISFITS = 3;

/** Somebody who should not has written to the log. */
function misfits({ events }: Life, random: Random): Draft[] {
  return random.sample(events, MISFITS).map((event) => {
    const atMs = new Date(event.time).getTime() + random.int(0, 60_000);
    const { event: normal, ...entry } = entryOf({ ...event, id: `${event.id}-misfit` }, atMs);
    const misfit = { ...normal, action: { ...normal.action, name: MISFIT }, data: { ...normal.data, rows: -1 } };
    return { atMs, entry: { ...entry, event: misfit } };
  });
}

/** Agents like the first, and known better, so that its kind has a model; nothing is heard of them. */
function peersOf(
  lives: readonly Life[],
  partitionOf: (agent: string) => number,
  { forests }: Pick<Extras, 'forests'>,
): StoredPast[] {
  const [life] = lives;
  if (life === undefined) return [];
  const state = stateOf(life);
  const baseline = { ...state.baseline, sessionsEver: PEER_SESSIONS };
  return ['a', 'b', 'c'].map((name) => {
    const agent = `${life.agent}-${name}`;
    const slots = forests ? new Map([...state.slots, [FOREST_SLOT, manySessions(lives)]]) : state.slots;
    const text = encodeState({ ...state, agent, baseline, slots } as AgentState, codec);
    const { position } = state;
    return { partition: partitionOf(agent), agent, kind: life.kind, position, format: STATE_FORMAT, text };
  });
}

const PEER_SESSIONS = 30;

/** As many sessions as a state remembers, much like those of the lives: enough of them for a forest. */
function manySessions(lives: readonly Life[]): SessionMemory {
  const seen = lives.flatMap((life) => vectorsOf(stateOf(life)));
  const recent = Array.from({ length: VECTORS_MAX }, (_, session) =>
    (seen[session % seen.length] ?? []).map((value, feature) => value + ((session * 7 + feature) % 5)),
  );
  return { open: new Map(), recent };
}

function controls(
  lives: readonly Life[],
  { partitions }: WorkloadSize,
  contents: Map<string, string>,
  random: Random,
): Draft[] {
  const atMs = (): number => STORY_MS + random.int(-80, 80) * 60_000;
  const put = (text: string): string => {
    const hash = createHash('sha256').update(text).digest('hex');
    contents.set(hash, text);
    return hash;
  };
  const drafts: Draft[] = [];
  if (random.chance(0.5)) {
    const raw = { key: null, value: `no record of ours ${random.int(0, 99)}`, headers: {} };
    drafts.push({ atMs: atMs(), raw, partition: random.int(0, partitions - 1) });
  }
  if (random.chance(0.3)) {
    const at = atMs();
    const entry = {
      kind: 'reset',
      tenant: TENANT,
      receivedMs: at,
      agent: random.pick(lives).agent,
      by: 'ann',
    } as const;
    drafts.push({ atMs: at, entry });
  }
  if (random.chance(0.3)) {
    const at = atMs();
    const life = random.pick(lives);
    const content = put(encodeBaseline(stateOf(life), scoring));
    const about = { tenant: TENANT, agent: life.agent, by: 'ann', to: 'built' };
    drafts.push({ atMs: at, entry: { kind: 'rollback', receivedMs: at, content, ...about } });
  }
  if (random.chance(0.5)) drafts.push(...models(lives, partitions, atMs(), put));
  return drafts;
}

/** Of the kind of one agent, as if three like it were known. */
function models(lives: readonly Life[], partitions: number, at: number, put: (text: string) => string): Draft[] {
  return lives.slice(0, 1).flatMap((life) => {
    const members = ['a', 'b', 'c'].map((name) => ({ ...stateOf(life), agent: `${life.agent}-${name}` }) as AgentState);
    return modelsOf(members, settings.baseline, scoring.lend).flatMap(({ model }) => {
      const content = put(JSON.stringify(model));
      const entry = { kind: 'model', tenant: TENANT, receivedMs: at, agentKind: life.kind, content } as const;
      return Array.from({ length: partitions }, (_, partition) => ({ atMs: at, entry, partition }));
    });
  });
}

const stateOf = ({ state }: Life): AgentState => decodeState(state, STATE_FORMAT, codec);

let oldStates: readonly string[] | undefined;

function oldState(agent: string): { format: number; text: string } | undefined {
  oldStates ??= gunzipSync(readFileSync(FIXTURE)).toString().split('\n');
  // Whoever it was then: the name is the only thing that has to fit.
  const [text] = oldStates;
  const old = JSON.parse(text ?? '{}') as { agent: string };
  return text === undefined
    ? undefined
    : { format: 1, text: text.replace(`"agent":"${old.agent}"`, `"agent":"${agent}"`) };
}
