/**
 * A small HTTP front to the embedded engine: as much of ClickHouse's HTTP interface as `@clickhouse/client` uses, with faults to
 * order. With it the client is exercised over a network, several processes share one store, and kill -9 of the front is the crash of
 * a real engine.
 *
 * In this process: `startFront`. As a process of its own: `tsx clickhouse-front.ts --path DIR --port N`, which prints
 * `listening <port>` and takes faults by `POST /__faults` (a JSON fault, or `{"kind":"clear"}`).
 */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseError } from '@clickhouse/client';
import { drainPending, Session } from 'chdb';
import { createFaultQueue, type Fault, type FaultQueue, type StatementFault } from './clickhouse-faults.ts';
import { readStatement, type StatementRequest } from './clickhouse-request.ts';

export interface Front {
  readonly url: string;
  readonly port: number;
  inject(fault: Fault): void;
  clear(): void;
  close(): Promise<void>;
}

interface Folder {
  readonly path: string;
}

export async function startFront(options: { readonly path: string; readonly port?: number }): Promise<Front> {
  // The engine lives as long as one session is open.
  const anchor = new Session(options.path);
  const faults = createFaultQueue(Date.now);
  const server = createServer({ maxHeaderSize: 1024 * 1024, keepAliveTimeout: 10_000 }, (request, response) => {
    handle(request, response, options, faults).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    inject: faults.inject,
    clear: faults.clear,
    async close() {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
      anchor.close();
      await drainPending();
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  folder: Folder,
  faults: FaultQueue,
): Promise<void> {
  if (request.url === '/__faults') return acceptFault(request, response, faults);
  if (faults.refuses()) return void request.socket.resetAndDestroy();
  if (request.url?.startsWith('/ping')) return void response.end('Ok.\n');
  const statement = await readStatement(request);
  const fault = faults.take(statement.sql);
  if (fault?.kind === 'delay') await sleep(fault.ms);
  response.setHeader('X-ClickHouse-Query-Id', statement.queryId);
  response.setHeader('X-ClickHouse-Server-Display-Name', 'front');
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  try {
    if (fault?.kind === 'error') throw new Error(`Code: ${fault.code}. DB::Exception: Injected. (INJECTED_FAULT)`);
    await answer(response, statement, folder, fault);
  } catch (error) {
    sendError(response, error);
  }
}

async function acceptFault(request: IncomingMessage, response: ServerResponse, faults: FaultQueue): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const fault = JSON.parse(Buffer.concat(chunks).toString()) as Fault | { kind: 'clear' };
  if (fault.kind === 'clear') faults.clear();
  else faults.inject(fault);
  response.end('Ok.\n');
}

async function answer(
  response: ServerResponse,
  statement: StatementRequest,
  folder: Folder,
  fault: StatementFault | undefined,
): Promise<void> {
  const session = await openSession(statement, folder);
  try {
    if (/^\s*(?:SELECT|WITH|SHOW|DESCRIBE|EXISTS)\b/i.test(statement.sql)) {
      await stream(response, session, statement, fault);
    } else {
      await run(response, session, folder, statement, fault);
    }
  } finally {
    session.close();
  }
}

/** A session for each request: settings and database of one must not reach the next. */
async function openSession(statement: StatementRequest, folder: Folder): Promise<Session> {
  const session = new Session(folder.path);
  try {
    if (statement.database !== undefined) await session.queryAsync(`USE \`${statement.database}\``);
    for (const [name, value] of Object.entries(statement.settings)) {
      await session.queryAsync(`SET ${name} = '${value.replaceAll("'", "''")}'`);
    }
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

async function run(
  response: ServerResponse,
  session: Session,
  folder: Folder,
  statement: StatementRequest,
  fault: StatementFault | undefined,
): Promise<void> {
  const hasParams = Object.keys(statement.params).length > 0;
  if (statement.block !== undefined) await insertBlock(session, folder, statement.sql, statement.block);
  else if (hasParams) await session.queryBindAsync(statement.sql, statement.params);
  else await session.queryAsync(statement.sql);
  if (fault?.kind === 'apply-then-drop') return void response.socket?.resetAndDestroy();
  response.setHeader('X-ClickHouse-Summary', '{}');
  if (fault?.kind === 'half-body') return breakOff(response, 'Ok.');
  response.end();
}

/** The engine in this process takes text; bytes reach it through a file. */
async function insertBlock(session: Session, { path }: Folder, sql: string, block: Buffer): Promise<void> {
  const file = join(path, `${randomUUID()}.native`);
  try {
    await writeFile(file, block);
    await session.queryAsync(sql.replace(/ FORMAT Native$/, ` FROM INFILE '${file}' FORMAT Native`));
  } finally {
    await rm(file, { force: true });
  }
}

async function stream(
  response: ServerResponse,
  session: Session,
  statement: StatementRequest,
  fault: StatementFault | undefined,
): Promise<void> {
  const [, sql = statement.sql, format = 'TabSeparated'] = /^(.*?)\s+FORMAT\s+(\w+)\s*$/is.exec(statement.sql) ?? [];
  response.setHeader('X-ClickHouse-Format', format);
  for await (const chunk of session.queryStreamBind(sql, statement.params, { format })) {
    if (fault?.kind === 'apply-then-drop') return void response.socket?.resetAndDestroy();
    const bytes = chunk.raw();
    if (fault?.kind === 'half-body') return breakOff(response, bytes.subarray(0, Math.ceil(bytes.length / 2)));
    if (!response.write(bytes)) await drained(response);
    if (response.destroyed) return;
  }
  response.end();
}

/** Headers and some of the body go out, then the connection ends without the rest. */
async function breakOff(response: ServerResponse, part: string | Uint8Array): Promise<void> {
  await new Promise((resolve) => response.write(part, resolve));
  response.socket?.destroy();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

/** A client that already has rows can only be told by a connection that breaks. */
function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const text = error instanceof Error ? error.message : String(error);
  const parsed = parseError(text);
  const code = 'code' in parsed ? String(parsed.code) : '1001';
  response.statusCode = code === '60' || code === '81' ? 404 : ['62', '47', '117', '27'].includes(code) ? 400 : 500;
  response.setHeader('X-ClickHouse-Exception-Code', code);
  response.end('code' in parsed ? text : `Code: ${code}. DB::Exception: ${text} (STD_EXCEPTION)`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { path: { type: 'string' }, port: { type: 'string', default: '0' } } });
  if (values.path === undefined) throw new Error('Usage: clickhouse-front.ts --path DIR [--port N]');
  const front = await startFront({ path: values.path, port: Number(values.port) });
  process.once('SIGTERM', () => void front.close().then(() => process.exit(0)));
  // A test that dies leaves nobody to read: its front goes with it.
  process.stdin.resume().once('end', () => process.exit(0));
  process.stdout.write(`listening ${front.port}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
