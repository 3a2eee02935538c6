import type { TestProject } from 'vitest/node';
import { provideKafka } from './kafka/provider.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of one broker for the whole run; empty when there is none. */
    kafkaBrokers: string[];
    /** Why there is no broker; undefined when there is one. */
    kafkaSkipped: string | undefined;
  }
}

/** One broker for a whole run. Each project calls this; the first provides it to all, through the root project. */
export default async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  const root = vitest.getRootProject();
  if ('kafkaBrokers' in root.getProvidedContext()) return undefined;
  const kafka = await provideKafka(process.env);
  root.provide('kafkaSkipped', 'skipped' in kafka ? kafka.skipped : undefined);
  root.provide('kafkaBrokers', 'skipped' in kafka ? [] : [...kafka.brokers]);
  return 'skipped' in kafka ? undefined : kafka.stop;
}
