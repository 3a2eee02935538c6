/** What happened in a simulation, line by line, and one digest of all of it: two runs are the same when their digests are. */
import { createHash } from 'node:crypto';

export interface History {
  note(line: string): void;
  digest(): string;
  /** The newest lines, or all of them when they were to be kept. */
  lines(): readonly string[];
}

const LINES_KEPT = 400;

export function createHistory(now: () => number, keepAll: boolean): History {
  const hash = createHash('sha256');
  let lines: string[] = [];
  return {
    note(text) {
      const line = `${now()} ${text}`;
      hash.update(`${line}\n`);
      lines.push(line);
      if (!keepAll && lines.length >= 2 * LINES_KEPT) lines = lines.slice(-LINES_KEPT);
    },
    digest: () => hash.copy().digest('hex'),
    lines: () => lines,
  };
}

/** Short name of a text. */
export const shortHash = (text: string): string => createHash('sha1').update(text).digest('hex').slice(0, 10);
