/** Tools that many kinds of agent share: the staff directory, and odd ones that hardly anybody uses. */
import type { Act, Tool } from './act.ts';
import type { Person } from './company.ts';
import type { Desk } from './desk.ts';
import type { SessionWriter } from './session-writer.ts';
import { chatter, mention, topic } from './texts.ts';

const FIND_PERSON: Tool = { server: 'directory', name: 'find_person', type: 'data_read', medianMs: 180 };

const SIDE_TOOLS: readonly Tool[] = [
  { server: 'calendar', name: 'list_events', type: 'data_read', medianMs: 220 },
  { server: 'wiki', name: 'search_pages', type: 'data_read', medianMs: 350 },
  { server: 'calculator', name: 'evaluate', type: 'tool_call', medianMs: 15 },
  { server: 'translator', name: 'translate', type: 'tool_call', medianMs: 600 },
  { server: 'files', name: 'list_folder', type: 'data_read', medianMs: 160 },
  { server: 'surveys', name: 'latest_results', type: 'data_read', medianMs: 400 },
  { server: 'rooms', name: 'find_free', type: 'data_read', medianMs: 250 },
  { server: 'tasks', name: 'create_task', type: 'data_write', medianMs: 300 },
];

/** How the prompt names a colleague; `resolve` looks the address up if the prompt does not hold it. */
export function introduce(person: Person, session: SessionWriter): { words: string; resolve: () => void } {
  const { words, addressed } = mention(person, session.random);
  return { words, resolve: () => (addressed ? undefined : session.act(findPerson(person))) };
}

function findPerson(person: Person): Act {
  const result = JSON.stringify({ name: person.name, email: person.email, office: 'main', active: true });
  return { tool: FIND_PERSON, arguments: { name: person.name }, result, rows: 1, resources: [STAFF] };
}

const STAFF = { name: 'directory.staff', kind: 'directory', classification: 'internal', origin: 'internal' } as const;

/** A detour that no task calls for: novelty without harm. */
export function takeDetour(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const tool = random.pick(SIDE_TOOLS);
  const about = topic(random);
  session.act({
    tool,
    arguments: { query: about, user: desk.user.email },
    result: `${about}: ${chatter(random, 1, 3)}`,
  });
}
