/** Goal: a file on disk reads the same plain and compressed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RawLine, readLines } from '../../ingest/lines.ts';

const TEXT = Array.from({ length: 5000 }, (_, index) => JSON.stringify({ n: index, pad: 'ü'.repeat(index % 50) })).join(
  '\n',
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'picket-lines-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function linesOf(name: string, bytes: string | Buffer): Promise<RawLine[]> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const lines: RawLine[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

it('gives the same lines, positions and digests', async () => {
  const plain = await linesOf('events.jsonl', TEXT);
  expect(plain.map(({ line }) => line.toString()).join('\n')).toBe(TEXT);
  expect(await linesOf('events.jsonl.gz', gzipSync(TEXT))).toEqual(plain);
});
