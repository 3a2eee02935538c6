/** All kinds of simulated agents. A fleet takes them in turn, so every prefix of a fleet is mixed. */
import type { AgentKind } from './agent-kind.ts';
import { analyst } from './kinds/analyst.ts';
import { billing } from './kinds/billing.ts';
import { coder } from './kinds/coder.ts';
import { nightlySync } from './kinds/nightly-sync.ts';
import { peopleAssistant } from './kinds/people-assistant.ts';
import { salesOutreach } from './kinds/sales-outreach.ts';
import { supportDesk } from './kinds/support-desk.ts';

export const AGENT_KINDS = {
  'support-desk': supportDesk,
  billing,
  analyst,
  'people-assistant': peopleAssistant,
  coder,
  'sales-outreach': salesOutreach,
  'nightly-sync': nightlySync,
} as const satisfies Record<string, AgentKind>;

export type AgentKindName = keyof typeof AGENT_KINDS;

export const AGENT_KIND_NAMES = Object.keys(AGENT_KINDS) as readonly AgentKindName[];
