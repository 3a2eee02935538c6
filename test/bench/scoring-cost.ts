/**
 * What score + learn costs, with all detectors, on the worker's own steps:
 *
 * - against JSON.parse of the same events: without content, as simulated, and with 2 KiB of content; medians of paired rounds;
 * - per character of content, in events of 16 and 64 KiB against events of 2 KiB, for usual texts and for costly ones: 1 is linear, and less
 *   is what every event costs besides;
 * - memory that one open session retains, and its agent: a usual one, and one that somebody fills up to every limit.
 */
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { AuditEvent, WireEvent } from '../../ingest/event.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';
import { COSTLY_TEXTS, type CostlyText, costlyText } from '../support/texts-for-cost.ts';
import { bytesInUse } from './memory-in-use.ts';
import { measureRatio, type Ratio } from './ratio.ts';
import { FILLS, type SessionFill } from './session-fills.ts';

export interface ScoringCostOptions {
  /** Events of the simulated fleet that are judged in one round. */
  readonly events: number;
  readonly pairs: number;
}

export interface ScoringCost {
  readonly ratios: readonly Ratio[];
  /** Cost of the same characters in longer contents over that in contents of 2 KiB. */
  readonly linearity: readonly Ratio[];
  readonly openSession: Readonly<Record<'usual' | 'hostile', Retained>>;
}

export async function measureScoring({ events, pairs }: ScoringCostOptions): Promise<ScoringCost> {
  const fleet = simulateFleet({ seed: 'bench', agents: 14, storiesPerKind: 0 }).events.slice(0, events);
  const sets = {
    'without content': fleet.map(({ content: _, ...event }) => event),
    'content as simulated': fleet,
    '2 KiB of content': fleet.map(withContent),
  };
  const ratios: Ratio[] = [];
  for (const [name, set] of Object.entries(sets)) ratios.push(await scoreAgainstParse(name, set.map(textOf), pairs));
  const linearity: Ratio[] = [];
  for (const sort of COSTLY_TEXTS) for (const kib of [16, 64]) linearity.push(await longAgainstShort(sort, kib, pairs));
  return {
    ratios,
    linearity,
    openSession: { usual: retained(usualSession, 200), hostile: largest(Object.values(FILLS)) },
  };
}

const textOf = (event: unknown): string => JSON.stringify(event);

const CONTENT_CHARS = 2048;

/** What a model is given, or what a tool answers; the texts that are there stay. */
function withContent(event: WireEvent, index: number): WireEvent {
  const text = costlyText(index % 2 === 0 ? 'prose' : 'records', CONTENT_CHARS, index);
  const { content } = event;
  return { ...event, content: { ...content, [event.action.type === 'model_call' ? 'context' : 'result']: text } };
}

function scoreAgainstParse(name: string, lines: readonly string[], pairs: number): Promise<Ratio> {
  const events = normalised(lines);
  const judge = () => void createBaselineBench().events(events);
  const parse = () => {
    for (const line of lines) JSON.parse(line);
  };
  return measureRatio(`score + learn / JSON.parse, ${name}`, lines.length, judge, parse, pairs);
}

export function normalised(lines: readonly string[]): AuditEvent[] {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });
  return lines.flatMap((line, i) => {
    const id = { sourcePosition: `${i}`, fallbackId: `${i}` };
    const admitted = intake.admit(Buffer.from(line), {
      tenant: 'bench',
      receivedMs: Date.now(),
      source: 'bench',
      ...id,
    });
    return admitted.ok ? [admitted.entry.event] : [];
  });
}

const SHORT_KIB = 2;
/** Characters that are read in one round, in KiB. */
const ROUND_KIB = 256;

/** Both read as much: one in few events, the other in many. */
function longAgainstShort(sort: CostlyText, kib: number, pairs: number): Promise<Ratio> {
  const judge = (events: readonly AuditEvent[]) => () => void createBaselineBench().events(events);
  const [long, short] = [readings(sort, kib), readings(sort, SHORT_KIB)];
  const name = `cost of a character, ${sort}, ${kib} KiB / ${SHORT_KIB} KiB`;
  return measureRatio(name, ROUND_KIB, judge(long), judge(short), pairs);
}

/** Sessions of a request, a result and an act upon it, each with as much text: all that reads texts has something to read. */
function readings(sort: CostlyText, kib: number): AuditEvent[] {
  return Array.from({ length: ROUND_KIB / kib }, (_, n) => {
    const text = costlyText(sort, kib * 1024, n);
    const at = { session: { id: `s-${n}` } };
    const timeMs = MONDAY_MS + n * 1000;
    const given = JSON.stringify({ to: 'dora@hall.example', body: text });
    return [
      toolCall(`${n}-ask`, timeMs, { ...at, content: { prompt: text } }),
      toolCall(`${n}-read`, timeMs + 1, { ...at, content: { result: text } }),
      toolCall(`${n}-act`, timeMs + 2, {
        ...at,
        action: { type: 'send', name: 'send_mail', phase: 'completed' },
        content: { arguments: given },
      }),
    ];
  }).flat();
}

interface Retained {
  /** Bytes of one open session: what goes with it when it is dropped. */
  readonly session: number;
  /** Bytes of its agent, with all that the session made it learn, less those of an agent that has just been opened. */
  readonly agent: number;
}

function retained(session: SessionFill, count: number): Retained {
  const bench = createBaselineBench();
  const agents = Array.from({ length: count }, (_, n) => `agent-${n}`);
  const first = (agent: string) => toolCall(`${agent}-0`, MONDAY_MS, { agent: { id: agent }, session: { id: 'open' } });
  for (const agent of agents) bench.event(first(agent));
  const before = bytesInUse();
  for (const agent of agents) for (const event of session(agent)) bench.event(event);
  const after = bytesInUse();
  for (const { sessions } of bench.states()) sessions.clear();
  const without = bytesInUse();
  const perAgent = (bytes: number) => Math.round(bytes / count);
  return { session: perAgent(after - without), agent: perAgent(after - before) };
}

/** Filled in one way or the other: what takes most room in one list leaves less for others. */
const largest = (sessions: readonly SessionFill[]): Retained =>
  sessions.map((session) => retained(session, 4)).reduce((most, one) => (one.session > most.session ? one : most));

function* usualSession(agent: string): Generator<AuditEvent> {
  const at = { agent: { id: agent }, session: { id: 'open' } };
  for (let n = 1; n <= 10; n++) {
    const text = costlyText(n % 2 === 0 ? 'prose' : 'records', 2048, `${agent}/${n}`);
    const content = n === 1 ? { prompt: text.slice(0, 200) } : { result: text };
    yield toolCall(`${agent}-${n}`, MONDAY_MS + n * 1000, { ...at, content });
  }
}
