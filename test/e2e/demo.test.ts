/** Goal: the first thing a newcomer runs says what the README shows of it. Detection, models of kinds and what is told of both are in its figures. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { runPicket } from '../support/picket-process.ts';

/** Left out of the README, or other each time. */
const GAPS = /\[[^\]\n]*\]|\d[\d.]* s,|… s,/;

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

it('prints what the README shows of it', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const shown = /```\n(Seed 1:[\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const pieces = shown.split(GAPS).map(inOneLine);
  expect(pieces.length).toBeGreaterThan(4);
  const { code, stdout } = await runPicket(['demo']);
  expect(code).toBe(0);
  const printed = inOneLine(stdout);
  for (const piece of pieces) expect(printed).toContain(piece);
});
