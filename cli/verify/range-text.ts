import { InvalidArgumentError } from 'commander';
import type { RangeWish } from '../../api/schemas/verify.ts';
import { timeOf } from '../time-option.ts';

/** `FROM..TO`: two positions, both included, or two times, of which the second is not; either may be left out. */
export function parseRange(text: string): RangeWish {
  const cut = text.indexOf('..');
  if (cut < 0)
    throw new InvalidArgumentError('Write FROM..TO, such as 0..5000 or 2026-03-01T00:00:00Z..2026-03-02T00:00:00Z.');
  const [from, to] = [text.slice(0, cut).trim(), text.slice(cut + 2).trim()];
  const isPosition = (end: string) => /^\d{1,15}$/.test(end);
  if ([from, to].every((end) => end === '' || isPosition(end))) {
    if (from !== '' && to !== '' && Number(from) > Number(to))
      throw new InvalidArgumentError('The first position comes after the last.');
    return { ...(from === '' ? {} : { from: Number(from) }), ...(to === '' ? {} : { to: Number(to) }) };
  }
  if (isPosition(from) || isPosition(to)) throw new InvalidArgumentError('Both ends are positions, or both are times.');
  const sinceMs = from === '' ? undefined : timeOf(from);
  const untilMs = to === '' ? undefined : timeOf(to);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs)
    throw new InvalidArgumentError('The first time comes after the second.');
  return { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) };
}
