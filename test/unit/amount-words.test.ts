/** Goal: amounts in sentences are read as people write them. */
import { expect, it } from 'vitest';
import { countWords, grouped } from '../../detectors/amount-words.ts';

it.each([
  [0, '0'],
  [999, '999'],
  [1000, '1,000'],
  [99_000_000_000, '99,000,000,000'],
  [-1234, '-1,234'],
  [1234.5678, '1,234.5678'],
  [0.00012, '0.00012'],
  [1e21, '1e+21'],
])('%d is %s', (amount, text) => expect(grouped(amount)).toBe(text));

it.each([
  [1, 'rows read in this hour', '1 row read in this hour'],
  [2, 'rows read in this hour', '2 rows read in this hour'],
  [0, 'rows', '0 rows'],
  [1, 'bytes sent', '1 byte sent'],
  [12_000, 'bytes sent', '12,000 bytes sent'],
  [1, 'distinct resources in this session', '1 distinct resource in this session'],
  [1, 'rows of "rows", which holds 1', '1 row of "rows", which holds 1'],
  [1, 'sends, writes and other acts', '1 sends, writes and other acts'],
  [1, 'micro-USD', '1 micro-USD'],
])('%d with %s', (amount, unit, text) => expect(countWords(amount, unit)).toBe(text));
