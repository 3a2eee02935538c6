/** Pays suppliers, chases customers, reconciles accounts. Busy at the end of the month. */

import type { Resource } from '../../../ingest/event.ts';
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { Contact } from '../company.ts';
import { createContact, tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { drawRows, pickColleague, pickContact, tableExtract, tableResource } from '../desk.ts';
import { introduce } from '../directory.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { chatter, letter, opening, topic } from '../texts.ts';

const toolbox = {
  findInvoices: { server: 'invoices', name: 'search', type: 'data_read', medianMs: 380 },
  getInvoice: { server: 'invoices', name: 'get', type: 'data_read', medianMs: 260 },
  queryLedger: { server: 'ledger', name: 'query', type: 'data_read', medianMs: 1_400 },
  getStatement: { server: 'bank', name: 'get_statement', type: 'data_read', medianMs: 900 },
  pay: { server: 'bank', name: 'create_payment', type: 'send', medianMs: 1_100 },
  book: { server: 'ledger', name: 'book_entry', type: 'data_write', medianMs: 300 },
  mail: { server: 'mail', name: 'send', type: 'send', medianMs: 500 },
  checkTaxNumber: { server: 'tax', name: 'check_number', type: 'tool_call', medianMs: 800 },
} as const satisfies Record<string, Tool>;

const INVOICES: Resource = {
  name: 'finance.invoices',
  kind: 'table',
  classification: 'confidential',
  origin: 'internal',
};

export const billing: AgentKind = {
  owner: 'finance-operations',
  clearance: 'restricted',
  rhythm: 'office',
  sessionsPerDay: [4, 10],
  followUp: 0.25,
  toolbox,
  tasks: {
    pay: { weight: 4, run: payInvoice, next: { pay: 3, reconcile: 1 } },
    chase: { weight: 2, run: chaseOverdue },
    reconcile: { weight: 2, run: reconcile, next: { report: 3, reconcile: 1 } },
    report: { weight: 1.5, run: reportTo },
  },
  upcoming: { 'tax-check': { weight: 3, run: checkTaxNumber } },
  abilities: {
    carriers: ['invoices.get'],
    read: readAccounts,
    exit: { kind: 'email', send: (_desk, to, body, bytes) => ({ ...mail(to.value, body), bytesSent: bytes }) },
    loop: (desk, random) => queryLedger(desk, drawRows(desk, 60, 1, 50_000, random), topic(random), random),
  },
};

/** The account to pay is on the invoice, never in the prompt. */
function payInvoice(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const supplier = pickContact(desk, random);
  const invoice = invoiceNumber(random);
  session.say(
    `${opening(random)}${random.pick([
      `please pay invoice ${invoice} from ${supplier.organisation}.`,
      `${invoice} (${supplier.organisation}) is due, pay it today.`,
      `settle ${supplier.organisation}, reference ${invoice}.`,
    ])}`,
  );
  session.act(getInvoice(invoice, supplier, random));
  if (random.chance(0.25)) session.act(readAccounts(desk, random.int(1, 4), random));
  const refused = random.chance(0.03);
  session.act(pay(supplier, invoice, refused, random));
  if (refused) return;
  session.act(bookEntry(invoice));
  if (random.chance(0.3)) session.act(mail(supplier.email, letter(supplier, `your invoice ${invoice}`, random)));
}

function chaseOverdue(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(
    `${opening(random)}remind everyone whose invoice is overdue by more than ${random.int(2, 6)} weeks. ${chatter(random, 1, 1)}`,
  );
  const debtors = Array.from({ length: 1 + random.poisson(2.5 * Math.min(desk.volume, 4)) }, () =>
    pickContact(desk, random),
  );
  session.act(overdueList(debtors, random));
  for (const debtor of debtors) session.act(mail(debtor.email, letter(debtor, 'an overdue invoice', random)));
}

function reconcile(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(
    `${opening(random)}reconcile the ${random.pick(['main', 'payroll', 'supplier', 'card'])} account for ${topic(random)}.`,
  );
  session.act(getStatement(drawRows(desk, 40, 0.8, 5_000, random), random));
  for (let left = 1 + random.poisson(1.2); left > 0; left -= 1) {
    session.act(queryLedger(desk, drawRows(desk, 120, 1.3, 60_000, random), topic(random), random));
  }
  for (let left = random.poisson(1.5); left > 0; left -= 1) session.act(bookEntry(invoiceNumber(random)));
}

function reportTo(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const reader = pickColleague(desk, random);
  const { words, resolve } = introduce(reader, session);
  const subject = topic(random);
  session.say(
    `${opening(random)}send ${words} the totals for ${subject}, with the open items. ${chatter(random, 0, 1)}`,
  );
  const rows = drawRows(desk, 200, 1.2, 60_000, random);
  const found = queryLedger(desk, rows, subject, random);
  session.act(found);
  resolve();
  const body = `${letter(reader, subject, random)}
${found.result}`.slice(0, 800);
  session.act({ ...mail(reader.email, body), bytesSent: 400 + rows * random.int(3, 12) });
}

function checkTaxNumber(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const supplier = random.chance(0.4) ? createContact(random) : pickContact(desk, random);
  session.say(`${opening(random)}check the tax number of ${supplier.organisation} before we pay them.`);
  const invoice = invoiceNumber(random);
  session.act(getInvoice(invoice, supplier, random));
  session.act({
    tool: toolbox.checkTaxNumber,
    arguments: { number: supplier.customerId },
    result: `${supplier.organisation}: valid`,
  });
}

function invoiceNumber(random: Random): string {
  return `INV-${random.int(100_000, 999_999)}`;
}

function getInvoice(invoice: string, supplier: Contact, random: Random): Act {
  const amount = random.lognormal(900, 1.1).toFixed(2);
  const result = [
    `invoice ${invoice} from ${supplier.organisation}`,
    `contact: ${supplier.name} <${supplier.email}>`,
    `pay to: ${supplier.account}`,
    `amount: ${amount}`,
    chatter(random, 1, 3),
  ].join('\n');
  return {
    tool: toolbox.getInvoice,
    arguments: { invoice },
    result,
    rows: 1,
    resources: [{ ...INVOICES, origin: 'external' }],
  };
}

function pay(supplier: Contact, invoice: string, refused: boolean, random: Random): Act {
  const amount = Number(random.lognormal(900, 1.1).toFixed(2));
  const destinations = [{ kind: 'account', value: supplier.account }] as const;
  const base = { tool: toolbox.pay, arguments: { to: supplier.account, amount, reference: invoice }, destinations };
  if (!refused)
    return { ...base, result: 'payment accepted', decision: { result: 'approved', by: 'human', policy: 'four-eyes' } };
  return {
    ...base,
    result: 'refused: approval missing',
    outcome: 'denied',
    decision: { result: 'denied', by: 'policy', policy: 'four-eyes' },
  };
}

function overdueList(debtors: readonly Contact[], random: Random): Act {
  const lines = debtors.map(
    (debtor) =>
      `${invoiceNumber(random)},${debtor.organisation},${debtor.name},${debtor.email},${random.int(15, 90)} days`,
  );
  const result = `invoice,company,contact,email,overdue\n${lines.join('\n')}`;
  return {
    tool: toolbox.findInvoices,
    arguments: { status: 'overdue' },
    result,
    rows: debtors.length,
    resources: [INVOICES],
  };
}

function getStatement(rows: number, random: Random): Act {
  const result = `statement with ${rows} movements\n${chatter(random, 1, 2)}`;
  const resource: Resource = {
    name: 'bank.statements',
    kind: 'file',
    classification: 'confidential',
    origin: 'external',
  };
  return {
    tool: toolbox.getStatement,
    arguments: { days: 7 },
    result,
    rows,
    bytesReceived: rows * 90,
    resources: [resource],
  };
}

function queryLedger(desk: Desk, rows: number, subject: string, random: Random): Act {
  const table = tableNamed(desk.company, 'finance.ledger');
  const { result, bytes } = tableExtract(table, rows, random);
  return {
    tool: toolbox.queryLedger,
    arguments: { filter: subject, limit: rows },
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  };
}

function bookEntry(invoice: string): Act {
  return { tool: toolbox.book, arguments: { reference: invoice }, result: `booked ${invoice}` };
}

function mail(to: string, body: string): Act {
  return { tool: toolbox.mail, arguments: { to, body }, result: 'sent', destinations: [{ kind: 'email', value: to }] };
}

function readAccounts(desk: Desk, rows: number, random: Random, offset?: number): Act {
  const table = tableNamed(desk.company, 'finance.bank_accounts');
  const { result, bytes } = tableExtract(table, rows, random);
  const args = { filter: 'bank accounts', limit: rows, ...(offset !== undefined && { offset }) };
  return {
    tool: toolbox.queryLedger,
    arguments: args,
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  };
}
