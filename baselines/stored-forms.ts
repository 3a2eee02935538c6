import { DistinctNames } from './distinct-names.ts';
import { KeptResults } from './kept-results.ts';
import { KeptValues } from './kept-values.ts';
import { TokenSet } from './statistics/token-set.ts';
import { WaitingEvents } from './waiting-events.ts';

/** What is compact in memory is stored as plain lists and sets: a form that is read for ever must not hang on how memory is laid out. */
type AsList = readonly unknown[] | WaitingEvents | KeptResults | KeptValues;
type AsSet = ReadonlySet<unknown> | TokenSet | DistinctNames;

export const isStoredAsList = (value: object): value is AsList =>
  Array.isArray(value) || value instanceof WaitingEvents || value instanceof KeptResults || value instanceof KeptValues;

export const isStoredAsSet = (value: object): value is AsSet =>
  value instanceof Set || value instanceof TokenSet || value instanceof DistinctNames;
