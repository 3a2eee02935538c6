import { Command } from 'commander';
import { createOperationsServer } from '../../api/operations-server.ts';
import { STOP_MS_MAX } from '../app.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { assertDistributed, kafkaOf } from '../distributed.ts';
import { layFoundation } from '../foundation.ts';
import { startIntakeStage } from '../intake.ts';
import { openKafkaSink } from '../log.ts';
import { createLogger } from '../logger.ts';
import { serve } from '../process.ts';
import { createStatus } from '../status.ts';
import { type ListenOptions, withListenOptions } from './listen-options.ts';

export const intakeCommand = (context: CommandContext): Command =>
  withListenOptions(new Command('intake'))
    .description(
      'Reads the Kafka topics under kafka.intake, validates and normalises, and writes the log: one of any number.',
    )
    .action((options: ListenOptions) => takeIn(context, options));

async function takeIn(context: CommandContext, options: ListenOptions): Promise<void> {
  const config = configOf(context, options);
  assertDistributed('intake', config);
  if (config.kafka?.intake.length === 0) {
    throw new CommandFailure(
      'There are no topics to read: name them under kafka.intake in picket.yaml (topic, tenant).',
      EXIT.usage,
    );
  }
  const logger = createLogger(config.logLevel);
  const where = { host: options.host ?? config.host, port: options.port ?? 0 };
  await serve(context, where, logger, async (onFailure) => {
    const foundation = await layFoundation(config, { now: Date.now, logger, onFailure });
    const kafka = kafkaOf(foundation);
    const sink = openKafkaSink(foundation, kafka);
    await sink.start();
    const stages = await startIntakeStage(foundation, sink);
    const topics = kafka.settings.intake.map(({ topic, tenant }) => `${topic} (tenant ${tenant})`);
    return {
      http: createOperationsServer(createStatus(foundation.store, stages, [])),
      announce: (url) => [
        `Intake from ${topics.join(', ')} to ${kafka.epoch.topic} (group ${kafka.settings.intakeGroup}).`,
        `Health and metrics: ${url}/readyz, ${url}/metrics`,
      ],
      async stop() {
        const fuse = setTimeout(() => foundation.giveUp(new Error('The store stayed away.')), STOP_MS_MAX);
        for (const stage of stages) await stage.stop();
        await sink.stop();
        clearTimeout(fuse);
        await foundation.close();
      },
    };
  });
}
