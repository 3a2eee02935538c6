/** People at work beside the workers: a word on alerts, deliveries that are wanted again. */
import { createDeliveryStore, type DeliveryKey } from '../../alerts/delivery-store.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { encodeEntry } from '../../ingest/kafka/envelope.ts';
import type { AlertChangeEntry } from '../../ingest/log.ts';
import type { Intake } from './intake.ts';
import { TENANT } from './lives.ts';
import { createSimStore } from './sim-store.ts';
import { ofTheLog } from './statements.ts';
import type { Row, Tables } from './tables.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

export interface Analyst {
  /** A word on most alerts, sooner or later. */
  lookAtAlerts(): void;
  /** @param more whether further ones are wanted; those that are, until it stands in the store */
  lookAtDeliveries(more: boolean): void;
  /** Something is wanted that nobody has heard of yet. */
  readonly waits: boolean;
}

interface AnalystDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly intake: Intake;
  readonly workload: Workload;
  readonly random: Random;
  /** Chance that an ended delivery is wanted again, by ten looks. */
  readonly replays: number;
}

export function createAnalyst(deps: AnalystDeps): Analyst {
  const { world, tables, intake, workload, random, replays } = deps;
  const answered = new Set<string>();
  const wanted = new Map<string, DeliveryKey>();

  function answer(row: Row, alertId: string): void {
    const disposition = random.pick(['true_positive', 'false_positive', 'benign_change'] as const);
    const word = random.chance(0.8) ? ({ state: 'closed', disposition } as const) : { state: 'acknowledged' as const };
    const agent = String(row['agent']);
    const receivedMs = world.wallMs();
    const about = { tenant: TENANT, receivedMs, agent, alertId, by: 'ann' };
    const entry: AlertChangeEntry = { kind: 'disposition', ...about, ...word };
    intake.append(workload.partitionOf(agent), encodeEntry(entry), receivedMs);
  }

  function wantMore(): void {
    for (const { tenant, alert_id, playbook, outcome } of tables.final('deliveries')) {
      if (tenant === '' || outcome === 'retry' || !random.chance(replays / 10)) continue;
      const key = { tenant: String(tenant), alertId: String(alert_id), playbook: String(playbook) };
      wanted.set(JSON.stringify(key), key);
    }
  }

  /** What the API does, in a process that may die of it. */
  function ask(): void {
    const process = world.start('operator');
    const store = createDeliveryStore(createSimStore(process, tables, world.random.fork('operator')));
    for (const [name, key] of wanted) {
      store.replay(key, 'ann', process.now()).then(
        () => wanted.delete(name),
        () => world.history.note(`no word on ${key.alertId}: it will be asked for again`),
      );
    }
  }

  return {
    get waits() {
      return wanted.size > 0;
    },
    lookAtAlerts() {
      for (const row of ofTheLog(tables, tables.final('alert_hits'))) {
        const alertId = String(row['alert_id']);
        if (answered.has(alertId) || !random.chance(0.3)) continue;
        answered.add(alertId);
        answer(row, alertId);
      }
    },
    lookAtDeliveries(more) {
      if (replays === 0) return;
      if (more) wantMore();
      if (wanted.size > 0) ask();
    },
  };
}
