/** The table of docs/performance.md, generated from the JSON of `npm run bench`: nobody types a figure. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ask, Row } from './measurement.ts';

export interface BenchReport {
  readonly started: string;
  readonly commit?: string;
  readonly seconds: number;
  readonly quick: boolean;
  readonly node: string;
  readonly machine: { readonly cores: number; readonly cpu: string };
  readonly rows: readonly (Row & { readonly measurement: string })[];
  readonly failed: readonly { readonly measurement: string; readonly reason: string }[];
}

const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/** Replaces what stands between the two marks. The working folder is that of the repository. */
export function writeTable(report: BenchReport): void {
  const path = join(process.cwd(), 'docs', 'performance.md');
  const page = readFileSync(path, 'utf8');
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`${path} lacks the marks ${BEGIN} and ${END}.`);
  writeFileSync(path, `${page.slice(0, begin + BEGIN.length)}\n\n${tableOf(report)}\n${page.slice(end)}`);
}

export function tableOf(report: BenchReport): string {
  const { started, commit, seconds, quick, node, machine } = report;
  const of = commit === undefined ? '' : ` of ${commit}`;
  const where = `${machine.cores} cores (${machine.cpu}), Node ${node}`;
  const size = quick ? 'A quick run: to look at, not to quote.' : 'A full run.';
  const lines = report.rows.map((one) =>
    [
      one.what,
      askOf(one.ask),
      figure(one.median),
      `${figure(one.min)} to ${figure(one.max)}`,
      one.unit,
      one.pairs,
      met(one),
    ].join(' | '),
  );
  const notes = report.rows.flatMap(({ what, note }) => (note === undefined ? [] : [`- ${what}: ${note}`]));
  const failures = report.failed.map(({ measurement, reason }) => `- Not measured: ${measurement}, ${reason}.`);
  return [
    `Measured${of} on ${started.slice(0, 10)} in ${seconds} s: ${where}. ${size}`,
    '',
    '| what | ask | median | spread | unit | pairs | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines.map((line) => `| ${line} |`),
    '',
    ...notes,
    ...failures,
    '',
  ].join('\n');
}

const figure = (value: number | null): string =>
  value === null ? '-' : value.toLocaleString('en', { maximumSignificantDigits: 3 });

function askOf(ask: Ask | undefined): string {
  if (ask === undefined) return '';
  return 'atLeast' in ask ? `>= ${figure(ask.atLeast)}` : `<= ${figure(ask.atMost)}`;
}

const met = ({ met: isMet }: Row): string => (isMet === undefined ? '' : isMet ? 'met' : '**missed**');
