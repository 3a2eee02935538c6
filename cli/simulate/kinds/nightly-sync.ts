/** Copies tables on a schedule, the same rows and bytes every time: variance zero, so that any change is a change. */
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import type { Table } from '../company.ts';
import { tableNamed } from '../company.ts';
import type { Desk } from '../desk.ts';
import { tableResource } from '../desk.ts';
import type { SessionWriter } from '../session-writer.ts';

const toolbox = {
  exportTable: { server: 'warehouse', name: 'export_table', type: 'data_read', medianMs: 5_000 },
  upload: { server: 'storage', name: 'put_object', type: 'send', medianMs: 2_000 },
  verify: { server: 'storage', name: 'verify_checksum', type: 'tool_call', medianMs: 400 },
  compact: { server: 'storage', name: 'compact', type: 'tool_call', medianMs: 3_000 },
} as const satisfies Record<string, Tool>;

const ROWS = 500;
const BYTES_PER_ROW = 64;
const BUCKET_URL = 'https://backup.storage.example.com/exports';

export const nightlySync: AgentKind = {
  owner: 'data-platform',
  clearance: 'confidential',
  rhythm: 'on-schedule',
  sessionsPerDay: [4, 12],
  followUp: 0,
  toolbox,
  tasks: { sync: { weight: 1, run: sync } },
  upcoming: { compact: { weight: 0.5, run: compact } },
  abilities: {
    carriers: [],
    read: (desk, rows, _random, offset = 0) => exportTable(tableOf(desk), rows, offset),
    exit: { kind: 'url', send: (_desk, to, body, bytes) => upload(to.value, body, bytes) },
    loop: (desk) => exportTable(tableOf(desk), ROWS, 0),
  },
};

function sync(desk: Desk, session: SessionWriter): void {
  const table = tableOf(desk);
  session.say(`Export the last ${ROWS} rows of ${table.name} to the backup bucket and verify the checksum.`);
  session.act(exportTable(table, ROWS, 0));
  session.act(upload(`${BUCKET_URL}/${table.name}`, `${ROWS} rows of ${table.name}`, ROWS * BYTES_PER_ROW));
  session.act({ tool: toolbox.verify, arguments: { object: table.name }, result: 'checksum matches' });
}

function compact(desk: Desk, session: SessionWriter): void {
  const table = tableOf(desk);
  session.say(`Compact the backups of ${table.name}.`);
  session.act({ tool: toolbox.compact, arguments: { object: table.name }, result: 'compacted' });
}

/** Each agent copies one table. */
function tableOf(desk: Desk): Table {
  return tableNamed(desk.company, desk.agent.tables[0] ?? 'ops.stock');
}

/** The result names the staged file only: its length must not vary. */
function exportTable(table: Table, rows: number, offset: number): Act {
  return {
    tool: toolbox.exportTable,
    arguments: { table: table.name, limit: rows, offset },
    result: `exported to staging/${table.name}.parquet, columns: ${table.columns.join(', ')}`,
    rows,
    bytesReceived: rows * BYTES_PER_ROW,
    resources: [tableResource(table)],
  };
}

function upload(url: string, body: string, bytes: number): Act {
  return {
    tool: toolbox.upload,
    arguments: { url, body },
    result: 'stored',
    destinations: [{ kind: 'url', value: url }],
    bytesSent: bytes,
  };
}
