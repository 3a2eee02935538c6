import { Command } from 'commander';
import { createOperationsServer } from '../../api/operations-server.ts';
import { STOP_MS_MAX } from '../app.ts';
import { type CommandContext, configOf } from '../context.ts';
import { counted } from '../counted.ts';
import { assertDistributed, kafkaOf } from '../distributed.ts';
import { layFoundation } from '../foundation.ts';
import { openKafkaSink, openKafkaSource } from '../log.ts';
import { createLogger } from '../logger.ts';
import { serve } from '../process.ts';
import { createStatus } from '../status.ts';
import { createWorker } from '../worker.ts';
import { type ListenOptions, withListenOptions } from './listen-options.ts';

interface WorkerOptions extends ListenOptions {
  acceptGaps?: boolean;
}

export const workerCommand = (context: CommandContext): Command =>
  withListenOptions(new Command('worker'))
    .description(
      'Judges the events of the partitions it gets: one of any number of workers on a Kafka log and a ClickHouse server.',
    )
    .option('--accept-gaps', 'go on after records that were deleted from the log before they were stored')
    .action((options: WorkerOptions) => work(context, options));

async function work(context: CommandContext, options: WorkerOptions): Promise<void> {
  const config = configOf(context, options);
  assertDistributed('worker', config);
  const logger = createLogger(config.logLevel);
  const where = { host: options.host ?? config.host, port: options.port ?? 0 };
  await serve(context, where, logger, async (onFailure) => {
    const foundation = await layFoundation(config, { now: Date.now, logger, onFailure });
    const kafka = kafkaOf(foundation);
    const worker = createWorker(foundation, kafka.epoch.partitions);
    const source = openKafkaSource(foundation, kafka, options.acceptGaps ?? false);
    const sink = openKafkaSink(foundation, kafka);
    await sink.start();
    await source.start(worker.partitions);
    const stopTicking = worker.tickInto(sink);
    const kinds = worker.publishInto(sink);
    const stopReconciling = worker.reconcile();
    return {
      http: createOperationsServer(createStatus(foundation.store, [source, worker.reconciliation], [worker])),
      announce(url) {
        for (const error of worker.playbookErrors) context.terminal.err(`Playbook left out: ${error}`);
        return [
          `Worker on ${kafka.epoch.topic} (${counted(kafka.epoch.partitions, 'partition')}, group ${kafka.settings.workerGroup}), ClickHouse at ${foundation.store.place}.`,
          `${worker.playbooks} playbooks are enabled in ${config.playbooksDir}.`,
          `Health and metrics: ${url}/readyz, ${url}/metrics`,
        ];
      },
      async stop() {
        stopTicking();
        kinds.stop();
        const fuse = setTimeout(() => foundation.giveUp(new Error('The store stayed away.')), STOP_MS_MAX);
        await stopReconciling();
        await source.stop();
        await sink.stop();
        await worker.stop();
        clearTimeout(fuse);
        await foundation.close();
      },
    };
  });
}
