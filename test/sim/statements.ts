/**
 * What the statements of the store files mean, over tables in memory. A statement is known by a part of its text that no other has; one
 * that is not known is an error. That both mean the same is shown by `test/integration/sim-store.test.ts`, on the engine.
 */
import { epochOf } from '../../ingest/log.ts';
import type { Row, Tables } from './tables.ts';

type Params = Readonly<Record<string, unknown>>;

interface Statement {
  readonly mark: string;
  run(tables: Tables, params: Params, text: string): Row[];
}

/** @throws Error for a statement that is not simulated */
export function runStatement(tables: Tables, sql: string, params: Params = {}): Row[] {
  const text = sql.replaceAll(/\s+/g, ' ');
  const known = STATEMENTS.filter(({ mark }) => text.includes(mark));
  const [statement] = known;
  if (statement === undefined || known.length > 1) throw new Error(`${known.length} statements match: ${text}`);
  return statement.run(tables, params, text);
}

const UNCOUNTED = ['duplicate', 'conflict', 'rejected'];
const counts = (row: Row): boolean => !UNCOUNTED.includes(text(row['status']));

const number = (value: unknown): number => Number(value);
const text = (value: unknown): string => String(value);
const among = (values: unknown, value: unknown): boolean => (values as readonly unknown[]).includes(value);

