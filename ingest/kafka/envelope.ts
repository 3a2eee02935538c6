/**
 * The canonical envelope: how an entry of the log looks as a Kafka record of `picket.events`.
 *
 * | part              | holds                                                                                     |
 * |-------------------|-------------------------------------------------------------------------------------------|
 * | key               | tenant, NUL, agent id: all records of an agent share a partition; absent for partitions'  |
 * | value             | the normalised event, or the control record, as JSON                                      |
 * | header `tenant`   | from the credential or the topic's configuration                                          |
 * | header `received` | receipt time, epoch ms in decimal                                                         |
 * | header `id`       | of the event                                                                              |
 * | header `digest`   | of the event, 32 hex characters                                                           |
 * | header `kind`     | `disposition`, `reset`, `rollback`, `model` or `tick`; absent for events                  |
 * | header `v`        | version of this envelope, in decimal; absent in records of builds that wrote the first    |
 *
 * Only Picket writes this topic, so a record is believed if it has this shape; one that has not is `unreadable`. But one that a newer
 * build wrote, by its version or because Picket wrote it and its kind is unknown, is never passed over: `NewerBuild`.
 */
import type { AuditEvent } from '../event.ts';
import { ALERT_STATES, agentOf, DISPOSITIONS, type LogEntry, type WrittenEntry } from '../log.ts';
import { NewerBuild } from '../newer-build.ts';

/** A build that writes what builds before it cannot read, be it one kind of record, counts this up: those then stop. */
export const LOG_FORMAT = 1;

export interface EncodedRecord {
  readonly key: string | null;
  readonly value: string;
  readonly headers: Record<string, string>;
}

/** A record as it comes from Kafka. A header that is repeated arrives as a list. */
export interface ReceivedRecord {
  readonly key: Uint8Array | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
  /** Broker's or producer's time, epoch ms in decimal. */
  readonly timestamp: string;
}

export const partitionKey = (tenant: string, agent: string): string => `${tenant}\u0000${agent}`;

export function encodeEntry(entry: WrittenEntry): EncodedRecord {
  if (entry.kind === 'event') {
    const { tenant, receivedMs, event, digest } = entry;
    return {
      key: partitionKey(tenant, event.agent.id),
      value: JSON.stringify(event),
      headers: { tenant, received: String(receivedMs), id: event.id, digest, v: VERSION },
    };
  }
  const { kind, receivedMs } = entry;
  const tenant = entry.kind === 'tick' ? '' : entry.tenant;
  const about = agentOf(entry);
  return {
    key: about === undefined ? null : partitionKey(tenant, about.agent),
    value: JSON.stringify(entry),
    headers: { kind, tenant, received: String(receivedMs), v: VERSION },
  };
}

const VERSION = String(LOG_FORMAT);

/**
 * @param known newest version that is read; a test stands for another build with it
 * @throws NewerBuild for a record that a newer build wrote
 */
export function decodeEntry(record: ReceivedRecord, known = LOG_FORMAT): LogEntry {
  const version = versionOf(record);
  if (version > known) throw new NewerBuild(A_RECORD, version, known);
  const kind = textOf(record.headers?.['kind']);
  if (version > 0 && kind !== undefined && !KINDS.has(kind))
    throw new NewerBuild(`${A_RECORD}, of a kind that is not known here,`, version, known);
  return readEntry(record) ?? { kind: 'unreadable', receivedMs: timestampOf(record), raw: record.value ?? NOTHING };
}

const A_RECORD = 'A record of the log';
const KINDS: ReadonlySet<string> = new Set(['disposition', 'reset', 'rollback', 'model', 'tick']);

/** 0: it says nothing, as the first builds and as strangers. What is no number says nothing either. */
function versionOf({ headers = {} }: ReceivedRecord): number {
  const version = Number(textOf(headers['v']) ?? 0);
  return Number.isSafeInteger(version) ? version : 0;
}

const NOTHING = new Uint8Array();

