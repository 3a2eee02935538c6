/** Stored states of every format there ever was: files in `test/fixtures`, made by a build of that time, and never changed. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

export interface StateFixture {
  readonly format: number;
  /** As they stood in the column `state`. */
  readonly states: readonly string[];
}

/** A file is named after its format and holds a state a line. Another format is another file; nothing else has to be added. */
export const stateFixtures = (): StateFixture[] =>
  readdirSync(FIXTURES)
    .flatMap((name) => {
      const format = /^state-format-(\d+)\.jsonl\.gz$/.exec(name)?.[1];
      if (format === undefined) return [];
      const lines = gunzipSync(readFileSync(`${FIXTURES}${name}`))
        .toString()
        .split('\n');
      return [{ format: Number(format), states: lines.filter((line) => line !== '') }];
    })
    .sort((a, b) => a.format - b.format);
