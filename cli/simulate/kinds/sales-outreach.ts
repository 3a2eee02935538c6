/** Writes to prospects: a new address every other mail. Novelty is its trade. */

import type { Resource } from '../../../ingest/event.ts';
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import { MAILBOXES } from '../agent-profile.ts';
import type { Contact } from '../company.ts';
import { createContact, createHost, tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { drawRows, pickColleague, pickContact, tableExtract, tableResource } from '../desk.ts';
import { introduce } from '../directory.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { article, chatter, excerpt, letter, opening, product, topic } from '../texts.ts';

const toolbox = {
  searchContacts: { server: 'crm', name: 'search_contacts', type: 'data_read', medianMs: 420 },
  getContact: { server: 'crm', name: 'get_contact', type: 'data_read', medianMs: 200 },
  logActivity: { server: 'crm', name: 'log_activity', type: 'data_write', medianMs: 220 },
  lookUpCompany: { server: 'enrichment', name: 'company_page', type: 'data_read', medianMs: 1_300 },
  readInbox: { server: 'mail', name: 'read_inbox', type: 'data_read', medianMs: 450 },
  mail: { server: 'mail', name: 'send', type: 'send', medianMs: 500 },
  book: { server: 'calendar', name: 'create_event', type: 'data_write', medianMs: 380 },
  score: { server: 'enrichment', name: 'score_lead', type: 'tool_call', medianMs: 600 },
} as const satisfies Record<string, Tool>;

const CONTACTS: Resource = { name: 'crm.contacts', kind: 'table', classification: 'confidential', origin: 'internal' };

export const salesOutreach: AgentKind = {
  owner: 'sales-operations',
  clearance: 'confidential',
  rhythm: 'office',
  sessionsPerDay: [4, 11],
  followUp: 0.3,
  toolbox,
  tasks: {
    campaign: { weight: 2, run: mailCampaign },
    follow: { weight: 3, run: followUp, next: { meeting: 2, follow: 2 } },
    meeting: { weight: 2, run: bookMeeting },
    inbox: { weight: 2, run: readInbox, next: { follow: 2, meeting: 1 } },
    brief: { weight: 1, run: briefColleague },
  },
  upcoming: { score: { weight: 3, run: scoreLead } },
  abilities: {
    carriers: ['mail.read_inbox', 'enrichment.company_page'],
    read: readContacts,
    exit: { kind: 'email', send: (_desk, to, body, bytes) => ({ ...mail(to.value, body), bytesSent: bytes }) },
    loop: (desk, random) => lookUpCompany(pickContact(desk, random), random),
  },
};

/** Looks prospects up and mails every one: addresses out of a result, rightly. */
function mailCampaign(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const count = Math.min(14, 2 + random.negativeBinomial(4 * desk.volume, 2));
  const prospects = Array.from({ length: count }, () =>
    random.chance(0.5) ? createContact(random) : pickContact(desk, random),
  );
  session.say(
    `${opening(random)}write to the prospects in ${topic(random)} about our ${product(random)}. ${chatter(random, 0, 1)}`,
  );
  session.act(searchContacts(prospects));
  for (const prospect of prospects) session.act(mail(prospect.email, letter(prospect, 'our offer', random)));
}

function followUp(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const contact = pickContact(desk, random);
  const addressed = random.chance(0.5);
  const who = addressed ? `${contact.name} <${contact.email}>` : `${contact.name} from ${contact.organisation}`;
  session.say(`${opening(random)}follow up with ${who} on ${topic(random)}.`);
  session.act(getContact(contact, random));
  if (random.chance(0.4)) session.act(lookUpCompany(contact, random));
  session.act(mail(contact.email, letter(contact, 'our talk', random)));
  session.act(logActivity(contact, random));
}

function bookMeeting(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const contact = pickContact(desk, random);
  session.say(`${opening(random)}set up half an hour with ${contact.name}, ${contact.email}, this week.`);
  session.act({ tool: toolbox.book, arguments: { with: contact.email, minutes: 30 }, result: 'booked' });
  session.act(mail(contact.email, letter(contact, 'our meeting', random)));
}

/** Answers what came in; the sender's address is in the inbox only. */
function readInbox(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const senders = Array.from({ length: random.int(2, 6) }, () => pickContact(desk, random));
  // Users name a mailbox the agent has not opened before, now and then.
  const mailbox = random.pick(random.chance(desk.agent.novelty) ? MAILBOXES : desk.agent.mailboxes);
  session.say(`${opening(random)}check the ${mailbox} mailbox and answer whatever is about ${topic(random)}.`);
  const text = senders
    .map((sender) => `from: ${sender.name} <${sender.email}>\n${chatter(random, 1, 2)}`)
    .join('\n---\n');
  const resource: Resource = {
    name: `mail.${mailbox}`,
    kind: 'mailbox',
    classification: 'confidential',
    origin: 'external',
  };
  session.act({
    tool: toolbox.readInbox,
    arguments: { mailbox, unread: true },
    result: text,
    rows: senders.length,
    resources: [resource],
  });
  for (const sender of random.sample(senders, random.int(0, 2)))
    session.act(mail(sender.email, letter(sender, 'your message', random)));
}

function briefColleague(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const reader = pickColleague(desk, random);
  const { words, resolve } = introduce(reader, session);
  session.say(`${opening(random)}send ${words} the list of open deals in ${topic(random)}.`);
  const table = tableNamed(desk.company, 'crm.opportunities');
  const rows = drawRows(desk, 30, 1, table.rowsTotal, random);
  const { result, bytes } = tableExtract(table, rows, random);
  session.act({
    tool: toolbox.searchContacts,
    arguments: { stage: 'open' },
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  });
  resolve();
  const body = excerpt(`${letter(reader, 'open deals', random)}\n${result}`, 800);
  session.act({ ...mail(reader.email, body), bytesSent: 300 + rows * 35 });
}

function scoreLead(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const contact = pickContact(desk, random);
  session.say(`${opening(random)}how promising is ${contact.organisation}?`);
  session.act(getContact(contact, random));
  session.act({
    tool: toolbox.score,
    arguments: { customer: contact.customerId },
    result: JSON.stringify({ score: random.int(1, 99) }),
  });
}

function searchContacts(found: readonly Contact[]): Act {
  const lines = found.map(
    (contact) => `${contact.customerId},${contact.name},${contact.email},${contact.organisation}`,
  );
  const result = `id,name,email,company\n${lines.join('\n')}`;
  return {
    tool: toolbox.searchContacts,
    arguments: { limit: found.length },
    result,
    rows: found.length,
    resources: [CONTACTS],
  };
}

function getContact(contact: Contact, random: Random): Act {
  const card = {
    id: contact.customerId,
    name: contact.name,
    email: contact.email,
    company: contact.organisation,
    note: chatter(random, 1, 2),
  };
  return {
    tool: toolbox.getContact,
    arguments: { name: contact.name },
    result: JSON.stringify(card),
    rows: 1,
    resources: [CONTACTS],
  };
}

function logActivity(contact: Contact, random: Random): Act {
  const args = { customer: contact.customerId, note: chatter(random, 1, 1) };
  return { tool: toolbox.logActivity, arguments: args, result: 'logged', resources: [CONTACTS] };
}

function lookUpCompany(contact: Contact, random: Random): Act {
  const url = `https://${random.chance(0.5) ? createHost(random) : `www.${contact.domain}`}/about`;
  const resource: Resource = { name: url, kind: 'page', classification: 'public', origin: 'external' };
  const result = `${article(contact.organisation, random)}\nPress: press@${contact.domain}`;
  return {
    tool: toolbox.lookUpCompany,
    arguments: { url },
    result,
    rows: 1,
    bytesReceived: Math.round(random.lognormal(9_000, 0.9)),
    resources: [resource],
  };
}

function mail(to: string, body: string): Act {
  return { tool: toolbox.mail, arguments: { to, body }, result: 'sent', destinations: [{ kind: 'email', value: to }] };
}

function readContacts(desk: Desk, rows: number, random: Random, offset?: number): Act {
  const table = tableNamed(desk.company, 'crm.contacts');
  const { result, bytes } = tableExtract(table, rows, random);
  const args = { limit: rows, ...(offset !== undefined && { offset }) };
  return {
    tool: toolbox.searchContacts,
    arguments: args,
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  };
}
