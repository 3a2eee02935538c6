import type { FamiliarKind } from '../baselines/baseline.ts';
import { valueAt } from '../baselines/statistics/decay.ts';
import { familiarity } from '../baselines/statistics/familiar-set.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { AuditEvent, Classification } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, noSlot, type View, voiced } from './detector.ts';

/**
 * Prior for the share of sessions in which an agent meets a new thing of this sort: a beta distribution worth 20 sessions with this
 * mean. Experience, not measurement: see the docs.
 */
const PRIOR_P = { endpoint: 2e-3, tool: 2e-3, resource: 0.2, confidential: 0.03, restricted: 0.01 } as const;
const PRIOR_SESSIONS = 20;
/** A thing that fell out of memory was known once. */
const FORGOTTEN_FACTOR = 20;
/** Every further new endpoint in one session makes it this much rarer: strangers come in groups, so less than a full factor p. */
const FURTHER_FACTOR = 0.2;
/** A release brings new tools. */
const CHANGE_FACTOR = 20;

interface Novelty {
  readonly what: keyof typeof PRIOR_P;
  readonly kind: FamiliarKind;
  readonly value: string;
  readonly forgotten: boolean;
  readonly p: number;
}

/**
 * Fires on an endpoint, tool or sensitive resource that the agent has not used before.
 *
 * Model: beta-binomial rate of discoveries per session, p = (20 * prior + discoveries) / (20 + sessions), both decayed: an agent that
 * keeps meeting new things surprises nobody with another. Says little while an agent is young, and within a day of a release.
 * Resources share one rate; a sensitive one starts from a lower prior.
 */
export const novelEndpoint: Detector<null> = {
  name: 'novel-endpoint',
  tags: ['AML.T0053', 'ASI02', 'T1078'],
  ...noSlot,
  score(event, view) {
    const rarest = novelties(event, view).sort((a, b) => a.p - b.p)[0];
    return rarest === undefined ? undefined : findingOf(event, view, rarest);
  },
  canary: {
    history: serviceDesk.history,
    probe: serviceDesk.session('probe', { endpoint: 'payroll.export', name: 'export_payroll', type: 'tool_call' }),
  },
};

function novelties(event: AuditEvent, view: View): Novelty[] {
  const found: Novelty[] = [];
  const look = (what: Novelty['what'], kind: FamiliarKind, value: string) => {
    const known = familiarity(view.baseline.familiar[kind], value);
    if (known === 'known') return;
    const forgotten = known === 'forgotten';
    const factor = (forgotten ? FORGOTTEN_FACTOR : 1) * (view.changed ? CHANGE_FACTOR : 1);
    const further = kind === 'endpoints' ? FURTHER_FACTOR ** newEndpointsBefore(view, value) : 1;
    found.push({ what, kind, value, forgotten, p: voiced(discoveryRate(view, what, kind) * factor * further, view) });
  };
  look('endpoint', 'endpoints', event.endpoint);
  if (event.action.name !== event.endpoint) look('tool', 'tools', event.action.name);
  for (const { name, classification } of event.resources ?? []) look(sensitivity(classification), 'resources', name);
  return found;
}

/** Other new endpoints that the session has used before this event. */
function newEndpointsBefore({ session, baseline }: View, endpoint: string): number {
  const others = new Set(session?.pending.map((event) => event.endpoint));
  others.delete(endpoint);
  return [...others].filter((other) => familiarity(baseline.familiar.endpoints, other) === 'new').length;
}

function discoveryRate(view: View, what: Novelty['what'], kind: FamiliarKind): number {
  const discoveries = valueAt(view.baseline.familiar[kind].discoveries, view.timeMs, view.settings.halfLifeMs);
  return (PRIOR_SESSIONS * PRIOR_P[what] + discoveries) / (PRIOR_SESSIONS + view.sessions);
}

const sensitivity = (classification: Classification | undefined): 'resource' | 'confidential' | 'restricted' =>
  classification === 'confidential' || classification === 'restricted' ? classification : 'resource';

const TITLES: Record<Novelty['what'], string> = {
  endpoint: 'Agent used an endpoint for the first time',
  tool: 'Agent used a tool for the first time',
  resource: 'Agent touched a resource for the first time',
  confidential: 'Agent touched a confidential resource for the first time',
  restricted: 'Agent touched a restricted resource for the first time',
};

const SEVERITIES: Record<Novelty['what'], Severity> = {
  endpoint: 3,
  tool: 3,
  resource: 2,
  confidential: 3,
  restricted: 4,
};

const findingOf = (event: AuditEvent, view: View, novelty: Novelty): Finding => ({
  subject: novelty.value,
  p: novelty.p,
  level: 'agent',
  severity: SEVERITIES[novelty.what],
  explain: () => explain(event, view, novelty),
});

function explain(event: AuditEvent, view: View, { what, kind, value, forgotten }: Novelty): Explanation {
  const known = view.baseline.familiar[kind].items.size;
  const noun = what === 'endpoint' || what === 'tool' ? what : 'resource';
  const sessions = view.baseline.sessionsEver;
  const since = forgotten ? 'for the first time in a long while' : `for the first time in ${sessions} learned sessions`;
  const after = view.changed ? ' Its release changed within the last day.' : '';
  return {
    title: TITLES[what],
    why: `The agent used the ${noun} ${quote(value)} ${since}; it knows ${known} ${noun}s.${after}`,
    measure: `new ${noun}s in one session`,
    observed: quote(value),
    expected: `one of ${known} known ${noun}s`,
    bound: 'no new one',
    chain: [link(event.id, `first use of the ${noun}`)],
  };
}
