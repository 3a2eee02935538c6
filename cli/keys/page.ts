/** Keys as a terminal shows them. A server may be somebody else's: what it says is cleaned on the way in. */
import type { KeyBody } from '../../api/schemas/key.ts';
import { cleaned } from '../cleaned.ts';
import { table } from '../table.ts';

export const keyList = (keys: readonly KeyBody[]): string =>
  table(['key', 'name', 'scopes', 'created', 'expires', 'state'], cleaned(keys).map(rowOf));

const rowOf = ({ id, name, scopes, created, expires, state }: KeyBody): string[] => [
  id,
  name,
  scopes.join(','),
  created.slice(0, 10),
  expires === undefined ? 'never' : expires.slice(0, 10),
  state,
];
