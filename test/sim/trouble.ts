/** What goes wrong in a run besides port calls: outages, changes of members, clocks, and a newer build that writes to the log. */
import type { Random } from '../../cli/simulate/random.ts';
import { encodeEntry, LOG_FORMAT } from '../../ingest/kafka/envelope.ts';
import type { Broker } from './broker.ts';
import type { Fleet } from './fleet.ts';
import type { Intake } from './intake.ts';
import { TENANT } from './lives.ts';
import { NEWER_FORMAT, type Workload } from './workload.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;

/** Newest version of the envelope that the build of the workers reads, by now. */
export interface Build {
  format: number;
}

export const firstBuild = (): Build => ({ format: LOG_FORMAT });

interface TroubleDeps {
  readonly world: World;
  /** Where the log is at the moment. */
  readonly broker: () => Broker;
  readonly intake: Intake;
  readonly workload: Workload;
  readonly random: Random;
  readonly fleet: Fleet;
  readonly build: Build;
}

/** One minute of it. */
export function strikeOnce(deps: TroubleDeps): void {
  const { world, random } = deps;
  if (world.strikes('outage')) outage(world, random);
  strikeMembers(deps, 3 * HOUR_MS);
}

/** @param jumpMsMax of the wall clock of one of them */
export function strikeMembers(
  { world: { strikes }, broker, random, fleet }: Pick<TroubleDeps, 'world' | 'broker' | 'random' | 'fleet'>,
  jumpMsMax: number,
): void {
  if (strikes('rebalance')) broker().rebalance('chance');
  if (strikes('zombie')) broker().expel();
  if (strikes('handOver')) fleet.handOver();
  if (strikes('clockJump')) fleet.jumpClock(() => random.int(-jumpMsMax, jumpMsMax));
}

function outage(world: World, random: Random): void {
  world.storeAway = true;
  world.history.note('the store is away');
  world.scheduler.after(random.int(5_000, 600_000), () => {
    world.storeAway = false;
    world.history.note('the store is back');
  });
}

/** Of the kinds of records that there are: what matters is that an older build cannot know it. */
export function writeNewer({ world, intake, workload, random, build }: TroubleDeps): void {
  const { agent } = random.pick(workload.past);
  const receivedMs = world.wallMs();
  const { headers, ...record } = encodeEntry({ kind: 'reset', tenant: TENANT, receivedMs, agent, by: 'later' });
  const newer = { ...record, headers: { ...headers, v: String(NEWER_FORMAT) } };
  intake.append(workload.partitionOf(agent), newer, receivedMs);
  world.history.note('a newer build writes to the log');
  world.scheduler.after(random.int(60_000, 600_000), () => {
    build.format = NEWER_FORMAT;
    world.history.note('from now on workers are of the newer build');
  });
}
