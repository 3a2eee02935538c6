/** When models of kinds are published: one process does it for all, however many there are, and however often they start. */

import type { Logger } from 'pino';
import { HOUR_MS } from '../baselines/periods.ts';
import { createKindPublisher, type ForestTraining, type KindPublisherDeps } from './kind-publisher.ts';

export interface KindPublishingDeps extends Omit<KindPublisherDeps, 'forests'> {
  readonly trainer: ForestTraining['trainer'];
  readonly owned: () => readonly number[];
  /** Receipt time of the newest model in a partition, epoch ms. */
  readonly newestModelMs: (partition: number) => Promise<number>;
  readonly every: (intervalMs: number, run: () => void) => () => void;
  readonly logger: Logger;
}

export interface KindPublishing {
  /** At once, if it is this process's turn; returns how many models went out. */
  publish(): Promise<number>;
  stop(): void;
}

const PUBLISH_MS = 6 * HOUR_MS;
const LOOK_MS = HOUR_MS;

/** The owner of the first partition publishes, from now on and when the newest model is six hours old. */
export function publishKinds(deps: KindPublishingDeps): KindPublishing {
  const { partitions, owned, newestModelMs, every, now, logger, trainer } = deps;
  const [first = 0] = partitions;
  const forests = {
    trainer,
    onFailure: (failure: object) => logger.warn(failure, 'the model of a kind goes out without an isolation forest'),
  };
  const publisher = createKindPublisher({ ...deps, forests });
  const isOurTurn = () => owned().includes(first);

  async function publishDue(): Promise<void> {
    if (isOurTurn() && now() - (await newestModelMs(first)) >= PUBLISH_MS) await publish();
  }

  const publish = async () => (isOurTurn() ? publisher.publish() : 0);
  const stop = every(LOOK_MS, () => {
    publishDue().catch((error: unknown) => logger.warn({ err: error }, 'no models of kinds were published'));
  });
  return { publish, stop };
}
