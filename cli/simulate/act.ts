/** A tool, and one call of it as a task describes it. */
import type { ActionType, Destination, Resource, WireEvent } from '../../ingest/event.ts';

export interface Tool {
  readonly server: string;
  readonly name: string;
  readonly type: ActionType;
  readonly medianMs: number;
}

/** One call of a tool. Bytes default to the length of the texts. */
export interface Act {
  readonly tool: Tool;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly result: string;
  /** What was reached, when it is not `server.tool`. */
  readonly endpoint?: string;
  readonly rows?: number;
  readonly bytesReceived?: number;
  readonly bytesSent?: number;
  readonly resources?: readonly Resource[];
  readonly destinations?: readonly Destination[];
  readonly outcome?: 'success' | 'failure' | 'denied';
  readonly error?: string;
  readonly decision?: NonNullable<WireEvent['decision']>;
}
