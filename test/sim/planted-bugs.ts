/** Bugs of the kinds that this simulator is for, each put between the product and one of its ports: it has to find them. */
import type { LogSink, PartitionHandler } from '../../ingest/log.ts';
import type { Store } from '../../store/store.ts';
import type { Variation } from './worker-process.ts';

interface PlantedBug {
  readonly name: string;
  readonly variation: Variation;
}

type Insert = Store['insert'];

const inserting =
  (insert: (real: Insert) => Insert) =>
  (real: Store): Store => ({ ...real, insert: insert(real.insert) });

/** Says that it is done before it is, and does it in its own time. */
const writeBehind = (table: string) =>
  inserting((insert) => async (into, rows) => {
    const done = insert(into, rows);
    if (into !== table) return done;
    done.catch(() => {});
  });

const ALERT_IDS = /"alertIds":\{"\$set":\[[^\]]*\]\}/g;

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'commit early: a batch counts as done as soon as it is taken',
    variation: {
      handler(real) {
        let last: Promise<unknown> = Promise.resolve();
        const process = async (records: Parameters<typeof real.process>[0]) => {
          last = last.then(() => real.process(records)).catch(() => {});
        };
        return { ...real, assign: real.assign, revoke: real.revoke, process };
      },
    },
  },
  {
    name: 'learn twice: after a restart nobody remembers which ids were there',
    variation: {
      store: (real) => ({
        ...real,
        stream: (sql, params) =>
          sql.includes('SELECT tenant, agent, id FROM event_log') ? nothing() : real.stream(sql, params),
      }),
    },
  },
  {
    name: 'lose an alert: hits that the store does not take are let go',
    variation: {
      store: inserting(
        (insert) => (table, rows) =>
          table === 'alert_hits' ? insert(table, rows).catch(() => {}) : insert(table, rows),
      ),
    },
  },
  {
    name: 'learn a held session: a state that comes back has forgotten what it alerted on',
    variation: {
      store: (real) => ({
        ...real,
        async query<Row>(sql: string, params?: Readonly<Record<string, unknown>>) {
          const rows = await real.query<Row>(sql, params);
          if (!sql.includes('FROM agent_state')) return rows;
          return rows.map((row) => {
            const { state } = row as { state: string };
            return { ...row, state: state.replaceAll(ALERT_IDS, '"alertIds":{"$set":[]}') };
          });
        },
      }),
    },
  },
  { name: 'a checkpoint ahead of the rows: rows are written behind', variation: { store: writeBehind('event_log') } },
  {
    name: 'a checkpoint ahead of the states: states are written behind',
    variation: { store: writeBehind('agent_state') },
  },
  { name: 'a checkpoint ahead of the hits: hits are written behind', variation: { store: writeBehind('alert_hits') } },
  {
    name: 'a hit that a crash kept from being stored is not stored at the next start',
    variation: hitsOnlyWhileWorking(),
  },
  {
    name: 'a repair that is not made: hits that are missing count as written again',
    variation: {
      audited: inserting(
        (insert) => (table, rows) => (table === 'alert_hits' ? Promise.resolve() : insert(table, rows)),
      ),
    },
  },
  {
    name: 'a loss that is none: a row that is there counts as missing beside one that is not',
    variation: {
      audited: (real) => ({
        ...real,
        async query<Row>(sql: string, params?: Readonly<Record<string, unknown>>) {
          const rows = await real.query<Row>(sql, params);
          return sql.includes('SELECT DISTINCT position FROM event_log') ? rows.slice(1) : rows;
        },
      }),
    },
  },
];

/** Of a single machine: between who appends, the log and its partition. */
export const PLANTED_IN_EMBEDDED: readonly PlantedBug[] = [
  {
    name: 'acknowledge early: an append counts as stored when it waits for its insert',
    variation: {
      log: (real) => ({
        ...real,
        async append(entries) {
          real.append(entries).catch(() => {});
        },
      }),
    },
  },
  {
    name: 'acknowledge a failure: what a batch that failed held counts as stored',
    variation: {
      handler: (real) => ({
        ...real,
        process: (records, letNext) => real.process(records, letNext).catch(() => {}),
      }),
    },
  },
  {
    name: 'a key opens every door: what it may do, and whether it still may, is not looked at',
    variation: {
      store: (real) => ({
        ...real,
        async query<Row>(sql: string, params?: Readonly<Record<string, unknown>>) {
          const rows = await real.query<Row>(sql, params);
          if (!sql.includes('FROM api_keys')) return rows;
          return rows.map((row) => ({ ...row, scopes: ['admin'], revoked: 0, expires_ms: 0 }));
        },
      }),
    },
  },
  {
    name: 'a position twice: a batch is counted when it is done, and the next has begun by then',
    variation: { handler: countedWhenDone },
  },
  {
    name: 'a position twice: a start goes on at the last row instead of behind it',
    variation: { handler: (real) => ({ ...real, assign: async (partition) => (await real.assign(partition)) - 1 }) },
  },
];

/** Of the intake stage: between it, the log and what keeps dead letters. */
export const PLANTED_IN_STAGE: readonly PlantedBug[] = [
  {
    name: 'commit the source early: a batch counts as forwarded before the log has acknowledged it',
    variation: { stageSink: forgetful },
  },
  {
    name: 'drop what the log refused: an append that failed is not tried again',
    variation: { stageSink: (real) => ({ append: (entries) => real.append(entries).catch(() => {}) }) },
  },
  {
    name: 'drop a dead letter: what its store refused is let go',
    variation: { stageLetters: (real) => ({ write: (letters) => real.write(letters).catch(() => {}) }) },
  },
  {
    name: 'change places: the halves of a batch go each by itself',
    variation: {
      stageSink: (real) => ({
        async append(entries) {
          const half = Math.floor(entries.length / 2);
          await Promise.all([real.append(entries.slice(half)), real.append(entries.slice(0, half))]);
        },
      }),
    },
  },
];

/** Of the HTTP intake before a topic. */
export const PLANTED_IN_FRONT: readonly PlantedBug[] = [
  { name: 'acknowledge early: 202 before the log has acknowledged', variation: { stageSink: forgetful } },
];

/** Says that it is in the log when it is on its way. */
function forgetful(real: LogSink): LogSink {
  return {
    async append(entries) {
      real.append(entries).catch(() => {});
    },
  };
}

function countedWhenDone(real: PartitionHandler): PartitionHandler {
  let next = 0;
  return {
    ...real,
    async assign(partition) {
      next = await real.assign(partition);
      return next;
    },
    async process(records, letNext) {
      const first = next;
      await real.process(
        records.map((record, index) => ({ ...record, position: first + index })),
        letNext,
      );
      next = first + records.length;
    },
  };
}

async function* nothing(): AsyncGenerator<never[]> {}

function hitsOnlyWhileWorking(): Variation {
  const assigning = new Map<string, number>();
  return {
    handler: (real, { name }) => ({
      ...real,
      process: real.process,
      revoke: real.revoke,
      async assign(partition) {
        assigning.set(name, (assigning.get(name) ?? 0) + 1);
        try {
          return await real.assign(partition);
        } finally {
          assigning.set(name, (assigning.get(name) ?? 0) - 1);
        }
      },
    }),
    store: (real, { name }) => ({
      ...real,
      insert: (table, rows) =>
        table === 'alert_hits' && (assigning.get(name) ?? 0) > 0 ? Promise.resolve() : real.insert(table, rows),
    }),
  };
}
