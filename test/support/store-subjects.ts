import { rm } from 'node:fs/promises';
import { openEmbedded, openServer } from '../../store/connection.ts';
import type { Store } from '../../store/store.ts';
import { temporaryFolder } from './embedded-store.ts';
import { type FrontProcess, spawnFront } from './front-process.ts';

/** A way of running ClickHouse, for tests that must hold for all of them. */
export interface StoreSubject {
  readonly name: string;
  readonly engine: Store['engine'];
  start(): Promise<void>;
  /** A store on a database of this name, new or not. Several may be open at once. */
  open(database: string): Promise<Store>;
  stop(): Promise<void>;
}

/** The engine in this process. Not together with another folder in the same process. */
export function embeddedSubject(): StoreSubject {
  let path = '';
  return {
    name: 'the embedded engine',
    engine: 'embedded',
    start: async () => {
      path = await temporaryFolder();
    },
    open: (database) => openEmbedded({ path, database }),
    stop: () => rm(path, { recursive: true, force: true }),
  };
}

export interface FrontSubject extends StoreSubject {
  front(): FrontProcess;
}

/** The same engine in another process, over HTTP. */
export function frontSubject(options: { readonly requestTimeoutMs: number }): FrontSubject {
  let path = '';
  let front: FrontProcess | undefined;
  const running = () => {
    if (front === undefined) throw new Error('The front has not been started.');
    return front;
  };
  return {
    name: 'HTTP',
    engine: 'server',
    front: running,
    start: async () => {
      path = await temporaryFolder();
      front = await spawnFront({ path });
    },
    open: (database) => openServer({ url: running().url, database, ...options }),
    stop: async () => {
      await running().stop();
      await rm(path, { recursive: true, force: true });
    },
  };
}
