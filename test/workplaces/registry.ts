/** All workplaces. A new one is a file in `places/` and a line here. */
import type { Workplace } from './place.ts';
import { accountsPayable } from './places/accounts-payable.ts';
import { clinicDesk } from './places/clinic-desk.ts';
import { dispatch } from './places/dispatch.ts';
import { lawOffice } from './places/law-office.ts';
import { onCall } from './places/on-call.ts';
import { property } from './places/property.ts';
import { recruiting } from './places/recruiting.ts';
import { shopSupport } from './places/shop-support.ts';

export const WORKPLACES: readonly Workplace[] = [
  accountsPayable,
  clinicDesk,
  dispatch,
  lawOffice,
  onCall,
  property,
  recruiting,
  shopSupport,
];
