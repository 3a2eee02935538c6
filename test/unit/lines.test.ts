/** Goal: lines come out whole, numbered and named for good, however the bytes arrive; long ones without filling the memory. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type RawLine, readLines } from '../../ingest/lines.ts';

async function linesOf(bytes: Buffer, chunkBytes: number): Promise<RawLine[]> {
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  );
  const lines: RawLine[] = [];
  for await (const line of readLines('-', Readable.from(chunks))) lines.push(line);
  return lines;
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
const TEXT = '{"a":1}\n\n  \r\n{"ü":2}\r\nlast';
const EXPECTED = [
  { text: '{"a":1}', number: 1, offset: 0, cut: false, prefixDigest: digest('{"a":1}') },
  { text: '{"ü":2}\r', number: 4, offset: 13, cut: false, prefixDigest: digest('{"a":1}\n\n  \r\n{"ü":2}\r') },
  { text: 'last', number: 5, offset: 23, cut: false, prefixDigest: digest(TEXT) },
];
const readable = ({ line, ...rest }: RawLine) => ({ text: line.toString(), ...rest });

describe.each([1, 2, 7, 1000])('in chunks of %i bytes', (chunkBytes) => {
  it('plain', async () => expect((await linesOf(Buffer.from(TEXT), chunkBytes)).map(readable)).toEqual(EXPECTED));
  it('gzip', async () => expect((await linesOf(gzipSync(TEXT), chunkBytes)).map(readable)).toEqual(EXPECTED));
});

it('yields nothing for nothing', async () => {
  expect(await linesOf(Buffer.alloc(0), 1)).toEqual([]);
  expect(await linesOf(gzipSync(''), 100)).toEqual([]);
});

it('keeps the digests of a file that grew', async () => {
  const before = await linesOf(Buffer.from(TEXT), 1000);
  const after = await linesOf(Buffer.from(`${TEXT}\n{"more":1}\n`), 1000);
  expect(after.slice(0, 3)).toEqual(before);
  expect(after).toHaveLength(4);
});

it('cuts a line that is too large, and goes on behind it', async () => {
  const long = 'x'.repeat(3 * 1024 * 1024);
  const lines = await linesOf(Buffer.from(`a\n${long}\nb`), 65_536);
  expect(lines.map(({ line, cut, number, offset }) => [line.length, cut, number, offset])).toEqual([
    [1, false, 1, 0],
    [1024 * 1024 + 1, true, 2, 2],
    [1, false, 3, 3 + long.length],
  ]);
  expect(lines[2]?.prefixDigest).toBe(digest(`a\n${long}\nb`));
});

it('yields the lines before a fault, then the fault', async () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `{"n":${(index * 7919) % 104_729}}`).join('\n');
  const zipped = gzipSync(text);
  const seen: number[] = [];
  const reading = (async () => {
    for await (const line of readLines('-', Readable.from([zipped.subarray(0, zipped.length - 100)])))
      seen.push(line.number);
  })();
  await expect(reading).rejects.toMatchObject({ code: 'Z_BUF_ERROR' });
  expect(seen.length).toBeGreaterThan(1000);
});

it('lets the reader stop early', async () => {
  const source = Readable.from([Buffer.from('a\nb\nc')]);
  for await (const line of readLines('-', source)) if (line.number === 1) break;
  expect(source.destroyed).toBe(true);
});

it('says which file is missing', async () => {
  const reading = readLines('/nowhere/at/all.jsonl').next();
  await expect(reading).rejects.toMatchObject({ code: 'ENOENT', path: '/nowhere/at/all.jsonl' });
});
