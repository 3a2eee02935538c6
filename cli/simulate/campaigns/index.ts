/** All attacks of the second corpus. To add one: a file in this folder and an entry here. */
import { accessChange } from './access-change.ts';
import type { Campaign } from './campaign.ts';
import { credentialUse } from './credential-use.ts';
import { deniedProbing } from './denied-probing.ts';
import { forwardingRule } from './forwarding-rule.ts';
import { massDeletion } from './mass-deletion.ts';
import { memoryPoisoning } from './memory-poisoning.ts';
import { plantedDestination } from './planted-destination.ts';
import { restrictedSend } from './restricted-send.ts';
import { runawayLoop } from './runaway-loop.ts';
import { stagedFile } from './staged-file.ts';
import { strangeDelegate } from './strange-delegate.ts';
import { strangeService } from './strange-service.ts';
import { tableHarvest } from './table-harvest.ts';
import { trustedPhishing } from './trusted-phishing.ts';

export const CAMPAIGNS = {
  'strange-service': strangeService,
  'runaway-loop': runawayLoop,
  'table-harvest': tableHarvest,
  'restricted-send': restrictedSend,
  'planted-destination': plantedDestination,
  'mass-deletion': massDeletion,
  'access-change': accessChange,
  'forwarding-rule': forwardingRule,
  'credential-use': credentialUse,
  'strange-delegate': strangeDelegate,
  'denied-probing': deniedProbing,
  'staged-file': stagedFile,
  'trusted-phishing': trustedPhishing,
  'memory-poisoning': memoryPoisoning,
} as const satisfies Record<string, Campaign>;

export type CampaignName = keyof typeof CAMPAIGNS;
