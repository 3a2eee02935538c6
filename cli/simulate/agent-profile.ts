/** What makes one agent different from its peers: its people, customers, tables, pace and habits. Drawn once from its own stream. */
import type { Company, Contact, Person } from './company.ts';
import { createContact, createHost, personOutside } from './company.ts';
import type { Random } from './random.ts';
import { DAY_MS } from './rhythm.ts';

export interface AgentProfile {
  readonly id: string;
  readonly kind: string;
  readonly startMs: number;
  readonly version: string;
  readonly toolsHash: string;
  readonly promptHash: string;
  readonly model: Model;
  /** Runs on a schedule: no noise, no failures, no idle talk. */
  readonly steady: boolean;
  /** Mean sessions on an ordinary day, and how unevenly they fall: shape of the negative binomial. */
  readonly sessionsPerDay: number;
  readonly sessionsShape: number;
  /** Factor on rows and sizes. */
  readonly volume: number;
  readonly verbosity: number;
  readonly failureRate: number;
  /** Probability that a task concerns somebody or something never met before. */
  readonly novelty: number;
  /** Probability that a task takes a detour through a tool hardly ever used. */
  readonly curiosity: number;
  readonly systemChars: number;
  readonly users: readonly Person[];
  readonly colleagues: readonly Person[];
  /** In order of arrival; a contact is known from `sinceMs` on. */
  readonly contacts: readonly { readonly sinceMs: number; readonly contact: Contact }[];
  /** Tables beside those its tasks name. */
  readonly tables: readonly string[];
  /** HR tables it works with, and the one an attacker would have it read: often, not always, one of them. */
  readonly staffTables: readonly string[];
  readonly staffTarget: string;
  readonly mailboxes: readonly string[];
  readonly repositories: readonly string[];
  readonly channels: readonly string[];
  readonly hosts: readonly string[];
}

export interface Model {
  readonly provider: string;
  readonly name: string;
  readonly inputMicroUsd: number;
  readonly outputMicroUsd: number;
}

export interface ProfileOptions {
  readonly id: string;
  readonly kindName: string;
  readonly steady: boolean;
  /** Range from which the agent draws its mean. */
  readonly sessionsPerDay: readonly [number, number];
  readonly company: Company;
  readonly startMs: number;
  readonly endMs: number;
  /** Factor on the number of sessions. */
  readonly density: number;
  readonly random: Random;
}

/** Prices are per token. */
const MODELS: readonly Model[] = [
  { provider: 'gateway', name: 'compact-2', inputMicroUsd: 0.15, outputMicroUsd: 0.6 },
  { provider: 'gateway', name: 'general-4', inputMicroUsd: 1, outputMicroUsd: 4 },
  { provider: 'gateway', name: 'frontier-1', inputMicroUsd: 3, outputMicroUsd: 15 },
];

const REPOSITORIES = [
  'storefront',
  'billing',
  'warehouse-jobs',
  'infra',
  'mobile',
  'search',
  'identity',
  'design-system',
  'reports',
  'edge',
];
const STAFF_TABLES = ['hr.employees', 'hr.salaries', 'hr.reviews', 'hr.absences'];
export const MAILBOXES = [
  'inbox',
  'partners',
  'trade-fair',
  'requests',
  'renewals',
  'press',
  'webinar',
  'resellers',
  'events',
];
const CHANNELS = [
  '#sales',
  '#finance',
  '#leadership',
  '#data',
  '#operations',
  '#support',
  '#product',
  '#growth',
  '#regions',
  '#launch',
];
/** Tables an analyst may be asked about; the restricted ones are for those whose tasks name them. */
const OPEN_CLASSIFICATIONS = new Set(['public', 'internal', 'confidential']);

export function createProfile(options: ProfileOptions): AgentProfile {
  const { id, kindName, steady, startMs, random } = options;
  const [least, most] = options.sessionsPerDay;
  return {
    id,
    kind: kindName,
    startMs,
    steady,
    sessionsPerDay: (least + (most - least) * random.uniform()) * options.density,
    sessionsShape: random.lognormal(5, 0.6),
    volume: random.lognormal(1, 0.5),
    verbosity: random.lognormal(1, 0.35),
    failureRate: steady ? 0 : random.lognormal(0.012, 0.8),
    novelty: Math.min(0.5, random.lognormal(0.06, 0.8)),
    curiosity: steady ? 0 : Math.min(0.1, random.lognormal(0.012, 0.8)),
    systemChars: random.int(1_500, 9_000),
    ...release(random),
    ...surroundings(options),
  };
}

function release(random: Random): Pick<AgentProfile, 'version' | 'toolsHash' | 'promptHash' | 'model'> {
  return {
    version: `${random.int(1, 4)}.${random.int(0, 12)}.${random.int(0, 9)}`,
    toolsHash: hexadecimal(random),
    promptHash: hexadecimal(random),
    model: random.pick(MODELS),
  };
}

export function hexadecimal(random: Random): string {
  return Array.from({ length: 16 }, () => random.int(0, 15).toString(16)).join('');
}

type Surroundings = Pick<
  AgentProfile,
  | 'users'
  | 'colleagues'
  | 'contacts'
  | 'tables'
  | 'staffTables'
  | 'staffTarget'
  | 'mailboxes'
  | 'repositories'
  | 'channels'
  | 'hosts'
>;

function surroundings(options: ProfileOptions): Surroundings {
  const { company, random } = options;
  const open = company.tables.filter((table) => OPEN_CLASSIFICATIONS.has(table.classification));
  return {
    users: random.sample(company.people, random.int(2, 6)),
    colleagues: random.sample(company.people, random.int(6, 16)),
    contacts: contactsOver(options),
    tables: random.sample(open, random.int(3, 8)).map((table) => table.name),
    staffTables: random.sample(STAFF_TABLES, random.int(2, 3)),
    staffTarget: random.pick(STAFF_TABLES),
    mailboxes: random.sample(MAILBOXES, random.int(2, 3)),
    repositories: random.sample(REPOSITORIES, random.int(2, 4)),
    channels: random.sample(CHANNELS, random.int(1, 3)),
    hosts: Array.from({ length: random.int(5, 14) }, () => createHost(random)),
  };
}

/** Customers come and go: some are there from the first day, a few arrive every day. */
function contactsOver(options: ProfileOptions): AgentProfile['contacts'] {
  const { startMs, endMs } = options;
  const random = options.random.fork('contacts');
  const meet = random.chance(0.5) ? createContact : personOutside;
  const known = Array.from({ length: random.int(10, 40) }, () => ({ sinceMs: startMs, contact: meet(random) }));
  const perDay = random.lognormal(1, 0.7);
  const arrivals = [];
  for (let dayMs = startMs; dayMs < endMs; dayMs += DAY_MS) {
    const today = random.fork(`day/${(dayMs - startMs) / DAY_MS}`);
    const count = today.poisson(perDay);
    for (let index = 0; index < count; index += 1) arrivals.push({ sinceMs: dayMs, contact: meet(today) });
  }
  return [...known, ...arrivals];
}
