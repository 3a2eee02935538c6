/** Picket in one process, as `cli/app.ts` puts it together without brokers, over the ports of a simulated process; of HTTP all but the socket. */

import type { ApiLimits } from '../../api/limits.ts';
import { httpIntake } from '../../cli/http-intake.ts';
import { createWorker } from '../../cli/worker.ts';
import { createAcceptor } from '../../ingest/acceptor.ts';
import { createEmbeddedLog, type EmbeddedLogSettings } from '../../ingest/embedded-log.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { takeBackLetters } from '../../ingest/unstored-letter-store.ts';
import { openHttpDoor } from './http-door.ts';
import { createInHand } from './in-hand.ts';
import { TENANT } from './lives.ts';
import type { Listener, Request } from './senders.ts';
import type { SingleMachineLog } from './single-machine-log.ts';
import { layGround, PLAYBOOKS, type WorkerDeps, type WorkerProcess } from './worker-process.ts';
import type { SimProcess } from './world.ts';

export interface SingleMachineDeps extends WorkerDeps {
  readonly log: EmbeddedLogSettings;
  readonly apiLimits: ApiLimits;
  readonly singleLog: SingleMachineLog;
  readonly findings: string[];
  /** Told of who listens from now on, and when nobody does any more. */
  readonly onListening: (listener: Listener | undefined) => void;
}

/** As in `cli/app.ts` and `cli/process.ts`. */
const STOP_MS_MAX = 7_000;
const FUSE_MS = 9_500;
const NORMALISE = createNormaliser({ redactionKey: new Uint8Array(32) });

export function openSingleMachine(process: SimProcess, deps: SingleMachineDeps): WorkerProcess {
  const { world, tables, variation, extras, limits, singleLog, findings, onListening } = deps;
  const { now, timers, breathe } = process;
  const { foundation, surroundings, giveUp } = layGround(process, deps, { kafka: undefined, topic: undefined });
  const { store, logger, deadLetters } = foundation;
  const worker = createWorker(foundation, 1, PLAYBOOKS, surroundings, { ...limits, soleOwner: true });
  let started = false;
  let stopping = false;

  /** As `serve` has it: who is stopping already goes on with that. */
  function onFailure(error: unknown): void {
    world.history.note(`${process.name} gives up: ${String(error)}`);
    if (!stopping) world.kill(process);
  }

  const real = createEmbeddedLog(deps.log, {
    onFailure,
    takeBack: (partition, position) => foundation.persist(() => takeBackLetters(store, partition, position)),
  });
  const log = variation.log?.(real, process) ?? real;
  const sink = singleLog.watched(log);
  const admission = createIntake({ normalise: NORMALISE });
  const intake = httpIntake(createAcceptor({ intake: admission, sink, deadLetters, now, breathe }));
  const watching = { admission, onSafe: singleLog.promise, tables, findings };
  const doorDeps = { store, intake, log: sink, limits: deps.apiLimits, ...watching };
  const door = extras.overHttp ? openHttpDoor(process, doorDeps) : undefined;
  let requests = 0;
  let stopTicking = () => {};
  let stopWatching = () => {};
  let stopPublishing = () => {};
  let stopReconciling = async () => {};

  async function accept({ records, idempotencyKey }: Request): Promise<void> {
    requests += 1;
    const requestId = `${process.name}-${requests}`;
    const result = await intake.accept(TENANT, [...records], { requestId, idempotencyKey });
    const { accepted, rejected } = result;
    if (accepted + rejected.length !== records.length)
      findings.push(`${requestId} was answered for ${accepted} events`);
    const letters = new Set(tables.all('dead_letters').map((row) => row['source_position']));
    for (const { index } of rejected)
      if (!letters.has(`${requestId}:${index}`))
        findings.push(`no dead letter for what was refused: ${requestId}:${index}`);
  }

  async function answer(request: Request, acknowledge: () => void): Promise<void> {
    await process.call('http:request', () => {});
    if (door !== undefined && request.post !== undefined) return door.take(request.post, acknowledge);
    await (request.word === undefined ? accept(request) : sink.append([request.word]));
    await process.call('http:answer', acknowledge);
  }

  const inHand = createInHand(answer);
  return {
    process,
    get started() {
      return started;
    },
    async start() {
      if (door !== undefined) await door.ready();
      await log.start(variation.handler?.(worker.partitions, process) ?? worker.partitions);
      await worker.dispatcher.rescan();
      stopTicking = worker.tickInto(sink);
      if (extras.replays > 0) stopWatching = worker.watchReplays();
      if (extras.publishing) stopPublishing = worker.publishInto(sink).stop;
      if (extras.reconciles) stopReconciling = worker.reconcile();
      started = true;
      process.onEnd(() => onListening(undefined));
      onListening({ process, take: inHand.take });
    },
    async stop() {
      stopping = true;
      stopTicking();
      stopWatching();
      stopPublishing();
      const fuse = timers.after(STOP_MS_MAX, () => giveUp(new Error('The store stayed away.')));
      timers.after(FUSE_MS, () => world.kill(process));
      // Nobody reconciled yet when some seeds found what they did: a stop that waits for nothing takes its turn all the same.
      if (extras.reconciles) await stopReconciling();
      onListening(undefined);
      await inHand.settled();
      await log.stop().catch(() => logger.warn({}, 'stopped without a checkpoint'));
      fuse();
      await worker.stop();
      await store.close();
      world.kill(process);
    },
  };
}
