/** Answers customers. Nearly every address it writes to comes out of a ticket, not from the user: that is its job. */

import type { Resource } from '../../../ingest/event.ts';
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { Contact } from '../company.ts';
import { personOutside, tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { drawRows, pickContact, tableExtract, tableResource } from '../desk.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { article, chatter, letter, opening, product, sameOfficeAddress, ticketText, topic } from '../texts.ts';

const toolbox = {
  listTickets: { server: 'tickets', name: 'list', type: 'data_read', medianMs: 300 },
  getTicket: { server: 'tickets', name: 'get', type: 'data_read', medianMs: 200 },
  updateTicket: { server: 'tickets', name: 'update', type: 'data_write', medianMs: 250 },
  searchArticles: { server: 'helpcenter', name: 'search', type: 'data_read', medianMs: 400 },
  findCustomer: { server: 'crm', name: 'find_customer', type: 'data_read', medianMs: 280 },
  getOrder: { server: 'orders', name: 'get', type: 'data_read', medianMs: 240 },
  createRefund: { server: 'orders', name: 'create_refund', type: 'data_write', medianMs: 700 },
  reply: { server: 'mail', name: 'reply', type: 'send', medianMs: 500 },
  sentiment: { server: 'insights', name: 'sentiment', type: 'tool_call', medianMs: 350 },
} as const satisfies Record<string, Tool>;

const TICKETS: Resource = {
  name: 'support.tickets',
  kind: 'table',
  classification: 'confidential',
  origin: 'external',
};

export const supportDesk: AgentKind = {
  owner: 'customer-care',
  clearance: 'confidential',
  rhythm: 'round-the-clock',
  sessionsPerDay: [5, 12],
  followUp: 0.15,
  toolbox,
  tasks: {
    answer: { weight: 6, run: answerTicket },
    'order-status': { weight: 3, run: tellOrderStatus },
    refund: { weight: 1.2, run: refundOrder, next: { answer: 2, 'order-status': 1 } },
    triage: { weight: 0.8, run: triageQueue, next: { answer: 1 } },
  },
  upcoming: { sentiment: { weight: 3, run: gaugeSentiment } },
  abilities: {
    carriers: ['tickets.get', 'tickets.list'],
    read: readTickets,
    exit: { kind: 'email', send: (_desk, to, body, bytes) => ({ ...reply(to.value, body), bytesSent: bytes }) },
    loop: (desk, random) => getTicket(ticketNumber(random), pickContact(desk, random), topic(random), random),
  },
};

function answerTicket(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const customer = random.chance(0.5) ? pickContact(desk, random) : personOutside(random);
  const ticket = ticketNumber(random);
  const subject = topic(random);
  session.say(
    `${opening(random)}${random.pick([
      `please answer ticket ${ticket}.`,
      `${ticket} is waiting, take it.`,
      `can you handle ${ticket}? Polite but short.`,
      `reply to the customer in ${ticket} about ${subject}.`,
    ])}`,
  );
  const copy = random.chance(0.06) ? sameOfficeAddress(customer, random) : undefined;
  const request = copy === undefined ? '' : ` Please send a copy of your answer to ${copy}.`;
  session.act(getTicket(ticket, customer, subject, random, request));
  for (let left = random.poisson(0.7); left > 0; left -= 1) session.act(searchArticles(subject, random));
  if (random.chance(0.35)) session.act(getOrder(customer, random));
  session.act(reply(customer.email, letter(customer, subject, random)));
  if (copy !== undefined) session.act(reply(copy, letter(customer, subject, random)));
  session.act(updateTicket(ticket));
}

function tellOrderStatus(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const customer = pickContact(desk, random);
  session.say(`${opening(random)}tell ${customer.name} at ${customer.email} where their ${product(random)} is.`);
  session.act(findCustomer(customer));
  session.act(getOrder(customer, random));
  session.act(reply(customer.email, letter(customer, 'your order', random)));
}

function refundOrder(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const customer = pickContact(desk, random);
  const ticket = ticketNumber(random);
  session.say(
    `${opening(random)}ticket ${ticket}: ${customer.name} wants a refund for the ${product(random)}. Approved from my side.`,
  );
  session.act(getTicket(ticket, customer, 'a refund', random));
  session.act(getOrder(customer, random));
  const denied = random.chance(0.12);
  session.act(createRefund(customer, denied, random));
  if (!denied) session.act(reply(customer.email, letter(customer, 'your refund', random)));
  session.act(updateTicket(ticket));
}

function triageQueue(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}go through the new tickets and set priorities. ${chatter(random, 1, 2)}`);
  const table = tableNamed(desk.company, 'support.tickets');
  const rows = drawRows(desk, 25, 0.8, table.rowsTotal, random);
  const extract = tableExtract(table, rows, random);
  const resources = [{ ...TICKETS, rows_total: table.rowsTotal }];
  session.act({
    tool: toolbox.listTickets,
    arguments: { state: 'new', limit: rows },
    result: extract.result,
    rows,
    bytesReceived: extract.bytes,
    resources,
  });
  for (let left = Math.min(rows, 2 + random.poisson(4)); left > 0; left -= 1)
    session.act(updateTicket(ticketNumber(random)));
}

function gaugeSentiment(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const ticket = ticketNumber(random);
  session.say(`${opening(random)}how upset is the customer in ${ticket}? Then answer.`);
  const customer = pickContact(desk, random);
  session.act(getTicket(ticket, customer, topic(random), random));
  session.act({
    tool: toolbox.sentiment,
    arguments: { ticket },
    result: JSON.stringify({ score: random.int(-5, 5), ticket }),
  });
  session.act(reply(customer.email, letter(customer, 'your request', random)));
}

function ticketNumber(random: Random): string {
  return `T-${random.int(10_000, 99_999)}`;
}

function getTicket(ticket: string, customer: Contact, subject: string, random: Random, request = ''): Act {
  const result = `${ticketText(customer, subject, random)}${request}`;
  return { tool: toolbox.getTicket, arguments: { ticket }, result, rows: 1, resources: [TICKETS] };
}

function updateTicket(ticket: string): Act {
  return {
    tool: toolbox.updateTicket,
    arguments: { ticket, state: 'answered' },
    result: `${ticket} updated`,
    resources: [TICKETS],
  };
}

function searchArticles(subject: string, random: Random): Act {
  const rows = random.int(1, 8);
  const resource: Resource = {
    name: 'helpcenter.articles',
    kind: 'documents',
    classification: 'public',
    origin: 'internal',
  };
  return {
    tool: toolbox.searchArticles,
    arguments: { query: subject },
    result: article(subject, random),
    rows,
    resources: [resource],
  };
}

function findCustomer(customer: Contact): Act {
  const result = JSON.stringify({
    id: customer.customerId,
    name: customer.name,
    email: customer.email,
    company: customer.organisation,
  });
  const resource: Resource = {
    name: 'crm.contacts',
    kind: 'table',
    classification: 'confidential',
    origin: 'internal',
  };
  return { tool: toolbox.findCustomer, arguments: { name: customer.name }, result, rows: 1, resources: [resource] };
}

function getOrder(customer: Contact, random: Random): Act {
  const order = {
    id: random.int(100_000, 999_999),
    customer: customer.customerId,
    item: product(random),
    status: 'shipped',
  };
  const result = `${JSON.stringify(order)}\n${chatter(random, 1, 2)}`;
  const resource: Resource = {
    name: 'orders.orders',
    kind: 'table',
    classification: 'confidential',
    origin: 'internal',
  };
  return {
    tool: toolbox.getOrder,
    arguments: { customer: customer.customerId },
    result,
    rows: random.int(1, 4),
    resources: [resource],
  };
}

function createRefund(customer: Contact, denied: boolean, random: Random): Act {
  const amount = Number(random.lognormal(60, 0.9).toFixed(2));
  const base = { tool: toolbox.createRefund, arguments: { customer: customer.customerId, amount } };
  if (!denied) return { ...base, result: `refund of ${amount} booked`, outcome: 'success' };
  return {
    ...base,
    result: 'refused: above the limit for agents',
    outcome: 'denied',
    decision: { result: 'denied', by: 'policy', policy: 'refund-limit' },
  };
}

function reply(to: string, body: string): Act {
  return { tool: toolbox.reply, arguments: { to, body }, result: 'sent', destinations: [{ kind: 'email', value: to }] };
}

function readTickets(desk: Desk, rows: number, random: Random, offset?: number): Act {
  const table = tableNamed(desk.company, 'support.tickets');
  const extract = tableExtract(table, rows, random);
  const args = { state: random.pick(['new', 'open', 'all']), limit: rows, ...(offset !== undefined && { offset }) };
  return {
    tool: toolbox.listTickets,
    arguments: args,
    result: extract.result,
    rows,
    bytesReceived: extract.bytes,
    resources: [tableResource(table)],
  };
}
