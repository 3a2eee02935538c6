/** What an agent has at hand when a session starts, and how its tasks choose from it. */
import type { Resource } from '../../ingest/event.ts';
import type { AgentProfile } from './agent-profile.ts';
import type { Company, Contact, Person, Table } from './company.ts';
import { createContact, createHost, createPerson, tableNamed, tableRow } from './company.ts';
import type { Random } from './random.ts';

export interface Desk {
  readonly agent: AgentProfile;
  readonly company: Company;
  /** On whose behalf the session runs. */
  readonly user: Person;
  /** Known contacts, oldest first; before them, those a change has just brought. */
  readonly contacts: readonly Contact[];
  /** Colleagues who have just joined: talked about more than others. */
  readonly joiners: readonly Person[];
  /** Factor on rows and sizes: the agent's own, and the season's. */
  readonly volume: number;
}

/** Old contacts are met often, recent ones now and then, and sometimes a stranger. */
export function pickContact(desk: Desk, random: Random): Contact {
  if (desk.contacts.length === 0 || random.chance(desk.agent.novelty)) return createContact(random);
  return frequent(desk.contacts, random);
}

export function pickColleague(desk: Desk, random: Random): Person {
  if (desk.joiners.length > 0 && random.chance(0.4)) return random.pick(desk.joiners);
  if (random.chance(desk.agent.novelty / 3)) return createPerson(random);
  return frequent(desk.agent.colleagues, random);
}

export function pickHost(desk: Desk, random: Random): string {
  return random.chance(desk.agent.novelty * 2) ? createHost(random) : frequent(desk.agent.hosts, random);
}

export function pickTable(desk: Desk, random: Random): Table {
  const stray = random.chance(desk.agent.novelty / 2);
  if (!stray) return tableNamed(desk.company, frequent(desk.agent.tables, random));
  return random.pick(desk.company.tables.filter((table) => table.classification !== 'restricted'));
}

/** Few items get most of the visits: the square of a uniform number leans towards the head of the list. */
function frequent<T>(list: readonly T[], random: Random): T {
  const position = Math.floor(random.uniform() ** 2 * list.length);
  return list[position] as T;
}

/** How many rows a read returns: heavy-tailed around `median`, never more than there are. */
export function drawRows(desk: Desk, median: number, sigma: number, rowsTotal: number, random: Random): number {
  const rows = Math.round(random.lognormal(median * desk.volume, desk.agent.steady ? 0 : sigma));
  return Math.max(1, Math.min(rows, rowsTotal));
}

export function tableResource(table: Table): Resource {
  return {
    name: table.name,
    kind: 'table',
    classification: table.classification,
    origin: 'internal',
    rows_total: table.rowsTotal,
  };
}

const ROWS_SHOWN_MAX = 7;

/** What a read of `rows` rows looks like: the first few in full, and how long the whole would be. */
export function tableExtract(table: Table, rows: number, random: Random): { result: string; bytes: number } {
  const shown = Array.from({ length: Math.min(rows, ROWS_SHOWN_MAX) }, () => tableRow(table, random));
  const head = table.columns.join(',');
  const body = shown.join('\n');
  const tail = rows > shown.length ? `\n[${rows - shown.length} more rows]` : '';
  const bytesPerRow = (body.length + shown.length) / Math.max(1, shown.length);
  return { result: `${head}\n${body}${tail}`, bytes: Math.round(head.length + bytesPerRow * rows) };
}