function readEntry({ value, headers = {} }: ReceivedRecord): LogEntry | undefined {
  const tenant = textOf(headers['tenant']);
  const receivedMs = Number(textOf(headers['received']));
  const parsed = parse(value);
  if (tenant === undefined || parsed === undefined || !isTime(receivedMs)) return undefined;
  const kind = textOf(headers['kind']);
  if (kind === undefined) return readEvent(parsed, tenant, receivedMs, textOf(headers['digest']));
  if (kind === 'tick') return { kind, receivedMs };
  if (kind === 'model') return readModel(parsed, tenant, receivedMs);
  if (kind === 'reset' || kind === 'rollback') return readBaselineChange(kind, parsed, tenant, receivedMs);
  return kind === 'disposition' ? readDisposition(parsed, tenant, receivedMs) : undefined;
}

function readModel(parsed: Record<string, unknown>, tenant: string, receivedMs: number): LogEntry | undefined {
  const { agentKind, content } = parsed;
  if (!isText(agentKind) || !isHash(content)) return undefined;
  return { kind: 'model', tenant, receivedMs, agentKind, content };
}

function readBaselineChange(
  kind: 'reset' | 'rollback',
  parsed: Record<string, unknown>,
  tenant: string,
  receivedMs: number,
): LogEntry | undefined {
  const { agent, content, to, by, note } = parsed;
  if (!isText(agent) || !isText(by) || (kind === 'rollback' && !isHash(content))) return undefined;
  return {
    kind,
    tenant,
    receivedMs,
    agent,
    by,
    ...(isHash(content) ? { content } : {}),
    ...(isText(to) ? { to } : {}),
    ...(isText(note) ? { note } : {}),
  };
}

/** Enough to be sure that nothing behind this throws: that the rest is in shape was seen to before it was written. */
function readEvent(
  parsed: Record<string, unknown>,
  tenant: string,
  receivedMs: number,
  digest: string | undefined,
): LogEntry | undefined {
  const event = parsed as unknown as Partial<AuditEvent>;
  const { agent, action } = event;
  const whole =
    tenant !== '' &&
    digest !== undefined &&
    DIGEST.test(digest) &&
    isText(event.id) &&
    isTime(event.time) &&
    isText(event.endpoint) &&
    isText(event.outcome) &&
    isText(agent?.id) &&
    isText(action?.type) &&
    isText(action?.name);
  return whole ? { kind: 'event', tenant, receivedMs, event: event as AuditEvent, digest } : undefined;
}

function readDisposition(parsed: Record<string, unknown>, tenant: string, receivedMs: number): LogEntry | undefined {
  const { agent, alertId, state, disposition, by, note } = parsed;
  const known = ALERT_STATES.find((one) => one === state);
  const decided = DISPOSITIONS.find((one) => one === disposition);
  if (!isText(agent) || !isText(alertId) || !isText(by) || known === undefined) return undefined;
  return {
    kind: 'disposition',
    tenant,
    receivedMs,
    agent,
    alertId,
    state: known,
    by,
    ...(decided === undefined ? {} : { disposition: decided }),
    ...(isText(note) ? { note } : {}),
  };
}

const DIGEST = /^[0-9a-f]{32}$/;
const HASH = /^[0-9a-f]{64}$/;
/** The store's times end before 2100. */
const TIME_MS_MAX = Date.UTC(2100, 0, 1);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isHash = (value: unknown): value is string => typeof value === 'string' && HASH.test(value);
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && inRange(value as number);
const inRange = (timeMs: number): boolean => timeMs >= 0 && timeMs < TIME_MS_MAX;

function textOf(header: Buffer | string | (Buffer | string)[] | undefined): string | undefined {
  const one = Array.isArray(header) ? header[0] : header;
  return one === undefined ? undefined : one.toString();
}

function parse(value: Buffer | null): Record<string, unknown> | undefined {
  if (value === null) return undefined;
  try {
    const parsed: unknown = JSON.parse(value.toString());
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function timestampOf({ timestamp }: ReceivedRecord): number {
  const timeMs = Number(timestamp);
  return isTime(timeMs) ? timeMs : 0;
}