const by =
  (...keys: ((row: Row) => string | number)[]) =>
  (a: Row, b: Row): number => {
    for (const key of keys) {
      const [x, y] = [key(a), key(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  };

/** The first row of each group, in the order given. */
function firstOf(rows: readonly Row[], group: (row: Row) => string): Row[] {
  const found = new Map<string, Row>();
  for (const row of rows) if (!found.has(group(row))) found.set(group(row), row);
  return [...found.values()];
}

function groupsOf(rows: readonly Row[], group: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(group(row), [...(groups.get(group(row)) ?? []), row]);
  return [...groups.values()];
}

const pair = (a: unknown, b: unknown): string => JSON.stringify([a, b]);
const ofAgent = ({ tenant, agent }: Row): string => pair(tenant, agent);
const inEarlierEpoch = (row: Row, { epochStart }: Params): boolean => number(row['partition']) < number(epochStart);
const inPartition = (row: Row, { partition }: Params): boolean => row['partition'] === partition;
const position = (row: Row): number => number(row['position']);
const isSince = (row: Row, params: Params): boolean =>
  inPartition(row, params) && position(row) > number(params['after']);
const DAY_MS = 86_400_000;

/** By partition the first position that is not of the log: the view `log_ends`. */
export function logEnds(tables: Tables): Map<number, number> {
  const ends = new Map<number, number>();
  for (const row of tables.all('log_epochs').filter(({ epoch }) => number(epoch) > 0)) {
    for (const [local, end] of (row['old_ends'] as readonly number[]).entries()) {
      const partition = (number(row['epoch']) - 1) * 65_536 + local;
      ends.set(partition, Math.max(end, ends.get(partition) ?? 0));
    }
  }
  return ends;
}

/** Rows of tables with partition and position that are of the log. */
export function ofTheLog(tables: Tables, rows: readonly Row[]): Row[] {
  const ends = logEnds(tables);
  return rows.filter((row) => position(row) < (ends.get(number(row['partition'])) ?? Number.POSITIVE_INFINITY));
}

const STATEMENTS: readonly Statement[] = [
  {
    mark: 'SELECT maxOrNull(position) AS last FROM event_log',
    run(tables, params) {
      const positions = tables
        .all('event_log')
        .filter((row) => inPartition(row, params))
        .map(position);
      return [{ last: positions.length === 0 ? null : Math.max(...positions) }];
    },
  },
  {
    mark: 'position > {after:Int64} AND position <= {upTo:Int64}',
    run: (tables, params) =>
      tables
        .final('event_log')
        .filter((row) => inPartition(row, params) && counts(row))
        .filter((row) => position(row) > number(params['after']) && position(row) <= number(params['upTo']))
        .sort(by(position))
        .map((row) => ({ ...row, receivedMs: row['received'] })),
  },
  {
    mark: "kind = 'model' AND position <= {position:Int64}",
    run(tables, params) {
      const models = tables
        .final('event_log')
        .filter((row) => inPartition(row, params) && row['kind'] === 'model')
        .filter((row) => position(row) <= number(params['position']))
        .sort(
          by(
            ({ tenant }) => text(tenant),
            (row) => text(row['agent_kind']),
            (row) => -position(row),
          ),
        );
      return firstOf(models, (row) => pair(row['tenant'], row['agent_kind'])).map(({ record }) => ({ record }));
    },
  },
  {
    mark: 'SELECT tenant, agent, id FROM event_log',
    run: (tables, params) =>
      tables
        .all('event_log')
        .filter((row) => isSince(row, params) || inEarlierEpoch(row, params))
        .filter((row) => row['kind'] === 'event' && counts(row))
        .map(({ tenant, agent, id }) => ({ tenant, agent, id })),
  },
  {
    mark: 'SELECT agent, id, digest, partition, position FROM event_log',
    run(tables, params) {
      const rows = tables.all('event_log');
      const before = (row: Row) => inPartition(row, params) && position(row) < number(params['position']);
      const earlier = rows.filter((row) => inEarlierEpoch(row, params));
      return [...earlier, ...rows.filter(before)]
        .filter(
          (row) => row['tenant'] === params['tenant'] && row['kind'] === 'event' && among(params['ids'], row['id']),
        )
        .filter(counts)
        .map(({ agent, id, digest, partition, position: at }) => ({ agent, id, digest, partition, position: at }));
    },
  },
  {
    mark: 'SELECT position, format, state FROM agent_state WHERE partition =',
    run(tables, params) {
      const rows = tables
        .all('agent_state')
        .filter((row) => inPartition(row, params))
        .filter((row) => among(params['tenants'], row['tenant']) && among(params['agents'], row['agent']))
        .sort(
          by(
            ({ tenant }) => text(tenant),
            ({ agent }) => text(agent),
            (row) => -position(row),
          ),
        );
      return firstOf(rows, ofAgent).map((row) => ({
        position: position(row),
        format: row['format'],
        state: row['state'],
      }));
    },
  },
  {
    mark: 'SELECT tenant, agent FROM agent_state WHERE partition = {partition:UInt32} AND position >',
    run: (tables, { partition, position: after }) =>
      tables
        .all('agent_state')
        .filter((row) => isSince(row, { partition, after }))
        .map(({ tenant, agent }) => ({ tenant, agent })),
  },
  { mark: 'SELECT position, chunk, bits FROM partition_filters', run: newestFilter },
  {
    mark: 'toUnixTimestamp64Milli(last_tick) AS lastTickMs, format FROM checkpoints',
    run: (tables, params) =>
      tables
        .all('checkpoints')
        .filter((row) => inPartition(row, params))
        .sort(by((row) => -position(row)))
        .slice(0, 1)
        .map((row) => ({ position: position(row), lastTickMs: row['last_tick'], format: row['format'] })),
  },
  { mark: 'DELETE FROM agent_state WHERE partition =', run: pruneStates },
  {
    mark: 'SELECT DISTINCT tenant, agent FROM agent_state WHERE partition =',
    run(tables, params) {
      const rows = tables.all('agent_state').filter((row) => inPartition(row, params));
      return firstOf(rows.sort(byAgent), ofAgent).map(({ tenant, agent }) => ({ tenant, agent }));
    },
  },
  {
    mark: 'WHERE intDiv(partition, 65536) = {epoch:UInt32}',
    run(tables, { epoch }, text) {
      const isOfEpoch = (row: Row) => Math.floor(number(row['partition']) / 65_536) === number(epoch);
      if (text.includes('SELECT 1 AS found')) return tables.all('event_log').some(isOfEpoch) ? [{ found: 1 }] : [];
      const [, table = ''] = /^\s*DELETE FROM (\w+) /.exec(text) ?? [];
      tables.delete(table, isOfEpoch);
      return [];
    },
  },
  {
    mark: 'SELECT epoch, topic, partitions, cluster FROM log_epochs',
    run(tables) {
      const newest = by(
        (row) => number(row['epoch']),
        (row) => -number(row['started']),
      );
      return firstOf(tables.final('log_epochs').sort(newest), (row) => text(row['epoch'])).map(
        ({ epoch, topic, partitions, cluster }) => ({ epoch, topic, partitions, cluster }),
      );
    },
  },
  {
    mark: 'SELECT partitions, ends FROM log_ends',
    run(tables) {
      const ends = [...logEnds(tables)].sort(([a], [b]) => a - b);
      return [{ partitions: ends.map(([partition]) => partition), ends: ends.map(([, end]) => end) }];
    },
  },
  {
    mark: 'SELECT maxOrNull(position) AS last FROM log_forwarded',
    run(tables, params) {
      const positions = tables
        .all('log_forwarded')
        .filter((row) => inPartition(row, params))
        .map(position);
      return [{ last: positions.length === 0 ? null : Math.max(...positions) }];
    },
  },
  { mark: 'SELECT tenant, newest_kind AS kind, count() AS agents', run: kindCounts },
  { mark: 'ORDER BY cityHash64(agent), agent LIMIT', run: statesOfKind },
  {
    mark: 'toUnixTimestamp64Milli(max(received)) AS newest FROM event_log',
    run(tables, params) {
      const models = tables.all('event_log').filter((row) => inPartition(row, params) && row['kind'] === 'model');
      return [{ newest: Math.max(0, ...models.map((row) => number(row['received']))) }];
    },
  },
  {
    mark: 'SELECT hash, any(content) AS content FROM log_contents',
    run(tables, { tenant, hashes }) {
      const rows = tables.all('log_contents').filter((row) => row['tenant'] === tenant && among(hashes, row['hash']));
      return firstOf(rows, (row) => text(row['hash'])).map(({ hash, content }) => ({ hash, content }));
    },
  },
  { mark: 'FROM (SELECT * FROM alert_hits FINAL WHERE opened = 1', run: pendingHits },
  { mark: 'FROM alerts WHERE tenant = {tenant:String} AND alert_id = {alert:String}', run: alertOf },
  {
    mark: 'FROM api_keys FINAL WHERE key_id = {key_id:String}',
    run: (tables, params) =>
      tables
        .final('api_keys')
        .filter((row) => row['key_id'] === params['key_id'])
        .slice(0, 1)
        .map((row) => ({ ...row, created_ms: row['created'], expires_ms: row['expires'] })),
  },
  { mark: "alert_id IN {alerts:Array(String)} AND tenant != ''", run: deliveryStates },
  {
    mark: 'toUnixTimestamp64Milli(min(c.time)) AS closedMs',
    run: (tables, { alerts }) => closingsOf(tables).filter(({ alertId }) => among(alerts, alertId)),
  },
  {
    mark: 'argMax(target, d.attempt) AS target',
    run(tables, { tenant, alertId, playbook }) {
      const rows = tables
        .final('deliveries')
        .filter((row) => row['tenant'] === tenant && row['alert_id'] === alertId && row['playbook'] === playbook);
      if (rows.length === 0) return [{ attempt: 0, webhookId: '', target: '', outcome: 'delivered', nextAttemptMs: 0 }];
      const last = newestAttempt(rows);
      const { attempt, target, outcome, webhook_id: webhookId, next_attempt: nextAttemptMs } = last;
      return [{ attempt, webhookId, target, outcome, nextAttemptMs }];
    },
  },
  {
    mark: 'SELECT DISTINCT toJSONString([tenant, alert_id, playbook, toString(attempt)]) AS round',
    run(tables, { replay, since }) {
      const rows = tables
        .all('deliveries')
        .filter((row) => row['tenant'] !== '' && text(row['error']).startsWith(text(replay)))
        .filter((row) => number(row['time']) >= number(since))
        .sort(by((row) => -number(row['time'])));
      const rounds = rows.map(({ tenant, alert_id, playbook, attempt, time }) => ({
        round: JSON.stringify([tenant, alert_id, playbook, text(attempt)]),
        time,
      }));
      return firstOf(rounds, ({ round, time }) => `${round} ${time}`);
    },
  },
  {
    mark: 'SELECT partition, min(position) AS first, max(position) AS last FROM event_log',
    run(tables) {
      const newest = Math.max(0, ...tables.all('log_epochs').map(({ epoch }) => Number(epoch)));
      const begun = ofTheLog(tables, tables.all('event_log')).filter(
        (row) => epochOf(number(row['partition'])) <= newest,
      );
      return byPartition(begun).map((rows) => ({ partition: rows[0]?.['partition'], ...endsOf(rows) }));
    },
  },
  {
    mark: 'SELECT partition, min(position) AS first, uniqExact(position) AS rows FROM event_log',
    run(tables) {
      const all = tables.all('event_log');
      const ofIt = new Set(ofTheLog(tables, all));
      return byPartition(all.filter((row) => !ofIt.has(row))).map((rows) => ({
        partition: rows[0]?.['partition'],
        first: endsOf(rows).first,
        rows: new Set(rows.map(position)).size,
      }));
    },
  },
  {
    mark: 'SELECT uniqExact(position) AS n FROM event_log',
    run: (tables, params) => [{ n: positionsIn(tables, params).length }],
  },
  {
    mark: 'SELECT DISTINCT position FROM event_log WHERE',
    run: (tables, params) => positionsIn(tables, params).map((at) => ({ position: at })),
  },
  {
    mark: "SELECT * REPLACE('' AS content)",
    run: (tables, params) =>
      tables
        .final('event_log')
        .filter((row) => isInStretch(row, params) && counts(row))
        .filter((row) => row['hits'] !== '' || row['kind'] === 'disposition')
        .sort(by(position))
        .map((row) => ({ ...row, content: '', receivedMs: row['received'] })),
  },
  {
    mark: "(kind = 'unreadable' OR status IN ('conflict', 'rejected'))",
    run: (tables, params) =>
      tables
        .final('event_log')
        .filter((row) => isInStretch(row, params))
        .filter((row) => row['kind'] === 'unreadable' || among(['conflict', 'rejected'], row['status']))
        .sort(by(position))
        .map(({ tenant, position: at, kind, status, received }) => ({
          tenant,
          position: at,
          kind,
          status,
          receivedMs: received,
        })),
  },
  {
    mark: 'max(position) AS last, count() AS n FROM event_log',
    run(tables, params) {
      const rows = ofTheLog(tables, tables.all('event_log'))
        .filter((row) => inPartition(row, params) && number(row['received']) >= number(params['sinceMs']))
        .filter((row) => number(row['received']) < number(params['untilMs']));
      return [{ ...endsOf(rows), n: rows.length }];
    },
  },
  {
    mark: 'maxOrNullIf(position, position < {first:UInt64})',
    run(tables, params) {
      const positions = ofTheLog(tables, tables.all('event_log'))
        .filter((row) => inPartition(row, params))
        .map(position);
      const before = positions.filter((at) => at < number(params['first']));
      const after = positions.filter((at) => at > number(params['last']));
      return [
        {
          before: before.length === 0 ? null : Math.max(...before),
          after: after.length === 0 ? null : Math.min(...after),
        },
      ];
    },
  },
  {
    mark: 'SELECT maxOrNull(position) AS newest FROM checkpoints',
    run(tables, params) {
      const positions = tables
        .all('checkpoints')
        .filter((row) => inPartition(row, params))
        .map(position);
      return [{ newest: positions.length === 0 ? null : Math.max(...positions) }];
    },
  },
  {
    mark: 'SELECT alert_id AS alertId, event_id AS eventId, partition, position',
    run: (tables, { tenant, alerts, events }) =>
      tables
        .final('alert_hits')
        .filter((row) => row['tenant'] === tenant && among(alerts, row['alert_id']) && among(events, row['event_id']))
        .map(({ alert_id: alertId, event_id: eventId, time, ...row }) => ({
          alertId,
          eventId,
          timeMs: time,
          ...picked(row, HIT_FACTS),
        })),
  },
  {
    mark: "SELECT concat(alert_id, ' ', toString(partition), ':', toString(position)) AS key",
    run: (tables, { tenant, alerts }) =>
      tables
        .final('alert_changes')
        .filter((row) => row['tenant'] === tenant && among(alerts, row['alert_id']))
        .map((row) => ({ key: `${row['alert_id']} ${row['partition']}:${row['position']}` })),
  },
  {
    mark: "FROM dead_letters WHERE source = 'log' AND splitByChar",
    run(tables, params, sql) {
      const isUnstored = (row: Row): boolean => {
        const [partition, at] = text(row['source_position']).split(':');
        return row['source'] === 'log' && partition === params['partition'] && number(at) >= number(params['position']);
      };
      if (sql.includes('SELECT 1 AS found')) return tables.all('dead_letters').some(isUnstored) ? [{ found: 1 }] : [];
      tables.delete('dead_letters', isUnstored);
      return [];
    },
  },
  {
    mark: 'SELECT DISTINCT source_position AS place FROM dead_letters',
    run(tables, { tenant, sources, firstMs, lastMs }) {
      const rows = tables
        .all('dead_letters')
        .filter((row) => row['tenant'] === tenant && row['source'] === 'log' && among(sources, row['source_position']))
        .filter((row) => number(row['received']) >= number(firstMs) && number(row['received']) <= number(lastMs));
      return firstOf(rows, (row) => text(row['source_position'])).map((row) => ({ place: row['source_position'] }));
    },
  },
  {
    mark: 'argMax(webhook_id, d.attempt) AS condition',
    run: (tables) =>
      groupsOf(
        tables.final('deliveries').filter(({ tenant }) => tenant === ''),
        ({ playbook }) => text(playbook),
      ).map((rows) => {
        const last = newestAttempt(rows);
        return {
          playbook: last['playbook'],
          attempt: last['attempt'],
          condition: last['webhook_id'],
          active: last['outcome'] === 'delivered' ? 1 : 0,
          sinceMs: last['time'],
        };
      }),
  },
];

const HIT_FACTS = [
  'partition',
  'position',
  'agent',
  'session',
  'detector',
  'subject',
  'opened',
  'backfill',
  'severity',
  'p',
  'score',
];

const picked = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column]]));

