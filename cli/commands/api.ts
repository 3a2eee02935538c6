import { Command } from 'commander';
import { createStateStore } from '../../baselines/state-store.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { APPEND_PATIENCE_MS } from '../app.ts';
import { type CommandContext, configOf } from '../context.ts';
import { announceRunning, retractRunning } from '../data-folder.ts';
import { assertDistributed, kafkaOf } from '../distributed.ts';
import { type Foundation, layFoundation } from '../foundation.ts';
import { createFront, type FrontDeps } from '../front.ts';
import type { KafkaLog } from '../kafka-log.ts';
import { impatient, kafkaPartitionOf, openKafkaSink, watchBrokers } from '../log.ts';
import { createLogger } from '../logger.ts';
import { serve } from '../process.ts';
import { slotCodec } from '../scorer.ts';
import { settingsOf } from '../scoring-settings.ts';
import { createStatus } from '../status.ts';
import { markOf } from '../verify/judging-mark.ts';
import { type ListenOptions, withListenOptions } from './listen-options.ts';

export const apiCommand = (context: CommandContext): Command =>
  withListenOptions(new Command('api'))
    .description('HTTP intake and API: one of any number in front of a Kafka log and a ClickHouse server.')
    .action((options: ListenOptions) => answer(context, options));

async function answer(context: CommandContext, options: ListenOptions): Promise<void> {
  const config = configOf(context, options);
  assertDistributed('api', config);
  const logger = createLogger(config.logLevel);
  const where = { host: options.host ?? config.host, port: options.port ?? config.port };
  await serve(context, where, logger, async (onFailure) => {
    const foundation = await layFoundation(config, { now: Date.now, logger, onFailure });
    const kafka = kafkaOf(foundation);
    const sink = openKafkaSink(foundation, kafka);
    await sink.start();
    const brokers = await watchBrokers(kafka);
    const front = await createFront(foundation, {
      log: impatient(sink, APPEND_PATIENCE_MS),
      peek: storedStates(foundation, kafka),
      status: createStatus(foundation.store, [brokers], [{ metrics: () => ({ log_queue: sink.queued }) }]),
    });
    return {
      http: front.api,
      announce(url) {
        announceRunning(config.dataDir, { url, pid: process.pid });
        return [
          `API on ${url}, log in ${kafka.epoch.topic}, ClickHouse at ${foundation.store.place}.`,
          `${front.firstStart ? 'An admin key was written to' : 'The admin key is in'} ${front.adminKeyFile}`,
        ];
      },
      retract: () => retractRunning(config.dataDir),
      async stop() {
        brokers.stop();
        await front.api.close();
        await sink.stop();
        await foundation.close();
      },
    };
  });
}

/** The states as the workers stored them last, up to a few minutes old. */
function storedStates({ config, store }: Foundation, kafka: KafkaLog): FrontDeps['peek'] {
  const codec = slotCodec(createScoring(DETECTORS, settingsOf(config).baseline));
  const states = createStateStore(store, codec, markOf(config));
  const partitionOf = kafkaPartitionOf(kafka);
  return async (key) => (await states.load(partitionOf(key.tenant, key.agent), [key]))[0];
}
