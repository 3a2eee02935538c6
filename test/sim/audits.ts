/**
 * Verification beside a run and after it. In its midst somebody runs the command now and then, workers have their job, and things go missing
 * behind everybody's back. When all is done losses are put there on purpose: the reports have to name these and no others.
 */
import type { RangeFinding, RangeReport } from '../../api/schemas/verify.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { epochOf } from '../../ingest/log.ts';
import { type AuditorDeps, audit, lossesIn, namesOf } from './auditor.ts';
import { createDamage } from './damage.ts';
import type { Extras } from './extras.ts';
import { createFate } from './mortal.ts';
import { untilDone } from './until-done.ts';
import type { SimProcess } from './world.ts';

export interface Audits {
  /** By the look of ten minutes, while things go wrong. */
  look(): void;
  /** Nothing goes wrong any more: what is taken now the workers' job has to find. */
  rest(): void;
  /** It has. */
  readonly isSettled: boolean;
  /** What the job in a worker has found. */
  onLoss(process: SimProcess, findings: readonly RangeFinding[]): void;
  /** When everything is stored and told, and no worker is left. */
  finish(): Promise<void>;
}

export interface AuditsDeps extends AuditorDeps {
  readonly random: Random;
  readonly extras: Extras;
  readonly findings: string[];
  /** `alert playbook` of deliveries that have come to their end. */
  readonly ended: ReadonlySet<string>;
}

const MINUTE_MS = 60_000;
/** Well within what the job looks at, which takes its ten minutes to come by. */
const LATELY_MS = 35 * MINUTE_MS;
/** Deliveries of younger alerts may be under way. */
const DUE_MS = 6 * MINUTE_MS;
/** Who has read the states back may still be looking for deliveries. */
const QUIET_MS = 2 * MINUTE_MS;
const DEATHS_MAX = 5;
const LOSSES_MAX = 5;
const ROWS_MAX = 3;
const DEATH_MS_MAX = 30;

/** A span of time, which has to be looked up. */
const SINCE_EVER = { sinceMs: 0 };
/** What is taken differs, and with it the number of steps: nobody comes that far, so many times in a row. */
const MISSES_MAX = 6;