const isInStretch = (row: Row, params: Params): boolean =>
  inPartition(row, params) && position(row) >= number(params['first']) && position(row) <= number(params['last']);

const positionsIn = (tables: Tables, params: Params): number[] =>
  [
    ...new Set(
      tables
        .all('event_log')
        .filter((row) => isInStretch(row, params))
        .map(position),
    ),
  ].sort((a, b) => a - b);

const byPartition = (rows: readonly Row[]): Row[][] =>
  groupsOf([...rows].sort(by((row) => number(row['partition']))), (row) => text(row['partition']));

/** Of no rows at all the engine says 0. */
const endsOf = (rows: readonly Row[]): { first: number; last: number } => {
  const positions = rows.map(position);
  return positions.length === 0
    ? { first: 0, last: 0 }
    : { first: Math.min(...positions), last: Math.max(...positions) };
};

const byAgent = by(
  ({ tenant }) => text(tenant),
  ({ agent }) => text(agent),
);

/** Of each agent the newest row of the last epoch it is in. */
function newestStates(tables: Tables): Row[] {
  const newest = by(
    (row) => -number(row['partition']),
    (row) => -position(row),
  );
  return firstOf(ofTheLog(tables, tables.all('agent_state')).sort(newest), ofAgent);
}

function kindCounts(tables: Tables, { sessionsMin, kindsMax }: Params): Row[] {
  const known = newestStates(tables).filter(
    (row) => row['kind'] !== '' && number(row['sessions']) >= number(sessionsMin),
  );
  const counted = groupsOf(known, ({ tenant, kind }) => pair(tenant, kind)).map((rows) => ({
    tenant: rows[0]?.['tenant'],
    kind: rows[0]?.['kind'],
    agents: rows.length,
  }));
  const order = by(
    ({ agents }) => -number(agents),
    ({ kind }) => text(kind),
  );
  const tenants = groupsOf(counted, ({ tenant }) => text(tenant));
  return tenants.flatMap((kinds) => kinds.sort(order).slice(0, number(kindsMax)));
}

