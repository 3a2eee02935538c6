/** Honest changes of the second corpus only: fleets draw theirs from `index.ts`, and stay as they are. */
import type { Change } from './change.ts';
import { holiday } from './holiday.ts';
import { modelUpgrade } from './model-upgrade.ts';
import { newCustomer } from './new-customer.ts';
import { outage } from './outage.ts';
import { siteMove } from './site-move.ts';

export const FURTHER_CHANGES = {
  'model-upgrade': modelUpgrade,
  'site-move': siteMove,
  holiday,
  'new-customer': newCustomer,
  outage,
} as const satisfies Record<string, Change>;
