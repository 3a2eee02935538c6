/** A long-running command: announces itself, waits for a signal or a failure, and ends in the right way. */
import type { FastifyInstance } from 'fastify';
import { NewerBuild } from '../ingest/newer-build.ts';
import { publicUrl } from './config.ts';
import { type CommandContext, EXIT } from './context.ts';
import { sleep } from './sleep.ts';

export interface Service {
  /** What listens: the API, or the health routes of a process without one. */
  readonly http: FastifyInstance;
  /** What to tell the person who started it, once it listens on `url`. */
  announce(url: string): readonly string[];
  /** Runs when the process ends in whatever way, before anything else. */
  retract?(): void;
  /** Finishes what is in hand. */
  stop(): Promise<void>;
}

export interface ServiceSettings {
  readonly host: string;
  readonly port: number;
}

/** Longest way from a signal to the end of the process: a supervisor kills after ten seconds. */
const STOP_MS_MAX = 9_500;

/** A start that was under way when the signal came may still come about, and be ended in order. */
const START_GRACE_MS = 5_000;

/**
 * `start` gets what to call when the process cannot do its work any more. Then it ends with a failure and without a checkpoint: what is
 * in memory cannot be trusted any more, the log can.
 */
export async function serve(
  { terminal, stop }: CommandContext,
  { host, port }: ServiceSettings,
  logger: { fatal(facts: object, text: string): void },
  start: (onFailure: (error: unknown) => void) => Promise<Service>,
): Promise<void> {
  let onFailure: (error: unknown) => void = () => {};
  const failed = new Promise<{ error: unknown }>((resolve) => {
    onFailure = (error) => resolve({ error });
  });
  const stopped = new Promise<undefined>((resolve) => {
    // A signal that came while the service was starting has been heard already, and is not heard again.
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const service = await Promise.race([start((error) => onFailure(error)), stopped.then(() => sleep(START_GRACE_MS))]);
  // It waits for a store or a broker that is away. Nothing has been taken in hand yet.
  if (service === undefined) process.exit(EXIT.ok);
  await service.http.listen({ host, port });
  const address = service.http.server.address();
  const url = publicUrl(host, typeof address === 'object' && address !== null ? address.port : port);
  for (const line of service.announce(url)) terminal.out(line);

  const failure = await Promise.race([failed, stopped]);
  service.retract?.();
  if (failure === undefined) {
    const fuse = setTimeout(() => {
      logger.fatal({}, 'what is in hand did not finish in time; the next start does it over');
      process.exit(EXIT.failure);
    }, STOP_MS_MAX);
    fuse.unref();
    await service.stop();
    await service.http.close();
    clearTimeout(fuse);
    // All is stored and given back. kafkajs may leave a connection behind that would keep the process alive.
    process.exit(EXIT.ok);
  }
  logger.fatal({ err: failure.error }, 'the process cannot go on; stopping');
  process.exit(failure.error instanceof NewerBuild ? EXIT.outdated : EXIT.failure);
}
