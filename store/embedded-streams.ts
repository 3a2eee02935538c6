import type { Session } from 'chdb';
import { StoreClosed, StoreUnavailable } from './store.ts';

/** Each stream holds a connection of its own; more at once are refused with StoreUnavailable. */
export const STREAMS_MAX = 8;

export interface EmbeddedStreams {
  stream(sql: string, params: Readonly<Record<string, unknown>> | undefined): AsyncGenerator<unknown[]>;
  /** Ends every open stream; its reader gets StoreClosed. */
  close(): void;
}

/**
 * Results block by block. The client's connection to the embedded engine holds a whole result in memory, so a stream takes a
 * session of its own, of which the engine allows many in one folder.
 */
export function createEmbeddedStreams(open: () => Promise<Session>): EmbeddedStreams {
  const sessions = new Set<Session>();
  let count = 0;
  let closed = false;

  function release(session: Session): void {
    sessions.delete(session);
    session.close();
  }

  async function* stream(
    sql: string,
    params: Readonly<Record<string, unknown>> | undefined,
  ): AsyncGenerator<unknown[]> {
    if (count >= STREAMS_MAX) throw new StoreUnavailable(`${STREAMS_MAX} results are being streamed already.`);
    count++;
    let session: Session | undefined;
    try {
      session = await open();
      sessions.add(session);
      if (closed) throw new StoreClosed('The store was closed while a result was being asked for.');
      const chunks = params === undefined ? session.queryStream(sql) : session.queryStreamBind(sql, params);
      for await (const chunk of chunks) yield chunk.rows();
      // The engine ends a cancelled stream as if it were complete: half a result must not pass for the whole.
      if (closed) throw new StoreClosed('The store was closed while a result was being streamed.');
    } finally {
      count--;
      if (session !== undefined) release(session);
    }
  }

  return {
    stream,
    close() {
      closed = true;
      for (const session of sessions) session.close();
    },
  };
}
