/**
 * A store with very many agents in it, as if each had done something a while ago: their stored states, their events in the log, a checkpoint.
 * Written by the engine itself, from the state of one of them with the name of each in its place.
 */
import type { AgentState } from '../../baselines/agent-state.ts';
import { encodeState, type SlotCodec, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { summariseState } from '../../baselines/state-summary.ts';
import { remember } from '../../baselines/statistics/rotating-filter.ts';
import type { Store } from '../../store/store.ts';
import { DAY_MS, HOUR_MS, MONDAY_MS, TENANT } from './agent-bench.ts';
import { CROWD_DIGITS, crowdAgent, crowdEvent } from './agent-crowd.ts';
import { createBaselineBench } from './baseline-bench.ts';

/** When the crowd wakes. */
export const WAKES_MS = MONDAY_MS + DAY_MS;

const CHUNK = 100_000;
const EVENTS_BEFORE = 12;

export interface Crowd {
  readonly partition: number;
  readonly agents: number;
}

/** @returns bytes of one state, unpacked */
export async function fillStore(
  store: Store,
  { partition, agents }: Crowd,
  codec: SlotCodec,
  onProgress: (filled: number) => void = () => {},
): Promise<number> {
  const { state, bytes } = sampleState(codec);
  const [before, rest] = cutAt(bytes, Buffer.from(crowdAgent(0)));
  const [between, after] = cutAt(rest, valuesOf(state));
  const sample = {
    partition,
    tenant: TENANT,
    kind: state.kind,
    clock: state.clockMs,
    sessions: state.baseline.sessionsEver,
    position: state.position,
    format: STATE_FORMAT,
    before: before.toString('hex'),
    between: between.toString('hex'),
    after: after.toString('hex'),
    summary: summariseState(state),
    digits: CROWD_DIGITS,
    random: valuesOf(state).length,
  };
  for (let first = 0; first < agents; first += CHUNK) {
    const chunk = { first, count: Math.min(CHUNK, agents - first) };
    await store.command(STATES, { ...sample, ...chunk });
    await store.command(EVENTS, { partition, tenant: TENANT, clock: state.clockMs, digits: CROWD_DIGITS, ...chunk });
    onProgress(first + chunk.count);
  }
  await store.insert('checkpoints', [
    {
      partition,
      position: agents - 1,
      time: WAKES_MS,
      build: 'bench',
      format: STATE_FORMAT,
      agents,
      last_tick: state.clockMs,
    },
  ]);
  return bytes.length;
}

/** What comes before and after something that is in the bytes once. */
function cutAt(bytes: Buffer, part: Buffer): [Buffer, Buffer] {
  const at = bytes.indexOf(part);
  if (at < 0 || bytes.indexOf(part, at + 1) >= 0) throw new Error('what tells agents apart must be in the state once');
  return [bytes.subarray(0, at), bytes.subarray(at + part.length)];
}

/** The filter of values that it was given: other bytes for every agent, which no compression finds alike. */
function valuesOf({ baseline }: AgentState): Buffer {
  const { buffer, byteOffset, byteLength } = baseline.values.younger;
  return Buffer.from(buffer, byteOffset, byteLength);
}

const VALUES = 400;

/** An agent that has had some sessions; the last is still open. */
function sampleState(codec: SlotCodec) {
  const bench = createBaselineBench();
  for (let n = 0; n < EVENTS_BEFORE; n++) bench.event(crowdEvent(0, `before-${n}`, MONDAY_MS + n * HOUR_MS));
  const state = bench.state(crowdAgent(0));
  for (let n = 0; n < VALUES; n++) remember(state.baseline.values, `value-${n}`);
  return { state, bytes: Buffer.from(encodeState(state, codec), 'base64') };
}

const NAME = `concat('agent-', leftPad(toString(number), {digits:UInt8}, '0'))`;

const STATES = `
  INSERT INTO agent_state (tenant, partition, agent, kind, position, clock, sessions, format, state, summary)
  SELECT {tenant:String}, {partition:UInt32}, ${NAME}, {kind:String}, {position:UInt64}, fromUnixTimestamp64Milli({clock:Int64}), {sessions:UInt64},
    {format:UInt16}, base64Encode(concat(unhex({before:String}), ${NAME}, unhex({between:String}), randomString({random:UInt32}), unhex({after:String}))), {summary:String}
  FROM numbers({first:UInt64}, {count:UInt64})`;

const EVENTS = `
  INSERT INTO event_log (tenant, partition, position, kind, received, time, agent, session, id, digest, status)
  SELECT {tenant:String}, {partition:UInt32}, number, 'event', fromUnixTimestamp64Milli({clock:Int64}), fromUnixTimestamp64Milli({clock:Int64}),
    ${NAME}, 'before', concat('id-', toString(number)), 'digest', 'learn'
  FROM numbers({first:UInt64}, {count:UInt64})`;
