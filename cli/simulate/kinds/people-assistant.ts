/** Works for the HR department: restricted records, a few at a time, and mail that mostly stays inside. */

import type { Resource } from '../../../ingest/event.ts';
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { Person, Table } from '../company.ts';
import { createContact, tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { drawRows, pickColleague, pickContact, tableExtract, tableResource } from '../desk.ts';
import { introduce } from '../directory.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { article, chatter, excerpt, letter, opening, topic } from '../texts.ts';

const toolbox = {
  findEmployee: { server: 'hris', name: 'find_employee', type: 'data_read', medianMs: 260 },
  report: { server: 'hris', name: 'run_report', type: 'data_read', medianMs: 1_200 },
  updateRecord: { server: 'hris', name: 'update_record', type: 'data_write', medianMs: 300 },
  readPolicy: { server: 'documents', name: 'read', type: 'data_read', medianMs: 240 },
  getApplication: { server: 'recruiting', name: 'get_application', type: 'data_read', medianMs: 350 },
  book: { server: 'calendar', name: 'create_event', type: 'data_write', medianMs: 380 },
  mail: { server: 'mail', name: 'send', type: 'send', medianMs: 480 },
  shortlist: { server: 'recruiting', name: 'rank_candidates', type: 'tool_call', medianMs: 2_000 },
} as const satisfies Record<string, Tool>;

export const peopleAssistant: AgentKind = {
  owner: 'people-team',
  clearance: 'restricted',
  rhythm: 'office',
  sessionsPerDay: [3, 8],
  followUp: 0.2,
  toolbox,
  tasks: {
    question: { weight: 4, run: answerQuestion },
    update: { weight: 2, run: updateEmployee },
    report: { weight: 1.5, run: reportOnTeam },
    invite: { weight: 1.5, run: inviteCandidate, next: { invite: 2, question: 1 } },
  },
  upcoming: { shortlist: { weight: 2, run: shortlistCandidates } },
  abilities: {
    carriers: ['recruiting.get_application', 'documents.read'],
    read: readStaff,
    exit: { kind: 'email', send: (_desk, to, body, bytes) => ({ ...mail(to.value, body), bytesSent: bytes }) },
    loop: (desk, random) => findEmployee(pickColleague(desk, random), random),
  },
};

function answerQuestion(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const subject = topic(random);
  const asker = pickColleague(desk, random);
  const { words, resolve } = introduce(asker, session);
  session.say(
    `${opening(random)}${words} asks about ${subject}. ${random.pick(['Answer them by mail.', 'Can you explain our rules to them?'])}`,
  );
  session.act(readPolicy(subject, random));
  if (random.chance(0.4)) session.act(findEmployee(asker, random));
  resolve();
  session.act(mail(asker.email, letter(asker, subject, random)));
}

function updateEmployee(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const person = pickColleague(desk, random);
  session.say(`${opening(random)}${person.name} has moved, please change the record. ${chatter(random, 1, 2)}`);
  session.act(findEmployee(person, random));
  session.act({
    tool: toolbox.updateRecord,
    arguments: { email: person.email, field: 'address' },
    result: 'saved',
    resources: [employees(desk)],
  });
  if (random.chance(0.6)) session.act(mail(person.email, letter(person, 'your record', random)));
}

/** A team's rows: tens, now and then a whole department. */
function reportOnTeam(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const reader = pickColleague(desk, random);
  const { words, resolve } = introduce(reader, session);
  session.say(`${opening(random)}prepare the list on ${topic(random)} for ${words}, one line per person.`);
  const table = tableNamed(desk.company, random.pick(desk.agent.staffTables));
  const rows = drawRows(desk, 14, 0.9, Math.round(table.rowsTotal / 4), random);
  const report = runReport(table, rows, random);
  session.act(report);
  resolve();
  const body = excerpt(`${letter(reader, 'the list', random)}\n${report.result}`, 800);
  session.act({ ...mail(reader.email, body), bytesSent: 300 + rows * 40 });
}

function inviteCandidate(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const candidate = random.chance(0.7) ? createContact(random) : pickContact(desk, random);
  session.say(
    `${opening(random)}invite ${candidate.name} to an interview next week, the address is in the application.`,
  );
  session.act(getApplication(candidate, random));
  session.act({ tool: toolbox.book, arguments: { with: candidate.name, minutes: 45 }, result: 'booked' });
  session.act(mail(candidate.email, letter(candidate, 'your application', random)));
}

function shortlistCandidates(_desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}rank the applications for ${topic(random)} and tell me the top three.`);
  const rows = random.int(4, 20);
  const result = Array.from({ length: 3 }, () => createContact(random).name).join(', ');
  session.act({ tool: toolbox.shortlist, arguments: { top: 3 }, result, rows, resources: [CANDIDATES] });
}

const CANDIDATES: Resource = {
  name: 'hr.candidates',
  kind: 'table',
  classification: 'confidential',
  origin: 'external',
};

function employees(desk: Desk): Resource {
  return tableResource(tableNamed(desk.company, 'hr.employees'));
}

function readPolicy(subject: string, random: Random): Act {
  const resource: Resource = {
    name: `policies/${subject.replaceAll(' ', '-')}`,
    kind: 'document',
    classification: 'internal',
    origin: 'internal',
  };
  return {
    tool: toolbox.readPolicy,
    arguments: { query: subject },
    result: article(subject, random),
    rows: 1,
    resources: [resource],
  };
}

function findEmployee(person: Person, random: Random): Act {
  const record = { id: random.int(1_000, 9_999), name: person.name, email: person.email, grade: random.int(1, 9) };
  const resource: Resource = { name: 'hr.employees', kind: 'table', classification: 'restricted', origin: 'internal' };
  return {
    tool: toolbox.findEmployee,
    arguments: { name: person.name },
    result: JSON.stringify(record),
    rows: 1,
    resources: [resource],
  };
}

function getApplication(candidate: Person, random: Random): Act {
  const result = `applicant: ${candidate.name}\ncontact: ${candidate.email}\n${chatter(random, 3, 6)}`;
  return {
    tool: toolbox.getApplication,
    arguments: { name: candidate.name },
    result,
    rows: 1,
    resources: [CANDIDATES],
  };
}

function runReport(table: Table, rows: number, random: Random, offset?: number): Act {
  const { result, bytes } = tableExtract(table, rows, random);
  const args = { source: table.name, limit: rows, ...(offset !== undefined && { offset }) };
  return {
    tool: toolbox.report,
    arguments: args,
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  };
}

function mail(to: string, body: string): Act {
  return { tool: toolbox.mail, arguments: { to, body }, result: 'sent', destinations: [{ kind: 'email', value: to }] };
}

function readStaff(desk: Desk, rows: number, random: Random, offset?: number): Act {
  return runReport(tableNamed(desk.company, desk.agent.staffTarget), rows, random, offset);
}
