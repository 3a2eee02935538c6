/** Turns questions into SQL. Its result sizes have the heaviest tail of all. */
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { Table } from '../company.ts';
import { tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { drawRows, pickColleague, pickContact, pickTable, tableExtract, tableResource } from '../desk.ts';
import { introduce } from '../directory.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { chatter, excerpt, letter, opening, topic } from '../texts.ts';

const toolbox = {
  describe: { server: 'warehouse', name: 'describe_table', type: 'data_read', medianMs: 150 },
  query: { server: 'warehouse', name: 'query', type: 'data_read', medianMs: 2_500 },
  chart: { server: 'charts', name: 'render', type: 'tool_call', medianMs: 900 },
  save: { server: 'sheets', name: 'save', type: 'data_write', medianMs: 700 },
  share: { server: 'sheets', name: 'share', type: 'send', medianMs: 500 },
  post: { server: 'chat', name: 'post_message', type: 'send', medianMs: 300 },
  readNote: { server: 'notebook', name: 'read_note', type: 'data_read', medianMs: 200 },
  forecast: { server: 'models', name: 'forecast', type: 'tool_call', medianMs: 6_000 },
} as const satisfies Record<string, Tool>;

export const analyst: AgentKind = {
  owner: 'data-team',
  clearance: 'restricted',
  rhythm: 'office',
  sessionsPerDay: [4, 12],
  followUp: 0.4,
  toolbox,
  tasks: {
    explore: { weight: 5, run: explore, next: { explore: 3, share: 2, post: 1 } },
    share: { weight: 2, run: shareSheet, next: { explore: 1 } },
    post: { weight: 2, run: postChart },
    headcount: { weight: 0.6, run: countHeads },
  },
  upcoming: { forecast: { weight: 3, run: forecast } },
  abilities: {
    carriers: ['notebook.read_note'],
    read: (desk, rows, random, offset) => query(tableNamed(desk.company, desk.agent.staffTarget), rows, random, offset),
    exit: { kind: 'email', send: (_desk, to, body, bytes) => ({ ...share(to.value, body), bytesSent: bytes }) },
    loop: (desk, random) => exploreQuery(desk, pickTable(desk, random), random),
  },
};

function explore(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const table = pickTable(desk, random);
  session.say(`${opening(random)}what does ${table.name} say about ${topic(random)}? ${chatter(random, 0, 2)}`);
  if (random.chance(0.3)) session.act(readNote(random));
  if (random.chance(0.4)) session.act(describe(table));
  for (let left = 1 + random.poisson(1.6); left > 0; left -= 1) session.act(exploreQuery(desk, table, random));
}

function shareSheet(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  // Partners get their numbers too.
  const reader = random.chance(0.15) ? pickContact(desk, random) : pickColleague(desk, random);
  const { words, resolve } = introduce(reader, session);
  const table = pickTable(desk, random);
  session.say(`${opening(random)}put ${topic(random)} from ${table.name} into a sheet and share it with ${words}.`);
  const read = exploreQuery(desk, table, random);
  session.act(read);
  session.act(save(read));
  resolve();
  const note = letter(reader, 'the sheet', random);
  const body = random.chance(0.5) ? note : excerpt(`${note}\n${read.result}`, 800);
  session.act({ ...share(reader.email, body), bytesSent: read.bytesReceived ?? body.length });
}

function postChart(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const channel = random.pick(desk.agent.channels);
  const table = pickTable(desk, random);
  session.say(`${opening(random)}chart ${topic(random)} by week and post it in ${channel}.`);
  session.act(exploreQuery(desk, table, random));
  session.act({
    tool: toolbox.chart,
    arguments: { kind: 'line' },
    result: 'chart rendered',
    bytesReceived: random.int(9_000, 60_000),
  });
  const text = chatter(random, 1, 2);
  session.act({
    tool: toolbox.post,
    arguments: { channel, text },
    result: 'posted',
    destinations: [{ kind: 'channel', value: channel }],
  });
}

/** Restricted tables are read for totals: few rows come back. */
function countHeads(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}how many people work in each city? Only totals, please.`);
  const table = tableNamed(desk.company, random.pick(desk.agent.staffTables));
  session.act(query(table, random.int(5, 25), random));
}

function forecast(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  session.say(`${opening(random)}forecast ${topic(random)} for the next eight weeks.`);
  session.act(exploreQuery(desk, pickTable(desk, random), random));
  session.act({
    tool: toolbox.forecast,
    arguments: { weeks: 8 },
    result: JSON.stringify({ trend: random.normal().toFixed(2) }),
    rows: 8,
  });
}

function exploreQuery(desk: Desk, table: Table, random: Random): Act {
  return query(table, drawRows(desk, 80, 1.7, table.rowsTotal, random), random);
}

function query(table: Table, rows: number, random: Random, offset?: number): Act {
  const { result, bytes } = tableExtract(table, rows, random);
  const window = offset === undefined ? `LIMIT ${rows}` : `LIMIT ${rows} OFFSET ${offset}`;
  const sql = `SELECT ${table.columns.join(', ')} FROM ${table.name} ORDER BY ${random.pick(table.columns)} ${window}`;
  return {
    tool: toolbox.query,
    arguments: { sql },
    result,
    rows,
    bytesReceived: bytes,
    resources: [tableResource(table)],
  };
}

function describe(table: Table): Act {
  const result = `${table.name}: ${table.columns.join(', ')}; about ${table.rowsTotal} rows`;
  return { tool: toolbox.describe, arguments: { table: table.name }, result };
}

function save(read: Act): Act {
  const bytesSent = read.bytesReceived ?? read.result.length;
  return { tool: toolbox.save, arguments: { title: 'extract', rows: read.rows ?? 0 }, result: 'saved', bytesSent };
}

function share(to: string, note: string): Act {
  return {
    tool: toolbox.share,
    arguments: { with: to, note },
    result: 'shared',
    destinations: [{ kind: 'email', value: to }],
  };
}

/** Notes of partners and earlier analysts; anybody can leave one. */
function readNote(random: Random): Act {
  const title = topic(random);
  const resource = {
    name: `notes/${title.replaceAll(' ', '-')}`,
    kind: 'document',
    classification: 'internal',
    origin: 'unknown',
  } as const;
  return {
    tool: toolbox.readNote,
    arguments: { title },
    result: `${title}\n${chatter(random, 3, 6)}`,
    rows: 1,
    resources: [resource],
  };
}
