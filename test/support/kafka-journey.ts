/**
 * A file of events through Kafka: two intake processes, two workers, one store; compared with the same file through the embedded engine.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../store/store.ts';
import { temporaryFolder } from './embedded-store.ts';
import { contentsOf, type FolderContents, readContents } from './folder-contents.ts';
import { createTopic } from './kafka/topic.ts';
import { openFleet, untilEqual } from './kafka-fleet.ts';
import { runPicket } from './picket-process.ts';

export interface JourneyOptions {
  readonly brokers: readonly string[];
  readonly name: string;
  readonly file: string;
  readonly events: number;
  /** Records keyed by agent; otherwise spread over the partitions: with more than one, an agent's order is not kept. */
  readonly keyed: boolean;
  /** Of the intake topic. */
  readonly partitions: number;
  /** One worker and one intake are killed (-9) midway, and others take their place. */
  readonly kill: boolean;
}

export interface Journey {
  readonly visible: number;
  readonly deadLetters: number;
  readonly duplicates: number;
  readonly doubled: number;
  readonly seconds: number;
  readonly contents: FolderContents;
}

const DRAIN_MS_MAX = 240_000;

export async function throughKafka(options: JourneyOptions): Promise<Journey> {
  const { brokers, name, file, events, keyed, kill, partitions } = options;
  const topic = await createTopic(brokers, { partitions });
  const fleet = await openFleet({
    brokers,
    name,
    partitions: 6,
    intakeTopic: topic,
    lines: ['limits: { checkpoint_records: 1000 }'],
  });
  try {
    // The first process migrates and makes the topics; the others find them.
    const services = [await fleet.start('worker')];
    services.push(...(await Promise.all([fleet.start('worker'), fleet.start('intake'), fleet.start('intake')])));
    const startedMs = performance.now();
    const replayed = fleet.run(['replay', file, '--kafka', topic, ...(keyed ? [] : ['--unkeyed'])]);
    if (kill) {
      const store = fleet.withStore;
      await store((opened) => untilAtLeast(() => visibleEvents(opened), Math.floor(events / 5)));
      await Promise.all([services[0]?.kill('SIGKILL'), services[2]?.kill('SIGKILL')]);
      await Promise.all([fleet.start('worker'), fleet.start('intake')]);
    }
    const { code, stderr } = await replayed;
    if (code !== 0) throw new Error(`replay ended with ${code}: ${stderr}`);
    return await fleet.withStore(async (opened) => {
      const visible = await untilEqual(() => visibleEvents(opened), events, DRAIN_MS_MAX);
      const seconds = (performance.now() - startedMs) / 1000;
      // Hits follow their events, and whatever comes twice follows everything.
      await sleep(3000);
      const contents = await readContents(opened);
      const { duplicates, doubled } = contents;
      return { visible, duplicates, doubled: doubled.length, seconds, contents, deadLetters: await letters(opened) };
    });
  } finally {
    await fleet.stop();
  }
}

/** The same file in one process, in the order of its lines. */
export async function throughEmbedded(file: string): Promise<FolderContents> {
  const folder = await temporaryFolder();
  try {
    const env = { PICKET_DATA_DIR: join(folder, 'data'), PICKET_SECRET_KEY: '11'.repeat(32) };
    const { code, stderr } = await runPicket(['replay', file], { env, cwd: folder });
    if (code !== 0) throw new Error(`replay ended with ${code}: ${stderr}`);
    return await contentsOf(join(folder, 'data'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function untilAtLeast(ask: () => Promise<number>, wanted: number): Promise<void> {
  await untilEqual(async () => (await ask()) >= wanted, true, DRAIN_MS_MAX);
}

async function visibleEvents(store: Store): Promise<number> {
  const [row] = await store.query<{ count: number }>('SELECT count() AS count FROM events');
  return Number(row?.count);
}

async function letters(store: Store): Promise<number> {
  const [row] = await store.query<{ count: number }>('SELECT count() AS count FROM dead_letters FINAL');
  return Number(row?.count);
}