/** More agents than are asked for would be chosen by a hash of the engine's, which is not known here. */
function statesOfKind(tables: Tables, { tenant, kind, sessionsMin, agentsMax }: Params): Row[] {
  const members = newestStates(tables).filter(
    (row) => row['tenant'] === tenant && row['kind'] === kind && number(row['sessions']) >= number(sessionsMin),
  );
  if (members.length > number(agentsMax)) throw new Error('Which agents of a large kind are chosen is not simulated.');
  return members.sort(byAgent).map((row) => ({ position: position(row), format: row['format'], state: row['state'] }));
}

/** Without FINAL: rows of the same chunk may stand there for several positions. */
function newestFilter(tables: Tables, params: Params): Row[] {
  const rows = tables
    .all('partition_filters')
    .filter((row) => inPartition(row, params) && row['name'] === params['name']);
  const newest = Math.max(...rows.map(position));
  const wanted = rows.filter((row) => position(row) === newest).sort(by((row) => number(row['chunk'])));
  return firstOf(wanted, (row) => text(row['chunk'])).map((row) => ({
    position: newest,
    chunk: row['chunk'],
    bits: row['bits'],
  }));
}

function pruneStates(tables: Tables, params: Params): Row[] {
  const before = number(params['beforePosition']);
  const partition = number(params['partition']);
  tables.pruned.set(partition, Math.max(before, tables.pruned.get(partition) ?? -1));
  const rows = tables.all('agent_state').filter((row) => inPartition(row, params));
  const placed = (row: Row) => `${ofAgent(row)} ${position(row)}`;
  const kept = new Set<string>();
  const newestOf = (group: readonly Row[]) => group.reduce((a, b) => (position(b) > position(a) ? b : a));
  for (const group of groupsOf(
    rows.filter((row) => position(row) <= before),
    ofAgent,
  ))
    kept.add(placed(newestOf(group)));
  const dayOf = (row: Row) => `${ofAgent(row)} ${Math.floor(number(row['clock']) / DAY_MS)} ${row['sessions'] === 0}`;
  for (const days of groupsOf(groupsOf(rows, dayOf).map(newestOf), ofAgent)) {
    const newest = days.sort(by((row) => -position(row))).slice(0, number(params['days']));
    for (const row of newest) kept.add(placed(row));
  }
  tables.delete('agent_state', (row) => inPartition(row, params) && position(row) < before && !kept.has(placed(row)));
  return [];
}

