import pino, { type Logger } from 'pino';

/** Logs go to standard error: standard output belongs to what a command prints. */
export const createLogger = (level: string): Logger => pino({ level }, pino.destination(2));
