/** Recall and false alarms by class: what a detector does well, and where it does not. */

import { DAY_MS } from '../../baselines/periods.ts';
import type { Knowledge } from '../../baselines/verdict.ts';
import { groupBy } from './group-by.ts';
import { ACT_CLASSES, actClassOf, DELAY_CLASSES, delayClassOf, PACES, paceOf } from './pace.ts';
import type { SessionOutcome } from './session-outcome.ts';
import { alertedShare, type Share } from './share.ts';

export interface BreakdownRow {
  readonly name: string;
  /** Attacks that alerted. */
  readonly recall: Share;
  /** Benign sessions that alerted; absent where the class says nothing of benign sessions. */
  readonly benign?: Share;
}

export const BREAKDOWNS = ['category', 'knowledge', 'age', 'pace', 'acts', 'delay'] as const;
export type Breakdowns = Readonly<Record<(typeof BREAKDOWNS)[number], readonly BreakdownRow[]>>;

export interface BreakdownInput {
  readonly attacks: readonly SessionOutcome[];
  readonly benign: readonly SessionOutcome[];
  /** First event by agent, epoch ms. */
  readonly agentsFromMs: ReadonlyMap<string, number>;
  /** Times of the events that labels name, epoch ms. */
  readonly namedMs: ReadonlyMap<string, number>;
}

const KNOWLEDGE = ['cold', 'warming', 'ready', 'stale'] as const satisfies readonly Knowledge[];
const AGES = ['under 1 day', '1 to 7 days', '7 to 30 days', '30 days and more'] as const;

export function breakdownsOf({ attacks, benign, agentsFromMs, namedMs }: BreakdownInput): Breakdowns {
  const categoryOf = ({ label }: SessionOutcome) => label.category;
  const categories = [...new Set(attacks.map(categoryOf))].sort();
  const ageOf = (session: SessionOutcome) => ageClassOf(session, agentsFromMs);
  const knowledgeOf = ({ knowledge }: SessionOutcome) => knowledge;
  return {
    category: rowsOf(categories, categoryOf, attacks),
    knowledge: rowsOf(KNOWLEDGE, knowledgeOf, attacks, benign),
    age: rowsOf(AGES, ageOf, attacks, benign),
    pace: rowsOf(PACES, ({ label }) => paceOf(label, namedMs), attacks),
    acts: rowsOf(ACT_CLASSES, ({ label }) => actClassOf(label), attacks),
    delay: rowsOf(DELAY_CLASSES, ({ label }) => delayClassOf(label, namedMs), attacks),
  };
}

/** Classes without any session are left out. */
function rowsOf<Class extends string>(
  classes: readonly Class[],
  classOf: (session: SessionOutcome) => Class,
  attacks: readonly SessionOutcome[],
  benign?: readonly SessionOutcome[],
): BreakdownRow[] {
  const ofAttacks = groupBy(attacks, classOf);
  const ofBenign = groupBy(benign ?? [], classOf);
  return classes.flatMap((name) => {
    if (!ofAttacks.has(name) && !ofBenign.has(name)) return [];
    const recall = alertedShare(ofAttacks.get(name) ?? []);
    return [benign === undefined ? { name, recall } : { name, recall, benign: alertedShare(ofBenign.get(name) ?? []) }];
  });
}

/** Time between the agent's first event in the events file and the session; an agent that is not in it is new. */
export function ageClassOf(
  { agent, startMs }: Pick<SessionOutcome, 'agent' | 'startMs'>,
  agentsFromMs: ReadonlyMap<string, number>,
): (typeof AGES)[number] {
  const days = (startMs - (agentsFromMs.get(agent) ?? startMs)) / DAY_MS;
  if (days < 1) return 'under 1 day';
  if (days < 7) return '1 to 7 days';
  return days < 30 ? '7 to 30 days' : '30 days and more';
}
