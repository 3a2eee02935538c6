/**
 * `npx tsx test/bench/session-parts.ts`: what each part of a session takes that somebody filled up, in bytes, by the way it was filled: parts are
 * dropped in turn and collected.
 */
import type { SessionState } from '../../baselines/session-state.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';
import { bytesInUse } from './memory-in-use.ts';
import { FILLS, type SessionFill } from './session-fills.ts';

const SESSIONS = 8;

type Drop = readonly [part: string, drop: (session: SessionState) => void];

const dropped = <K extends keyof SessionState>(key: K): Drop => [
  key,
  (session) => void Reflect.deleteProperty(session, key),
];
const droppedText = (key: keyof SessionState['provenance']): Drop => [
  key,
  ({ provenance }) => void Reflect.deleteProperty(provenance, key),
];

const PARTS: readonly Drop[] = [
  dropped('pending'),
  dropped('resources'),
  dropped('sensitive'),
  dropped('acts'),
  dropped('alerted'),
  dropped('alertIds'),
  droppedText('user'),
  droppedText('addresses'),
  droppedText('request'),
  droppedText('context'),
  droppedText('fields'),
  droppedText('values'),
  droppedText('earlier' as 'results'),
  droppedText('results'),
];

function partsOf(fill: SessionFill): Record<string, number> {
  const bench = createBaselineBench();
  const agents = Array.from({ length: SESSIONS }, (_, n) => `agent-${n}`);
  for (const agent of agents)
    bench.event(toolCall(`${agent}-0`, MONDAY_MS, { agent: { id: agent }, session: { id: 'open' } }));
  for (const agent of agents) for (const event of fill(agent)) bench.event(event);
  // What is kept for the event asked for last goes with the next one.
  bench.event(toolCall('other', MONDAY_MS, { agent: { id: 'other' } }));
  const sessions = bench
    .states()
    .flatMap((state) => [...state.sessions.values()].filter(({ key }) => key !== 's-other'));
  const parts: Record<string, number> = {};
  let all = 0;
  let before = bytesInUse();
  const part = (name: string, drop: () => void) => {
    drop();
    const now = bytesInUse();
    parts[name] = Math.round((before - now) / SESSIONS);
    all += before - now;
    before = now;
  };
  for (const [name, drop] of PARTS) part(name, () => sessions.forEach(drop));
  part('rest', () => {
    sessions.length = 0;
    for (const state of bench.states()) state.sessions.clear();
  });
  return { ...parts, all: Math.round(all / SESSIONS) };
}

process.stdout.write(
  `${JSON.stringify(Object.fromEntries(Object.entries(FILLS).map(([name, fill]) => [name, partsOf(fill)])), null, 2)}\n`,
);
