import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { compositeParams, parseParam } from './clickhouse-params.ts';

/** One statement as ClickHouse's HTTP interface takes it: in `?query=`, in the body, in both (an insert), or as a form. */
export interface StatementRequest {
  readonly sql: string;
  /** Rows that are no text: they belong behind the statement. */
  readonly block: Buffer | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly database: string | undefined;
  readonly queryId: string;
}

const BODY_BYTES_MAX = 512 * 1024 * 1024;

/** Not settings of the engine: the HTTP layer's own. */
const HTTP_ONLY =
  /^(?:query|database|query_id|session_id|user|password|role|default_format|wait_end_of_query|.*http.*)$/;

export async function readStatement(request: IncomingMessage): Promise<StatementRequest> {
  const url = new URL(request.url ?? '/', 'http://front');
  const bytes = await readBody(request);
  const block = url.searchParams.get('query')?.endsWith(' FORMAT Native') ? bytes : undefined;
  const body = block === undefined ? textOf(bytes) : '';
  const form = readForm(request.headers['content-type'], body);
  const fields = new Map([...url.searchParams, ...form]);
  const text = form.size > 0 ? '' : body;
  const sql = [fields.get('query'), text].filter((part) => part !== undefined && part !== '').join('\n');
  const composite = compositeParams(sql);
  const params: Record<string, unknown> = {};
  const settings: Record<string, string> = {};
  for (const [name, value] of fields) {
    const param = /^param_(.*)$/s.exec(name)?.[1];
    if (param !== undefined) params[param] = parseParam(value, composite.has(param));
    else if (!HTTP_ONLY.test(name)) settings[name] = value;
  }
  return { sql, block, params, settings, database: fields.get('database'), queryId: fields.get('query_id') ?? '' };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new RangeError(`The body is larger than ${BODY_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

const textOf = (bytes: Buffer): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);

function readForm(contentType: string | undefined, body: string): Map<string, string> {
  const boundary = /^multipart\/form-data;\s*boundary=(.+)$/.exec(contentType ?? '')?.[1];
  if (boundary === undefined) return new Map();
  const parts = body.split(`--${boundary}`).slice(1, -1);
  return new Map(
    parts.map((part) => {
      const [, name = '', value = ''] = /^\r\n.*?name="([^"]*)"\r\n\r\n(.*)\r\n$/s.exec(part) ?? [];
      return [name, value];
    }),
  );
}
