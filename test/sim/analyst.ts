/** People at work beside the workers: a word on alerts, deliveries that are wanted again. */
import type { DeliveryKey } from '../../alerts/delivery-store.ts';
import type { Random } from '../../cli/simulate/random.ts';
import { encodeEntry } from '../../ingest/kafka/envelope.ts';
import type { AlertChangeEntry } from '../../ingest/log.ts';
import type { Broker } from './broker.ts';
import { TENANT } from './lives.ts';
import type { Row, Tables } from './tables.ts';
import type { WorkerProcess } from './worker-process.ts';
import type { Workload } from './workload.ts';
import type { World } from './world.ts';

export interface Analyst {
  /** A word on most alerts, sooner or later. */
  lookAtAlerts(): void;
  /** @param more whether further ones are wanted; those that are, until every worker has heard of it */
  lookAtDeliveries(more: boolean): void;
  /** Something is wanted that nobody has heard of yet. */
  readonly waits: boolean;
}

interface AnalystDeps {
  readonly world: World;
  readonly tables: Tables;
  readonly broker: Broker;
  readonly workload: Workload;
  readonly random: Random;
  /** Chance that an ended delivery is wanted again, by ten looks. */
  readonly replays: number;
  readonly running: ReadonlySet<WorkerProcess>;
}

export function createAnalyst(deps: AnalystDeps): Analyst {
  const { world, tables, broker, workload, random, replays, running } = deps;
  const answered = new Set<string>();
  const wanted = new Map<string, DeliveryKey>();

  function answer(row: Row, alertId: string): void {
    const disposition = random.pick(['true_positive', 'false_positive', 'benign_change'] as const);
    const word = random.chance(0.8) ? ({ state: 'closed', disposition } as const) : { state: 'acknowledged' as const };
    const agent = String(row['agent']);
    const receivedMs = world.wallMs();
    const about = { tenant: TENANT, receivedMs, agent, alertId, by: 'ann' };
    const entry: AlertChangeEntry = { kind: 'disposition', ...about, ...word };
    broker.append(workload.partitionOf(agent), encodeEntry(entry), receivedMs);
  }

  function wantMore(): void {
    for (const { tenant, alert_id, playbook, outcome } of tables.final('deliveries')) {
      if (tenant === '' || outcome === 'retry' || !random.chance(replays / 10)) continue;
      const key = { tenant: String(tenant), alertId: String(alert_id), playbook: String(playbook) };
      wanted.set(JSON.stringify(key), key);
    }
  }

  return {
    get waits() {
      return wanted.size > 0;
    },
    lookAtAlerts() {
      for (const row of tables.final('alert_hits')) {
        const alertId = String(row['alert_id']);
        if (answered.has(alertId) || !random.chance(0.3)) continue;
        answered.add(alertId);
        answer(row, alertId);
      }
    },
    lookAtDeliveries(more) {
      if (replays === 0) return;
      if (more) wantMore();
      // All are asked: only the owner of the partition sends, and who that is may be changing.
      for (const [name, key] of running.size === 0 ? [] : wanted) {
        Promise.all([...running].map(({ worker }) => worker.dispatcher.replay(key))).then(
          () => wanted.delete(name),
          () => world.history.note(`no word on ${key.alertId}: it will be asked for again`),
        );
      }
    },
  };
}
