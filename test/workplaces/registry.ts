/** All workplaces. A new one is a file in `places/` and a line in one of the three lists. */
import type { Workplace } from './place.ts';
import { accountsPayable } from './places/accounts-payable.ts';
import { claimsDesk } from './places/claims-desk.ts';
import { clinicDesk } from './places/clinic-desk.ts';
import { dataAnalyst } from './places/data-analyst.ts';
import { dispatch } from './places/dispatch.ts';
import { homeOfficeAssistant } from './places/home-office-assistant.ts';
import { itHelpdesk } from './places/it-helpdesk.ts';
import { lawOffice } from './places/law-office.ts';
import { newsroom } from './places/newsroom.ts';
import { onCall } from './places/on-call.ts';
import { property } from './places/property.ts';
import { recruiting } from './places/recruiting.ts';
import { researchData } from './places/research-data.ts';
import { salesCrm } from './places/sales-crm.ts';
import { shopSupport } from './places/shop-support.ts';
import { softwareTeam } from './places/software-team.ts';

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

/** Made only when named, so that what a seed draws by default stays as it was. */
export const NAMED_WORKPLACES: readonly Workplace[] = [claimsDesk, newsroom, researchData, softwareTeam];

/** Written blind: whoever wrote them had read no detector. Made only when named. */
export const LATEST_WORKPLACES: readonly Workplace[] = [dataAnalyst, homeOfficeAssistant, itHelpdesk, salesCrm];