function pendingHits(tables: Tables, params: Params): Row[] {
  const { all, before } = params;
  const partitions = params['partitions'] as readonly number[];
  const after = [number(params['afterReceived']), text(params['afterTenant']), text(params['afterAlert'])] as const;
  const isAfter = (row: Row): boolean => {
    const own = [number(row['received']), text(row['tenant']), text(row['alert_id'])] as const;
    for (const at of [0, 1, 2] as const) if (own[at] !== after[at]) return own[at] > after[at];
    return false;
  };
  const rows = ofTheLog(tables, tables.final('alert_hits'))
    .filter((row) => row['opened'] === 1 && number(row['received']) >= number(params['since']))
    .filter(
      ({ partition }) => all === true || partitions.includes(number(partition)) || number(partition) < number(before),
    )
    .filter(isAfter)
    .sort(
      by(
        (row) => number(row['received']),
        ({ tenant }) => text(tenant),
        (row) => text(row['alert_id']),
      ),
    );
  return firstOf(rows, (row) => pair(pair(row['received'], row['tenant']), row['alert_id']))
    .slice(0, number(params['limit']))
    .map(noticeColumns);
}

/** Since when alerts are closed. */
export function closingsOf(tables: Tables): { tenant: string; alertId: string; closedMs: number }[] {
  const words = ofTheLog(tables, tables.final('alert_changes')).filter(({ state }) => state === 'closed');
  const closings = groupsOf(words, (row) => pair(row['tenant'], row['alert_id'])).map((rows) => ({
    tenant: text(rows[0]?.['tenant']),
    alertId: text(rows[0]?.['alert_id']),
    closedMs: Math.min(...rows.map(({ time }) => number(time))),
  }));
  return closings.sort((a, b) => (pair(a.tenant, a.alertId) < pair(b.tenant, b.alertId) ? -1 : 1));
}

