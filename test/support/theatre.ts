/**
 * The assistant of a small theatre: sessions in which a user asks, tools answer and one act follows. For tests of who wanted an act.
 */
import type { Verdict } from '../../baselines/verdict.ts';
import type { AuditEvent, Classification } from '../../ingest/event.ts';
import { type AgentBench, createAgentBench, HOUR_MS, MONDAY_MS, toolCall } from './agent-bench.ts';

export interface Scene {
  /** What the user wrote; absent: nobody heard the user. */
  readonly ask?: string;
  /** History of the session. */
  readonly history?: string;
  /** What tools returned before the act, by tool, in this order. */
  readonly read?: readonly (readonly [tool: string, result: string])[];
  /** Of what was read. */
  readonly classification?: Classification;
  readonly act: Partial<AuditEvent>;
}

/** Every eight hours; the theatre opens on a Monday. */
export const sceneMs = (n: number): number => MONDAY_MS + n * 8 * HOUR_MS;

const eventOf = (type: AuditEvent['action']['type'], name: string, extra: Partial<AuditEvent> = {}) => ({
  action: { type, name, phase: 'completed' as const },
  endpoint: `theatre.${name}`,
  ...extra,
});

const call =
  (type: AuditEvent['action']['type']) =>
  (name: string, args: unknown, extra: Partial<AuditEvent> = {}): Partial<AuditEvent> =>
    eventOf(type, name, { content: { arguments: JSON.stringify(args) }, ...extra });

export const write = call('data_write');
export const execute = call('execute');
export const delegate = call('delegate');
/** Sends without saying where to, in a field that Picket reads. */
export const sendNowhere = call('send');

export const mail = (to: string, text = ''): Partial<AuditEvent> =>
  eventOf('send', 'send_mail', {
    destinations: [{ kind: 'email', value: to }],
    data: { bytes_sent: 512 },
    content: { arguments: JSON.stringify({ to, ...(text === '' ? {} : { body: text }) }) },
  });

/** Events of one session; the act is the last, and its id ends in `act`. */
export function eventsOf(session: string, timeMs: number, scene: Scene): AuditEvent[] {
  const { ask, history, read = [], classification, act } = scene;
  const own = { session: { id: session } };
  const marked = classification === undefined ? {} : { resources: [{ name: 'ledger', classification }] };
  const texts = {
    ...(ask === undefined ? {} : { prompt: ask }),
    ...(history === undefined ? {} : { context: history }),
  };
  return [
    toolCall(`${session}-ask`, timeMs, { ...own, ...eventOf('model_call', 'chat'), content: texts }),
    ...read.map(([tool, result], i) =>
      toolCall(`${session}-read-${i + 1}`, timeMs + 1000 * (i + 1), {
        ...own,
        ...eventOf('data_read', tool),
        ...marked,
        content: { result },
      }),
    ),
    toolCall(`${session}-act`, timeMs + 60_000, { ...own, ...act }),
  ];
}

/** Plays a scene; the verdict is the act's. */
export function play(agent: AgentBench, session: string, timeMs: number, scene: Scene): Verdict {
  const last = agent.events(eventsOf(session, timeMs, scene)).at(-1);
  if (last === undefined) throw new Error('a scene has an act');
  return last;
}

/** An ordinary day: plans go to Otto, dates into the diary, old drafts away. */
export function ordinary(n: number): Scene {
  const scenes: readonly Scene[] = [
    {
      ask: 'Mail the rehearsal plan to otto@lindenhof.example',
      read: [['read_file', `Rehearsal plan, version ${n}: chorus at ten, soloists at noon.`]],
      act: mail('otto@lindenhof.example', `Plan ${n} is ready, the chorus begins.`),
    },
    {
      ask: `Put the matinee of week ${n} into my diary`,
      read: [['read_page', 'Season page: the matinee begins at three.']],
      act: write('create_event', { title: `Matinee of week ${n}` }),
    },
    {
      ask: `Clear away stale sketches from my scratch folder, number ${n}`,
      read: [['list_files', `scratch folder: sketch-${n}`]],
      act: write('delete_file', { path: `sketch-${n}` }),
    },
  ];
  return scenes[n % scenes.length] as Scene;
}

export const ORDINARY_SCENES = 60;
/** After the ordinary days. */
export const NEXT_MS = sceneMs(ORDINARY_SCENES);

/** The theatre's agent after `scenes` ordinary ones. */
export function theatre(scenes = ORDINARY_SCENES): AgentBench {
  const agent = createAgentBench();
  for (let n = 0; n < scenes; n++) play(agent, `day-${n}`, sceneMs(n), ordinary(n));
  return agent;
}
