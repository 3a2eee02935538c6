import { InvalidArgumentError } from 'commander';

/** RFC 3339 to epoch ms, for options that take a time. */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('A time looks like 2026-02-04T00:00:00Z.');
  return time;
}
