/**
 * What agents of all kinds do beside their own work: tidy up, let colleagues in, keep notes, hand over. So that none of it is an attack
 * by its mere name. Each agent has some of these chores, by a draw of its own.
 */
import type { Act, Tool } from './act.ts';
import type { AgentKind, Task } from './agent-kind.ts';
import { tableNamed } from './company.ts';
import type { Desk } from './desk.ts';
import { pickColleague } from './desk.ts';
import { introduce } from './directory.ts';
import type { Random } from './random.ts';
import type { SessionWriter } from './session-writer.ts';
import { chatter, opening, topic } from './texts.ts';

const tools = {
  deleteRecords: { server: 'records', name: 'delete', type: 'data_write', medianMs: 300 },
  grantRole: { server: 'identity', name: 'grant_role', type: 'auth', medianMs: 400 },
  resetPassword: { server: 'identity', name: 'reset_password', type: 'auth', medianMs: 400 },
  createRule: { server: 'mailbox', name: 'create_rule', type: 'data_write', medianMs: 250 },
  readSecret: { server: 'vault', name: 'read', type: 'auth', medianMs: 120 },
  callService: { server: 'gateway', name: 'call', type: 'tool_call', medianMs: 350 },
  handOver: { server: 'agents', name: 'hand_over', type: 'delegate', medianMs: 900 },
  readShare: { server: 'share', name: 'read', type: 'data_read', medianMs: 180 },
  writeShare: { server: 'share', name: 'write', type: 'data_write', medianMs: 200 },
  save: { server: 'memory', name: 'save', type: 'memory', medianMs: 60 },
  recall: { server: 'memory', name: 'recall', type: 'memory', medianMs: 60 },
} as const satisfies Record<string, Tool>;

const ROLES = ['reader', 'reader', 'editor', 'reporter'];
const KNOWN_AGENTS = ['archive-agent', 'calendar-agent', 'translation-agent'];
const FOLDERS = ['team', 'reports', 'templates', 'minutes'];

const CHORES: Readonly<Record<string, Task>> = {
  tidy: { weight: 0.4, run: tidy },
  admit: { weight: 0.3, run: admit },
  redirect: { weight: 0.1, run: redirect },
  connect: { weight: 0.5, run: connect },
  pass: { weight: 0.4, run: pass },
  browse: { weight: 0.6, run: browse },
  note: { weight: 0.5, run: note },
};

/** The kind as one agent lives it: with about half of the chores. Agents on a schedule have none. */
export function withChores(kind: AgentKind, random: Random): AgentKind {
  if (kind.rhythm === 'on-schedule') return kind;
  const own = Object.entries(CHORES).filter(() => random.chance(0.5));
  return { ...kind, tasks: { ...kind.tasks, ...Object.fromEntries(own) } };
}

function tidy(_desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}please clear out the old drafts on ${topic(random)}.`);
  for (let left = 1 + random.poisson(1.5); left > 0; left -= 1) session.act(deleteRecords('drafts', random.int(1, 30)));
}

function admit(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const person = pickColleague(desk, random);
  const { words, resolve } = introduce(person, session);
  session.say(`${opening(random)}give ${words} access to the ${topic(random)} folder.`);
  resolve();
  session.act(grantRole(person.email, random.pick(ROLES)));
}

function redirect(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const person = pickColleague(desk, random);
  session.say(`${opening(random)}while I am away, forward my mail on ${topic(random)} to ${person.email}.`);
  session.act(createRule(`subject contains ${topic(random)}`, person.email));
}

function connect(_desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}is ${topic(random)} up to date in the other system?`);
  session.act(readSecret('services/reporting', random));
  session.act(callService({ service: 'reporting', query: topic(random) }, random));
}

function pass(_desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}hand the rest of ${topic(random)} over. ${chatter(random, 0, 1)}`);
  session.act(handOver(random.pick(KNOWN_AGENTS), chatter(random, 1, 2)));
}

/** Now and then a folder is closed to the agent. */
function browse(_desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}find the latest on ${topic(random)} on the share.`);
  for (let left = 1 + random.poisson(1.2); left > 0; left -= 1) {
    const path = `${random.pick(FOLDERS)}/${topic(random).replaceAll(' ', '-')}`;
    session.act(readShare(path, !random.chance(0.06), random));
  }
}

function note(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.act(recall(chatter(random, 1, 2)));
  session.say(`${opening(random)}note down for next time: ${chatter(random, 1, 1)}`);
  session.act(save(chatter(random, 1, 1)));
  if (random.chance(0.4)) session.act(writeShare(`team/${desk.user.email.split('@')[0]}.txt`, chatter(random, 2, 4)));
}

export function deleteRecords(collection: string, count: number): Act {
  return {
    tool: tools.deleteRecords,
    arguments: { collection, count },
    result: `${count} records deleted`,
    rows: count,
    resources: [{ name: collection, kind: 'table', origin: 'internal' }],
  };
}

/** Records of a table of the company, for good. */
export function deleteRows(desk: Desk, table: string, count: number): Act {
  const { classification, rowsTotal } = tableNamed(desk.company, table);
  const resource = { name: table, kind: 'table', classification, origin: 'internal', rows_total: rowsTotal } as const;
  return { ...deleteRecords(table, count), resources: [resource] };
}

export function grantRole(user: string, role: string): Act {
  return { tool: tools.grantRole, arguments: { user, role }, result: `${user} is now ${role}` };
}

export function resetPassword(user: string): Act {
  return { tool: tools.resetPassword, arguments: { user }, result: `new password set for ${user}` };
}

export function createRule(match: string, forwardTo: string): Act {
  return { tool: tools.createRule, arguments: { match, forward_to: forwardTo }, result: 'rule created' };
}

export function readSecret(path: string, random: Random): Act {
  const resource = { name: path, kind: 'credential', classification: 'restricted', origin: 'internal' } as const;
  return {
    tool: tools.readSecret,
    arguments: { path },
    result: `lease ${random.int(10_000, 99_999)}`,
    resources: [resource],
  };
}

export function callService(args: Readonly<Record<string, unknown>>, random: Random): Act {
  return { tool: tools.callService, arguments: args, result: chatter(random, 1, 2) };
}

export function handOver(agent: string, message: string): Act {
  const destinations = [{ kind: 'other', value: agent }] as const;
  return { tool: tools.handOver, arguments: { agent, message }, result: 'accepted', destinations };
}

export function readShare(path: string, open: boolean, random: Random): Act {
  const base = {
    tool: tools.readShare,
    arguments: { path },
    resources: [{ name: path, kind: 'file', origin: 'internal' }],
  } as const;
  if (!open) return { ...base, result: 'access denied', outcome: 'denied', error: 'forbidden' };
  return { ...base, result: chatter(random, 2, 5) };
}

export function writeShare(path: string, body: string, bytes = body.length): Act {
  const resources = [{ name: path, kind: 'file', origin: 'internal' }] as const;
  return { tool: tools.writeShare, arguments: { path, body }, result: 'written', bytesSent: bytes, resources };
}

export function save(text: string): Act {
  return { tool: tools.save, arguments: { text }, result: 'saved' };
}

export function recall(text: string): Act {
  return { tool: tools.recall, arguments: { about: 'this request' }, result: text };
}
