/** Has forests grown in a worker thread, off the path of events. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  type WorkerOptions,
} from 'node:worker_threads';
import type { ForestJob } from './grow-forest.ts';
import type { StoredForest } from './stored-forest.ts';

export type TrainingAnswer = { readonly forest: StoredForest } | { readonly failure: string };

/** What the thread is given. `answered` holds the number of the last job whose answer has been sent. */
export interface TrainingChannel {
  readonly port: MessagePort;
  readonly answered: Int32Array;
}

/** One job at a time. Never throws: a failure is an answer. */
export interface ForestTrainer {
  train(job: ForestJob): Promise<TrainingAnswer>;
  /** The same, while everything else in this thread waits: for files, whose next event needs the answer. */
  trainNow(job: ForestJob): TrainingAnswer;
  /** Ends the thread. The next job starts another. A thread without a job does not keep the process alive either. */
  close(): Promise<void>;
}

/** A job that takes longer has failed, and its thread is ended. One takes some tenths of a second. */
export const TRAINING_MS_MAX = 60_000;

/** Jobs of a thread are numbered from 1. */
export interface NumberedJob {
  readonly number: number;
  readonly job: ForestJob;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly answered: Int32Array;
  jobs: number;
}

export function createForestTrainer(limitMs = TRAINING_MS_MAX): ForestTrainer {
  let thread: Thread | undefined;

  function send(job: ForestJob): Thread {
    thread ??= startThread();
    const numbered: NumberedJob = { number: ++thread.jobs, job };
    thread.port.postMessage(numbered);
    return thread;
  }

  async function close(): Promise<void> {
    const ended = thread?.worker;
    thread = undefined;
    await ended?.terminate();
  }

  /** After a failure the thread may be in any state: the next job gets a new one. */
  function settle(answer: TrainingAnswer): TrainingAnswer {
    if ('failure' in answer) void close();
    return answer;
  }

  return {
    train: async (job) => settle(await answerOf(send(job), limitMs)),
    trainNow(job) {
      const asked = send(job);
      if (!isAnswered(asked, limitMs)) return settle(tooSlow(limitMs));
      return settle(receiveMessageOnPort(asked.port)?.message as TrainingAnswer);
    },
    close,
  };
}

const tooSlow = (limitMs: number): TrainingAnswer => ({ failure: `no forest within ${limitMs / 1000} s` });

/** Waits at most twice: the number of the job before may come in late, when its answer has long been taken. */
function isAnswered({ answered, jobs }: Thread, limitMs: number): boolean {
  for (let last = Atomics.load(answered, 0); last !== jobs; last = Atomics.load(answered, 0)) {
    if (Atomics.wait(answered, 0, last, limitMs) === 'timed-out') return false;
  }
  return true;
}

/** The thread's answer, or its end, whichever is first. */
async function answerOf({ port, worker }: Thread, limitMs: number): Promise<TrainingAnswer> {
  const stop = new AbortController();
  const { signal } = stop;
  const timer = setTimeout(() => stop.abort(), limitMs);
  const ended = once(worker, 'exit', { signal }).then(([code]) => ({ failure: `the thread ended with ${code}` }));
  try {
    return await Promise.race([once(port, 'message', { signal }).then(([answer]) => answer as TrainingAnswer), ended]);
  } catch (error) {
    return signal.aborted ? tooSlow(limitMs) : { failure: String(error) };
  } finally {
    clearTimeout(timer);
    // Whichever of the two was not first stops listening, and the port no longer keeps the process alive.
    ended.catch(() => {});
    stop.abort();
  }
}

function startThread(): Thread {
  const { port1, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const worker = startProgram({
    workerData: { port: port2, answered } satisfies TrainingChannel,
    transferList: [port2],
  });
  // Whoever waits for an answer hears of it by the thread's end; without a listener it would end this process too.
  worker.on('error', () => {});
  worker.unref();
  port1.unref();
  return { worker, port: port1, answered, jobs: 0 };
}

/** Compiled code runs as it is. Source needs the loader of TypeScript in its thread, whatever loads it here. */
function startProgram(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./training-worker.js', import.meta.url), options);
  const loader = createRequire(import.meta.url).resolve('tsx/cjs/api');
  const program = fileURLToPath(new URL('./training-worker.ts', import.meta.url));
  const script = `require(${JSON.stringify(loader)}).register(); require(${JSON.stringify(program)});`;
  return new Worker(script, { ...options, eval: true, execArgv: [] });
}
