import type { Store } from '../../store/store.ts';

/** A store that refuses to change anything, whoever is given it. */
export const readOnly = (store: Store): Store => ({
  ...store,
  insert: (table) =>
    Promise.reject(new Error(`A backtest changes nothing, and something wanted to write to ${table}.`)),
  command: () => Promise.reject(new Error('A backtest changes nothing, and something wanted to give a command.')),
});
