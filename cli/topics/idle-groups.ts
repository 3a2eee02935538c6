import type { Admin } from 'kafkajs';
import type { KafkaSettings } from '../../ingest/kafka/settings.ts';
import { sanitise } from '../../ingest/untrusted-text.ts';
import { CommandFailure } from '../context.ts';

export interface Group {
  readonly groupId: string;
  /** As Kafka names it: `Stable`, `PreparingRebalance`, `Empty`, `Dead`. */
  readonly state: string;
  /** Client id and address of each. */
  readonly members: readonly string[];
}

const NAME_CHARS_MAX = 80;
const SHOWN_MAX = 5;

/** Consumer groups of the workers and of the intake stage. One that nobody has ever joined is `Dead`. */
export async function describeGroups(admin: Admin, { workerGroup, intakeGroup }: KafkaSettings): Promise<Group[]> {
  const { groups } = await admin.describeGroups([...new Set([workerGroup, intakeGroup])]);
  return groups.map(({ groupId, state, members }) => ({
    groupId,
    state,
    members: members.map(
      ({ clientId, clientHost }) => `${sanitise(clientId, NAME_CHARS_MAX)} at ${sanitise(clientHost, NAME_CHARS_MAX)}`,
    ),
  }));
}

/** @throws CommandFailure that names the processes to stop */
export async function assertNobodyWorks(admin: Admin, settings: KafkaSettings): Promise<void> {
  const busy = (await describeGroups(admin, settings)).filter(({ state }) => state !== 'Empty' && state !== 'Dead');
  if (busy.length === 0) return;
  const list = busy.map(({ groupId, members }) => `  ${groupId}: ${listOf(members)}`).join('\n');
  throw new CommandFailure(
    `Somebody works on the log. Stop every picket worker, intake, api and up first:\n${list}\n` +
      `One that was killed counts until its session ends (${Math.ceil(settings.sessionTimeoutMs / 1000)} s).`,
  );
}

const listOf = (members: readonly string[]): string => {
  const more = members.length - SHOWN_MAX;
  if (members.length === 0) return 'members come and go';
  return members.slice(0, SHOWN_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
};