export function createAudits(deps: AuditsDeps): Audits {
  const { world, tables, random, extras, findings, ended } = deps;
  const damage = createDamage({ world, tables, random, ended });
  const owed = new Set<string>();
  const fate = createFate(world);
  let deaths = 0;
  let lives = 0;

  if (extras.auditDeaths > 0) {
    world.onCall.push((process) => {
      if (process.name !== 'repairer' || deaths >= DEATHS_MAX || !random.chance(extras.auditDeaths)) return;
      deaths += 1;
      world.scheduler.after(random.int(0, DEATH_MS_MAX), () => world.kill(process));
    });
  }

  /** What follows from verdicts up to there is stored: by partition. */
  function settled(): ReadonlyMap<number, number> {
    const positions = new Map<number, number>();
    for (const row of tables.final('checkpoints')) {
      const [partition, position] = [Number(row['partition']), Number(row['position'])];
      positions.set(partition, Math.max(position, positions.get(partition) ?? -1));
    }
    return positions;
  }

  /** @param upTo what is after it may be under way, by partition; absent: nothing is */
  function complain(who: string, found: readonly RangeFinding[], upTo?: ReadonlyMap<number, number>): void {
    for (const finding of found) {
      const { part, code, partition, last } = finding;
      const isUnderWay = part !== 'rows' && upTo !== undefined && last > (upTo.get(partition) ?? -1);
      if (isUnderWay || part === 'deliveries') continue;
      for (const name of namesOf(finding))
        if (!damage.taken.has(name)) findings.push(`${who} finds missing what is not: ${name} (${code})`);
    }
  }

  async function verify(process: SimProcess): Promise<void> {
    const upTo = settled();
    try {
      const report = await audit(process, deps, { repair: true, range: {} });
      complain('the command', report.findings, upTo);
    } catch (error) {
      world.history.note(`${process.name} gives up: ${String(error)}`);
    } finally {
      world.kill(process);
    }
  }

  /** By processes that are started again until one comes to its end. */
  const auditedBy = (name: string, repair: boolean): Promise<RangeReport> =>
    untilDone(world, name, (process) => {
      lives += 1;
      return repair
        ? audit(fate.mortal(process), deps, { repair, range: SINCE_EVER })
        : audit(process, deps, { repair, range: {} });
    });

  function expect(what: string, found: readonly string[], wanted: readonly string[]): void {
    for (const name of found) if (!wanted.includes(name)) findings.push(`${what}: ${name} is not missing`);
    for (const name of wanted) if (!found.includes(name)) findings.push(`${what}: nothing is said of ${name}`);
  }

  async function nothingMissing(what: string): Promise<void> {
    expect(what, lossesIn(await auditedBy('reader', false)), []);
  }

  /** What can be written again is; deliveries are another's to make. */
  async function repairs(): Promise<void> {
    const nowMs = world.wallMs();
    const lost = [
      ...damage.take(random.int(1, LOSSES_MAX), (_partition, _position, receivedMs) => receivedMs < nowMs - DUE_MS),
      ...damage.alterHit(),
    ];
    const unsent = lost.filter((name) => name.startsWith('deliveries'));
    const before = lives;
    const found = lossesIn(await auditedBy('repairer', true));
    if (lives === before + 1) expect('a repair', found, lost);
    else for (const name of found) if (!lost.includes(name)) findings.push(`a repair: ${name} is not missing`);
    expect('after a repair', damage.missing(), unsent);
    expect('a look after a repair', lossesIn(await auditedBy('reader', false)), unsent);
    damage.putBack();
  }

  async function tellsOfRows(): Promise<void> {
    const lost = damage.takeRows(random.int(1, ROWS_MAX));
    const report = await auditedBy('repairer', true);
    expect('a look for rows', lossesIn(report), lost);
    const newest = Math.max(...tables.final('log_epochs').map((row) => Number(row['epoch'])), 0);
    for (const { code, partition, repaired } of report.findings) {
      const wanted = epochOf(partition) === newest && !deps.embedded ? 'row_in_topic' : 'row_gone';
      if (code !== wanted || repaired) findings.push(`a row of partition ${partition} is ${code}, not ${wanted}`);
    }
    damage.putBack();
  }

  /** Also when who does it dies at any of its steps, before it takes effect or after. */
  async function atEveryStep(work: () => Promise<void>): Promise<void> {
    for (let call = 1, misses = 0; misses < MISSES_MAX; call += 1) {
      for (const when of ['before', 'after'] as const) {
        fate.set({ call, when });
        await work();
        misses = fate.isOpen ? misses + 1 : 0;
      }
    }
    fate.set(undefined);
  }

  return {
    look() {
      const upTo = settled();
      if (random.chance(0.4)) {
        const isSettled = (partition: number, position: number) => position <= (upTo.get(partition) ?? -1);
        damage.take(1, isSettled);
      }
      if (random.chance(extras.audits)) void verify(world.start('auditor'));
    },
    rest() {
      // A clock that is hours off has the job look elsewhere, and one of an older epoch nobody's.
      if (extras.relocatesTo > 0 || world.faults.clockJump > 0) return;
      const upTo = settled();
      const afterMs = world.wallMs() - LATELY_MS;
      const isFair = (partition: number, position: number, receivedMs: number) =>
        receivedMs > afterMs && position <= (upTo.get(partition) ?? -1);
      for (const name of damage.take(LOSSES_MAX, isFair)) owed.add(name);
    },
    get isSettled() {
      return owed.size === 0 || !damage.missing().some((name) => owed.has(name));
    },
    onLoss: ({ name }, found) => complain(`the job in ${name}`, found),
    async finish() {
      const { scheduler } = world;
      const quietMs = scheduler.nowMs + QUIET_MS;
      await scheduler.runUntil(() => scheduler.nowMs >= quietMs);
      // Deliveries are made by workers, and only for what came lately.
      damage.putBack();
      complain('the command', (await auditedBy('repairer', true)).findings);
      await nothingMissing('when all is settled');
      await repairs();
      // Then what is missing may be under way for all that anybody can know.
      tables.delete('checkpoints', () => true);
      await repairs();
      await tellsOfRows();
      if (extras.auditSweep) {
        await atEveryStep(repairs);
        await atEveryStep(tellsOfRows);
      }
      await nothingMissing('when all is back');
    },
  };
}
