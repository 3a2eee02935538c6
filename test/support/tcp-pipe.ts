import type { Socket } from 'node:net';

/** How much one direction of a connection may hold back; then its sender has to wait. */
const HELD_BYTES_MAX = 1024 * 1024;

/** What happens to traffic now; shared by all pipes of a proxy. */
export interface Traffic {
  paused: boolean;
  delayMs: number;
}

export interface Pipe {
  /** Delivers what is due. To be called when traffic is no longer paused. */
  flush(): void;
}

interface Held {
  readonly size: number;
  readonly dueAt: number;
  readonly deliver: () => void;
}

/**
 * One direction of a proxied connection: bytes, the end and the reset of `from` reach `to` in order, when traffic lets them.
 *
 * @param passes Told of all bytes when they are due; false drops them.
 */
export function createPipe(from: Socket, to: Socket, traffic: Traffic, passes: (bytes: Buffer) => boolean): Pipe {
  const held: Held[] = [];
  let heldBytes = 0;
  let timer: NodeJS.Timeout | undefined;

  const hold = (size: number, deliver: () => void) => {
    held.push({ size, deliver, dueAt: Date.now() + traffic.delayMs });
    heldBytes += size;
    if (heldBytes > HELD_BYTES_MAX) from.pause();
    flush();
  };
  const flush = () => {
    clearTimeout(timer);
    while (!traffic.paused && held[0] !== undefined && held[0].dueAt <= Date.now()) {
      const { size, deliver } = held[0];
      held.shift();
      heldBytes -= size;
      deliver();
    }
    if (!traffic.paused && held[0] !== undefined) timer = setTimeout(flush, held[0].dueAt - Date.now());
    if (heldBytes <= HELD_BYTES_MAX && !to.writableNeedDrain) from.resume();
  };

  from.on('data', (bytes: Buffer) =>
    hold(bytes.length, () => {
      if (passes(bytes) && to.writable && !to.write(bytes)) from.pause();
    }),
  );
  from.on('end', () => hold(0, () => to.end()));
  // `close` follows, and tells of the error.
  from.on('error', () => {});
  from.on('close', (hadError) => hold(0, () => hadError && to.resetAndDestroy()));
  to.on('drain', flush);
  to.on('close', () => clearTimeout(timer));
  return { flush };
}
