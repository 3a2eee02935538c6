/** Compares what was done with what the log means. Every finding is a sentence; none means that all promises were kept. */

import { closedTimes, isToBeTold } from '../../alerts/delivery.ts';
import type { AlertNotice } from '../../alerts/notice.ts';
import { matches } from '../../alerts/playbook.ts';
import { webhookId } from '../../alerts/standard-webhooks.ts';
import { readableState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { epochOf } from '../../ingest/log.ts';
import { enabledSince } from './deliveries.ts';
import { firstPosition, TENANT } from './lives.ts';
import { type Expected, expectedOf, type LogPart, textKey } from './oracle.ts';
import type { Receipt } from './receiver.ts';
import type { TableSchema } from './schema.ts';
import { closingsOf } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import { PLAYBOOKS } from './worker-process.ts';
import { NEWER_FORMAT, type Workload } from './workload.ts';

export interface Outcome {
  readonly workload: Workload;
  /** First position that the run itself wrote, of the first epoch. */
  readonly base: number;
  /** The log, where it was and where it is. */
  readonly parts: readonly LogPart[];
  /** A worker may have been left on the old topic while somebody wrote there. */
  readonly leavesBoth: boolean;
  readonly tables: Tables;
  readonly schemas: ReadonlyMap<string, TableSchema>;
  readonly receipts: readonly Receipt[];
  /** `alert playbook` of deliveries of which an end was written: attempts counted anew may have replaced it, see ADR 14. */
  readonly ended: ReadonlySet<string>;
  /** Rows of `agent_state` that were ever written. */
  readonly stateRows: readonly Row[];
  /** As a new owner has them in the end, by agent. */
  readonly states: ReadonlyMap<string, string>;
}

interface Place {
  readonly partition?: unknown;
  readonly position?: unknown;
}

const FINDINGS_MAX = 30;

export async function check(outcome: Outcome): Promise<string[]> {
  const { workload, parts, stateRows, tables } = outcome;
  const keyOf = (row: Row) => textKey(Number(row['partition']), String(row['agent']), Number(row['position']));
  const contents = new Map(tables.all('log_contents').map(({ hash, content }) => [String(hash), String(content)]));
  const expected = await expectedOf(workload, contents, parts, new Set(stateRows.map(keyOf)));
  const findings = [
    ...checkLog(outcome, expected),
    ...checkSame('alert_hits', expected.hits, ['alert_id', 'event_id'], outcome),
    ...checkSame('alert_changes', expected.changes, ['alert_id', 'partition', 'position'], outcome),
    ...checkForwarded(outcome),
    ...checkLetters(outcome, expected),
    ...stateRows.flatMap((row) => {
      if (isBehindEnd(row, parts)) return [];
      const text = expected.texts.get(keyOf(row));
      const found = String(row['state']);
      return text === found
        ? []
        : [
            `a state was stored that is not that of the log: ${keyOf(row)} ${whereTheyDiffer(readable(text), readable(found))}`,
          ];
    }),
    ...checkStates(outcome.states, expected),
    ...checkDeliveries(outcome, expected),
  ];
  return findings.slice(0, FINDINGS_MAX);
}

/** Every version of every row, whoever wrote it: not even an owner that was none any more may have said anything else. */
function checkLog({ tables, schemas, base, parts, leavesBoth }: Outcome, expected: Expected): string[] {
  const findings: string[] = [];
  const seen = new Set<string>();
  const epochs = new Set(parts.map(({ epoch }) => epoch));
  for (const row of tables.all('event_log')) {
    // States that are moved when all is done have a look of their own.
    if (!epochs.has(epochOf(Number(row['partition'])))) continue;
    if (Number(row['position']) < firstPosition(Number(row['partition']), base)) continue;
    const place = `${row['partition']}:${row['position']}`;
    seen.add(place);
    const wanted = expected.rows.get(place);
    if (wanted === undefined && isBehindEnd(row, parts) && (leavesBoth || row['kind'] === 'tick')) continue;
    if (wanted === undefined) findings.push(`a row for a position that is not in the log: ${place}`);
    else findings.push(...difference(`row ${place}`, stored(wanted, schemas.get('event_log')), row));
  }
  for (const place of expected.rows.keys()) if (!seen.has(place)) findings.push(`no verdict on ${place}`);
  return findings;
}

/** A worker that was left on the old topic may store what is written there; nothing rests on it, and nobody sees it. */
const isBehindEnd = ({ partition, position }: Place, parts: readonly LogPart[]): boolean =>
  epochOf(Number(partition)) === 0 &&
  Number(position) > (parts[0]?.ends?.[Number(partition)] ?? Number.POSITIVE_INFINITY);

/** What was written behind the end went on to the next topic. */
function checkForwarded({ parts }: Outcome): string[] {
  const [old, next] = parts;
  if (old?.ends === undefined || next === undefined || old.isEmbedded === true) return [];
  const there = new Set(next.log.flat().map(({ value }) => value.toString()));
  return old.log.flatMap((messages, partition) =>
    messages
      .filter(({ offset, headers }) => isBehindEnd({ partition, position: offset }, parts) && !isTick(headers))
      .filter(({ value }) => !there.has(value.toString()))
      .map(({ offset }) => `what was written to the old topic is lost: ${partition}:${offset}`),
  );
}

const isTick = (headers: Readonly<Record<string, Buffer>>): boolean => headers['kind']?.toString() === 'tick';

/** Ids of events that a forgotten worker may have judged behind the end: what it told of them stays told. */
const strayEvents = (parts: readonly LogPart[]): string[] =>
  (parts[0]?.log ?? []).flatMap((messages, partition) =>
    messages
      .filter(({ offset }) => isBehindEnd({ partition, position: offset }, parts))
      .flatMap((message) => {
        const entry = decodeEntry(message, NEWER_FORMAT);
        return entry.kind === 'event' ? [entry.event.id] : [];
      }),
  );

const stored = (row: object, schema: TableSchema | undefined): Row => ({
  ...schema?.defaults,
  ...(JSON.parse(JSON.stringify(row)) as object),
});

function difference(what: string, wanted: Row, found: Row): string[] {
  const columns = [...new Set([...Object.keys(wanted), ...Object.keys(found)])].filter(
    (column) => JSON.stringify(wanted[column]) !== JSON.stringify(found[column]),
  );
  return columns
    .slice(0, 3)
    .map(
      (column) =>
        `${what}, ${column}: should be ${JSON.stringify(wanted[column])?.slice(0, 200)}, is ${JSON.stringify(found[column])?.slice(0, 200)}`,
    );
}

function checkSame(table: string, rows: readonly object[], key: readonly string[], outcome: Outcome): string[] {
  const keyOf = (row: Row) => key.map((column) => row[column]).join(' ');
  const wanted = new Map(rows.map((row) => [keyOf(row as Row), stored(row, outcome.schemas.get(table))]));
  const found = new Set(
    outcome.tables
      .final(table)
      .filter((row) => !isBehindEnd(row, outcome.parts))
      .map(keyOf),
  );
  const findings: string[] = [];
  for (const row of outcome.tables.all(table)) {
    if (isBehindEnd(row, outcome.parts)) continue;
    const same = wanted.get(keyOf(row));
    if (same === undefined) findings.push(`${table} has a row that nobody asked for: ${keyOf(row)}`);
    else findings.push(...difference(`${table} ${keyOf(row)}`, same, row));
  }
  for (const missing of wanted.keys()) if (!found.has(missing)) findings.push(`${table} lacks ${missing}`);
  return findings;
}

function checkLetters({ tables, parts }: Outcome, { letters }: Expected): string[] {
  const found = tables
    .final('dead_letters')
    // What an intake refuses has no place in the log.
    .filter(({ source }) => source !== 'http' && !String(source).startsWith('kafka:'))
    .filter((row) => !isBehindEnd(placeOf(String(row['source_position'])), parts))
    .map((row) => `${row['source_position']} ${row['code']}`);
  const twice = found.filter((one, index) => found.indexOf(one) !== index);
  return [
    ...[...letters].filter((one) => !found.includes(one)).map((one) => `no dead letter for ${one}`),
    ...found.filter((one) => !letters.has(one)).map((one) => `a dead letter for a good record: ${one}`),
    ...twice.map((one) => `two dead letters for ${one}`),
  ];
}

function placeOf(source: string): Place {
  const [partition, position] = source.split(':');
  return { partition, position };
}

function checkStates(states: ReadonlyMap<string, string>, expected: Expected): string[] {
  return [...expected.states].flatMap(([agent, text]) => {
    const found = states.get(agent);
    if (found === text) return [];
    if (found === undefined) return [`the state of ${agent} is gone`];
    return [`state of ${agent} ${whereTheyDiffer(readable(text), readable(found))}`];
  });
}

/** The first place, as a path: bytes would say nothing. */
function whereTheyDiffer(wanted: unknown, found: unknown): string {
  const difference = firstDifference(wanted, found, []);
  if (difference === undefined) return 'differs in its bytes only';
  const { path, wanted: should, found: is } = difference;
  return `differs at ${path.join('.')}: should be ${brief(should)}, is ${brief(is)}`;
}

const readable = (state: string | undefined): unknown =>
  state === undefined ? undefined : JSON.parse(readableState({ format: STATE_FORMAT, state }));

const brief = (value: unknown): string => `${JSON.stringify(value)}`.slice(0, 200);

interface StateDifference {
  readonly path: readonly string[];
  readonly wanted: unknown;
  readonly found: unknown;
}

function firstDifference(wanted: unknown, found: unknown, path: readonly string[]): StateDifference | undefined {
  if (!isObject(wanted) || !isObject(found)) return wanted === found ? undefined : { path, wanted, found };
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const difference = firstDifference(wanted[key], found[key], [...path, key]);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** At least one attempt for every alert that a playbook matches, all of them the same message, and none for anything else. */
function checkDeliveries({ receipts, tables, ended, parts }: Outcome, { notices, rows: logRows }: Expected): string[] {
  const rejected = new Set(
    [...logRows.values()]
      .map((row) => row as Row)
      .filter(({ status }) => status === 'rejected')
      .map(({ agent }) => String(agent)),
  );
  const strays = strayEvents(parts);
  const findings: string[] = [];
  const byId = new Map<string, Receipt[]>();
  for (const receipt of receipts) byId.set(receipt.webhookId, [...(byId.get(receipt.webhookId) ?? []), receipt]);
  for (const [id, [first, ...others]] of byId) {
    for (const other of others) {
      if (other.body === first?.body && other.url === first.url) continue;
      if (isToldBeforeRefusal(other, rejected)) continue;
      if (isAbout(other, strays)) continue;
      findings.push(
        `webhook ${id} changed between attempts: ${whereTheyDiffer(JSON.parse(first?.body ?? 'null'), JSON.parse(other.body))}`,
      );
    }
  }
  const rows = tables.final('deliveries').filter(({ tenant }) => tenant === TENANT);
  const ids = new Set<string>();
  const since = enabledSince(tables);
  const closed = closedTimes(closingsOf(tables));
  for (const notice of notices.values()) {
    for (const one of PLAYBOOKS.filter((candidate) => matches(candidate, notice))) {
      // Older than the playbook, as the store has it: told when it opened, or not at all.
      if (!isToBeTold(one, notice, since.get(one.name) ?? 0, closed(notice))) {
        ids.add(webhookId(notice.alertId, one.name));
        continue;
      }
      const own = rows.filter((row) => row['alert_id'] === notice.alertId && row['playbook'] === one.name);
      const webhookIds = new Set(own.map((row) => String(row['webhook_id'])));
      for (const id of webhookIds) ids.add(id);
      if (webhookIds.size !== 1) findings.push(`${webhookIds.size} webhook ids for ${nameOf(notice, one.name)}`);
      if (![...webhookIds].some((id) => byId.has(id))) findings.push(`no attempt for ${nameOf(notice, one.name)}`);
      if (!ended.has(`${notice.alertId} ${one.name}`)) findings.push(`no end of ${nameOf(notice, one.name)}`);
    }
  }
  for (const [id, [receipt]] of byId) {
    if (ids.has(id) || receipt === undefined) continue;
    if (isToldBeforeRefusal(receipt, rejected) || isAbout(receipt, strays)) continue;
    findings.push(`a webhook for no alert of the log: ${id}`);
  }
  return findings;
}

/**
 * Alerts do not wait for a store that is away, so nobody can know yet that it will refuse a row. Then the alert may be about an event
 * that becomes a dead letter, or was judged after one, and differ from what is stored.
 */
const isToldBeforeRefusal = ({ body }: Receipt, rejected: ReadonlySet<string>): boolean =>
  [...rejected].some((agent) => body.includes(JSON.stringify(agent)));

const isAbout = ({ body }: Receipt, events: readonly string[]): boolean =>
  events.some((event) => body.includes(JSON.stringify(event)));

const nameOf = ({ alertId, detector }: AlertNotice, playbook: string): string =>
  `${playbook} of ${alertId} (${detector})`;
