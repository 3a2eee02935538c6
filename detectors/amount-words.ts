/** Numbers as sentences have them. */

/** Digits of whole thousands in groups of three, `99,000,000,000`, so that people see how large it is. */
export function grouped(amount: number): string {
  const [whole = '', ...fraction] = String(amount).split('.');
  if (!/^-?\d+$/.test(whole)) return String(amount);
  return [whole.replace(/\B(?=(?:\d{3})+$)/g, ','), ...fraction].join('.');
}

/** What is counted stands first in a unit: `rows read in this hour`, `distinct resources`. A list (`sends, writes and other acts`) has no singular. */
const LIST = /^\w+, /;
const COUNTED = /\b(day|event|row|byte|token|tool|endpoint|resource|destination|session|call|act|read|thing|minute)s\b/;

/** `1 row read`, `2,000 rows read`. */
export const countWords = (amount: number, unit: string): string =>
  `${grouped(amount)} ${amount === 1 && !LIST.test(unit) ? unit.replace(COUNTED, '$1') : unit}`;
