/** The company in which all simulated agents work: its people, its tables, and the organisations around it. */
import type { Classification } from '../../ingest/event.ts';
import type { Random } from './random.ts';
import {
  CITIES,
  FIRST_NAMES,
  LAST_NAMES,
  ORGANISATION_HEADS,
  ORGANISATION_TAILS,
  PRODUCTS,
  STATUSES,
  TOPICS,
} from './words.ts';

export const COMPANY_DOMAIN = 'example.com';

export interface Person {
  readonly name: string;
  readonly email: string;
}

/** Someone outside: a customer, supplier or prospect. */
export interface Contact extends Person {
  readonly organisation: string;
  readonly domain: string;
  readonly customerId: string;
  /** Made-up bank account; the country code is not assigned. */
  readonly account: string;
}

export interface Table {
  readonly name: string;
  readonly classification: Classification;
  readonly rowsTotal: number;
  readonly columns: readonly ColumnName[];
}

export interface Company {
  readonly people: readonly Person[];
  readonly tables: readonly Table[];
}

type ColumnName = keyof typeof COLUMNS;

const COLUMNS = {
  id: (random) => String(random.int(1_000, 99_999)),
  name: (random) => personName(random),
  email: (random) => personOutside(random).email,
  staff_email: (random) => createPerson(random).email,
  account: (random) => accountNumber(random),
  amount: (random) => random.lognormal(180, 1.2).toFixed(2),
  salary: (random) => String(Math.round(random.lognormal(52_000, 0.35))),
  day: (random) => `2025-${pad(random.int(1, 12))}-${pad(random.int(1, 28))}`,
  status: (random) => random.pick(STATUSES),
  city: (random) => random.pick(CITIES),
  product: (random) => random.pick(PRODUCTS),
  topic: (random) => random.pick(TOPICS),
  count: (random) => String(Math.round(random.lognormal(40, 1.5))),
} as const satisfies Record<string, (random: Random) => string>;

/** name, classification, usual size, columns. */
const TABLES: readonly (readonly [string, Classification, number, readonly ColumnName[]])[] = [
  ['hr.employees', 'restricted', 1_800, ['id', 'name', 'staff_email', 'city', 'day']],
  ['hr.salaries', 'restricted', 1_750, ['id', 'name', 'salary', 'account']],
  ['hr.reviews', 'restricted', 5_200, ['id', 'name', 'topic', 'day']],
  ['hr.absences', 'restricted', 14_000, ['id', 'name', 'day', 'status']],
  ['hr.candidates', 'confidential', 3_900, ['id', 'name', 'email', 'city']],
  ['finance.invoices', 'confidential', 46_000, ['id', 'name', 'amount', 'status', 'day']],
  ['finance.payments', 'confidential', 61_000, ['id', 'account', 'amount', 'day']],
  ['finance.bank_accounts', 'restricted', 4_100, ['id', 'name', 'account']],
  ['finance.ledger', 'confidential', 240_000, ['id', 'topic', 'amount', 'day']],
  ['crm.contacts', 'confidential', 28_000, ['id', 'name', 'email', 'city']],
  ['crm.accounts', 'internal', 7_400, ['id', 'name', 'city', 'status']],
  ['crm.opportunities', 'internal', 9_800, ['id', 'name', 'amount', 'status']],
  ['support.tickets', 'confidential', 88_000, ['id', 'name', 'email', 'topic', 'status']],
  ['support.ratings', 'internal', 35_000, ['id', 'count', 'topic', 'day']],
  ['orders.orders', 'confidential', 150_000, ['id', 'name', 'product', 'amount', 'status']],
  ['orders.returns', 'internal', 12_000, ['id', 'product', 'status', 'day']],
  ['web.visits', 'internal', 2_400_000, ['id', 'city', 'topic', 'count']],
  ['product.events', 'internal', 5_100_000, ['id', 'topic', 'count', 'day']],
  ['product.catalogue', 'public', 2_300, ['id', 'product', 'amount']],
  ['ops.incidents', 'internal', 2_900, ['id', 'topic', 'status', 'day']],
  ['ops.stock', 'internal', 18_000, ['id', 'product', 'city', 'count']],
  ['legal.contracts', 'restricted', 2_600, ['id', 'name', 'amount', 'day']],
  ['marketing.campaigns', 'internal', 640, ['id', 'topic', 'amount', 'status']],
  ['marketing.consents', 'confidential', 54_000, ['id', 'email', 'status', 'day']],
];

const PEOPLE_COUNT = 120;

export function createCompany(random: Random): Company {
  const staff = random.fork('people');
  return {
    people: Array.from({ length: PEOPLE_COUNT }, () => createPerson(staff)),
    tables: TABLES.map(([name, classification, size, columns]) => {
      const rowsTotal = Math.round(random.fork(name).lognormal(size, 0.3));
      return { name, classification, rowsTotal, columns };
    }),
  };
}

/** Throws RangeError for a name the company does not have: a spelling mistake in an agent kind. */
export function tableNamed(company: Company, name: string): Table {
  const table = company.tables.find((candidate) => candidate.name === name);
  if (table === undefined) throw new RangeError(`no table ${name} in the simulated company`);
  return table;
}

export function createPerson(random: Random): Person {
  const name = personName(random);
  return { name, email: `${mailbox(name)}@${COMPANY_DOMAIN}` };
}

export function createContact(random: Random): Contact {
  const organisation = organisationName(random);
  const domain = organisationDomain(organisation, random);
  const name = personName(random);
  const customerId = `C-${random.int(10_000, 99_999)}`;
  return {
    name,
    email: `${mailbox(name)}@${domain}`,
    organisation,
    domain,
    customerId,
    account: accountNumber(random),
  };
}

/** A private customer, whose mail address says nothing about who they are. */
export function personOutside(random: Random): Contact {
  const contact = createContact(random);
  if (random.chance(0.5)) return contact;
  const domain = random.pick(['mail.example.net', 'post.example.org', 'inbox.example.net']);
  return { ...contact, domain, email: `${mailbox(contact.name)}${random.int(1, 99)}@${domain}` };
}

/** A host of the outside world: documentation, partners, vendors. */
export function createHost(random: Random): string {
  const prefix = random.pick(['docs', 'www', 'api', 'blog', 'help', 'downloads']);
  return `${prefix}.${organisationDomain(organisationName(random), random)}`;
}

function organisationName(random: Random): string {
  return `${random.pick(ORGANISATION_HEADS)} ${random.pick(ORGANISATION_TAILS)}`;
}

/** One row as CSV. */
export function tableRow(table: Table, random: Random): string {
  return table.columns.map((column) => COLUMNS[column](random)).join(',');
}

function organisationDomain(organisation: string, random: Random): string {
  const label = organisation.replaceAll(' ', random.chance(0.3) ? '-' : '');
  return `${label}.${random.pick(['example', 'example', 'test', 'example.net', 'example.org'])}`;
}

function personName(random: Random): string {
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
}

function mailbox(name: string): string {
  return name.toLowerCase().replaceAll(' ', '.');
}

function accountNumber(random: Random): string {
  return `XX${random.int(10, 99)}${random.int(10_000_000, 99_999_999)}${random.int(10_000_000, 99_999_999)}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
