/** What is gone from the store behind everybody's back, as a broken disk or somebody with SQL would have it: and whether it came back. */
import { closedTimes } from '../../alerts/delivery.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { lossName } from './auditor.ts';
import { enabledSince } from './deliveries.ts';
import { closingsOf, ofTheLog } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import { toldOf } from './told.ts';
import type { World } from './world.ts';

export interface Damage {
  /** Names of all that was ever taken. */
  readonly taken: ReadonlySet<string>;
  /** Names of what is not there at the moment. */
  missing(): string[];
  /**
   * Takes some of what follows from verdicts; returns the names.
   * @param isFair whether it may be taken, by the position of its verdict and its receipt, epoch ms
   */
  take(count: number, isFair: IsFair): string[];
  /** As `take`; the row of a hit says something else. Whatever writes it again is told apart by `missing`. */
  alterHit(): string[];
  /** As `take`, for rows of the log that have others before and behind them. `putBack` brings back what nobody has written again. */
  takeRows(count: number): string[];
  putBack(): void;
}

type IsFair = (partition: number, position: number, receivedMs: number) => boolean;

interface Candidate {
  readonly table: string;
  readonly name: string;
  readonly partition: number;
  readonly position: number;
  readonly receivedMs: number;
  /** Its rows in the table, whoever wrote them. */
  readonly isOfIt: (row: Row) => boolean;
}

interface DamageDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly random: Random;
  /** `alert playbook` of deliveries that have come to their end. */
  readonly ended: ReadonlySet<string>;
}

export function createDamage({ world, tables, random, ended }: DamageDeps): Damage {
  const taken = new Map<string, Candidate>();
  const altered: Row[] = [];
  let kept: (Pick<Candidate, 'table' | 'isOfIt'> & { readonly rows: readonly Row[] })[] = [];

  /** Behind the end of an epoch nobody has to miss anything. */
  const final = (table: string): Row[] => ofTheLog(tables, tables.final(table));

  function hits(): Candidate[] {
    const since = enabledSince(tables);
    const closed = closedTimes(closingsOf(tables));
    return (
      final('alert_hits')
        // Who has not been told yet is found by the hit.
        .filter((row) => toldOf(row, since, closed).every(({ name }) => ended.has(`${row['alert_id']} ${name}`)))
        .map((row) => placed('hits', 'alert_hits', row, ['alert_id', 'event_id'], String(row['alert_id'])))
    );
  }

  const changes = (): Candidate[] =>
    final('alert_changes').map((row) =>
      placed('changes', 'alert_changes', row, ['alert_id', 'partition', 'position'], String(row['alert_id'])),
    );

  function letters(): Candidate[] {
    const placedLetters = tables
      .final('dead_letters')
      .filter(({ source }) => source === 'log')
      .map((row) => {
        const [partition = 0, position = 0] = String(row['source_position']).split(':').map(Number);
        return { ...row, partition, position };
      });
    return ofTheLog(tables, placedLetters).map((row) =>
      placed('dead_letters', 'dead_letters', row, ['source_position'], ''),
    );
  }

  function deliveries(): Candidate[] {
    const since = enabledSince(tables);
    const closed = closedTimes(closingsOf(tables));
    return final('alert_hits').flatMap((row) => {
      const told = toldOf(row, since, closed).filter(({ name }) => isOver(String(row['alert_id']), name));
      return told.map(({ name }) => {
        const own = { ...row, playbook: name };
        return placed('deliveries', 'deliveries', own, ['alert_id', 'playbook'], `${row['alert_id']} ${name}`);
      });
    });
  }

  /** One that was lost and made again may have to be tried once more, although the first had ended. */
  function isOver(alertId: string, playbook: string): boolean {
    const rows = tables
      .final('deliveries')
      .filter((row) => row['alert_id'] === alertId && row['playbook'] === playbook);
    const newest = rows.reduce<Row | undefined>(
      (one, other) => (one !== undefined && Number(one['attempt']) > Number(other['attempt']) ? one : other),
      undefined,
    );
    return ended.has(`${alertId} ${playbook}`) && newest?.['outcome'] !== 'retry';
  }

  function remove(one: Candidate): string {
    taken.set(one.name, one);
    tables.delete(one.table, one.isOfIt);
    world.history.note(`lost: ${one.name}`);
    return one.name;
  }

  /** For good, unless somebody writes it again. */
  function keep(table: string, isOfIt: (row: Row) => boolean): void {
    kept.push({ table, isOfIt, rows: tables.final(table).filter(isOfIt) });
  }

  return {
    get taken() {
      return new Set(taken.keys());
    },
    missing: () =>
      [...taken.values()].filter(({ table, isOfIt }) => !tables.final(table).some(isOfIt)).map(({ name }) => name),
    take(count, isFair) {
      const fair = [...hits(), ...changes(), ...letters(), ...deliveries()].filter(
        ({ partition, position, receivedMs }) => isFair(partition, position, receivedMs),
      );
      return random.sample(fair, count).map((one) => {
        if (one.table === 'deliveries') keep(one.table, one.isOfIt);
        return remove(one);
      });
    },
    alterHit() {
      const [one] = random.sample(hits(), 1);
      const [row] = one === undefined ? [] : tables.final('alert_hits').filter(one.isOfIt);
      if (one === undefined || row === undefined) return [];
      const other = { ...row, severity: row['severity'] === 1 ? 2 : 1 };
      tables.delete('alert_hits', one.isOfIt);
      tables.insert('alert_hits', [other]);
      altered.push(other);
      world.history.note(`altered: ${one.name}`);
      taken.set(one.name, { ...one, isOfIt: (found) => one.isOfIt(found) && found['severity'] === row['severity'] });
      return [one.name];
    },
    takeRows(count) {
      const rows = final('event_log');
      const ends = new Map<number, { first: number; last: number }>();
      for (const row of rows) {
        const [partition, position] = [Number(row['partition']), Number(row['position'])];
        const { first, last } = ends.get(partition) ?? { first: position, last: position };
        ends.set(partition, { first: Math.min(first, position), last: Math.max(last, position) });
      }
      const inner = rows
        .map((row) => placed('rows', 'event_log', row, ['partition', 'position'], ''))
        .filter(({ partition, position }) => {
          const { first = 0, last = 0 } = ends.get(partition) ?? {};
          return position > first && position < last;
        });
      return random.sample(inner, count).map((one) => {
        keep(one.table, one.isOfIt);
        return remove(one);
      });
    },
    putBack() {
      for (const { table, isOfIt, rows } of kept)
        if (rows.length > 0 && !tables.final(table).some(isOfIt)) tables.insert(table, rows);
      kept = [];
      // A merge has come by, and left the last that was written.
      const isAltered = (row: Row) => altered.some((one) => JSON.stringify(one) === JSON.stringify(row));
      tables.delete('alert_hits', isAltered);
    },
  };
}

function placed(
  part: Parameters<typeof lossName>[0],
  table: string,
  row: Row,
  key: readonly string[],
  id: string,
): Candidate {
  const [partition, position] = [Number(row['partition']), Number(row['position'])];
  const isOfIt = (other: Row) => key.every((column) => other[column] === row[column]);
  const receivedMs = Number(row['received'] ?? row['time']);
  return { table, name: lossName(part, partition, position, id), partition, position, receivedMs, isOfIt };
}