const NOTICE_COLUMNS = [
  'tenant',
  'time',
  'agent',
  'session',
  'detector',
  'subject',
  'severity',
  'p',
  'score',
  'title',
  'why',
  'reason',
  'tags',
  'backfill',
];

const noticeColumns = (row: Row): Row => ({
  ...Object.fromEntries(NOTICE_COLUMNS.map((column) => [column, row[column]])),
  alertId: row['alert_id'],
  receivedMs: row['received'],
  agentKind: row['agent_kind'],
  eventId: row['event_id'],
});

/** One row of the view `alerts`. */
function alertOf(tables: Tables, { tenant, alert }: Params): Row[] {
  const rowsOf = (table: string) =>
    ofTheLog(tables, tables.final(table))
      .filter((row) => row['tenant'] === tenant && row['alert_id'] === alert)
      .sort(by((row) => number(row['partition']), position));
  const hits = rowsOf('alert_hits');
  const changes = rowsOf('alert_changes');
  const [first] = hits;
  if (first === undefined) return [];
  const { state = 'open', disposition = '', by: changedBy = '', note = '' } = changes.at(-1) ?? {};
  const all = (column: string) => hits.map((row) => number(row[column]));
  const distinct = (column: string) => new Set(hits.map((row) => row[column])).size;
  const { agent, agent_kind, detector, subject, title, why, tags } = first;
  return [
    {
      ...{ alert_id: alert, agent, agent_kind, detector, subject, title, why, tags },
      hits: distinct('event_id'),
      sessions: distinct('session'),
      severity: Math.max(...all('severity')),
      score: Math.max(...all('score')),
      p: Math.min(...all('p')),
      backfill: Math.min(...all('backfill')),
      first_seen_ms: Math.min(...all('time')),
      last_seen_ms: Math.max(...all('time')),
      ...{ state, disposition, note, changed_by: changedBy },
      changed_ms: Math.max(0, ...changes.map((row) => number(row['time']))),
    },
  ];
}

const newestAttempt = (rows: readonly Row[]): Row =>
  rows.reduce((a, b) => (number(b['attempt']) > number(a['attempt']) ? b : a));

function deliveryStates(tables: Tables, { alerts, replay }: Params): Row[] {
  const rows = tables.final('deliveries').filter((row) => row['tenant'] !== '' && among(alerts, row['alert_id']));
  const delivery = (row: Row) => pair(pair(row['tenant'], row['alert_id']), row['playbook']);
  return groupsOf(rows, delivery).map((attempts) => {
    const last = newestAttempt(attempts);
    const rounds = attempts
      .filter(({ error }) => text(error).startsWith(text(replay)))
      .map(({ attempt }) => number(attempt));
    return {
      tenant: last['tenant'],
      alertId: last['alert_id'],
      playbook: last['playbook'],
      attempt: last['attempt'],
      tries: number(last['attempt']) - Math.max(0, ...rounds),
      outcome: last['outcome'],
      nextAttemptMs: last['next_attempt'],
    };
  });
}
