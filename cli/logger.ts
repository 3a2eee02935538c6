import pino, { type Logger } from 'pino';
import { visible } from '../ingest/untrusted-text.ts';

interface Lines {
  write(line: string): void;
}

/**
 * Where lines of a log go. JSON leaves 8-bit controls, and what turns text around, as they are; the path of a request or a broken record may
 * hold them, and a terminal would act on them.
 */
export function logLines(destination: { write(line: string): unknown }): Lines {
  return { write: (line) => void destination.write(visible(line)) };
}

/** Logs go to standard error: standard output belongs to what a command prints. */
export const createLogger = (level: string): Logger => pino({ level }, logLines(pino.destination(2)));

/** Of the API, which writes a line for each request. */
export const requestLines = (): Lines => logLines(pino.destination(1));
