import { isKnownTurn, READY_SESSIONS } from '../baselines/baseline.ts';
import { acquaintance, chanceOfNew } from '../baselines/familiarity.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import { noveltyOf } from '../baselines/statistics/transitions.ts';
import type { AuditEvent, Resource } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import type { ActEvidence } from './act-evidence.ts';
import { type ActHabits, amountChance, type Naming, type Role, STRANGE, shareOf, UNNAMED } from './act-habits.ts';
import type { View } from './detector.ts';
import { SENSITIVE_FACTOR } from './flow-odds.ts';
import { namingOf } from './naming.ts';

/** What speaks against an act as far as the request does not explain it, each as a log-likelihood ratio of 0 to 3. */
export interface UnaskedWeight {
  /** The sum, times the part of the act that the request leaves unexplained. */
  readonly weight: number;
  /** It was given a value that nobody named, where this tool usually gets ones that somebody did: `share` of its sessions have such a one. */
  readonly naming: { readonly weight: number; readonly share: number };
  /** It touches a sensitive thing that is new to the agent. */
  readonly sensitive: { readonly weight: number; readonly resource: Resource | undefined };
  /** The session's acts touch more, or are more, than they usually do: `chance` of that. */
  readonly amount: { readonly weight: number; readonly chance: number };
  /** The agent knows the tool and never used it after the one before. */
  readonly turn: { readonly weight: number; readonly after: string };
}

const WEIGHT_MAX = 3;
/** Order alone says less than what an act is given. */
const TURN_MAX = 1.5;
/** Who named its values is weighed with every act (`act-evidence.ts`): what is usual for the tool says half as much besides. */
const NAMING_PART = 0.5;
/** In this share of attacks an act is given a value that nobody named. */
const UNNAMED_ATTACKS = 0.5;
/** Share of sessions in which an agent makes a turn it never made, before anything is known, worth 20 sessions; experience. */
const TURN_P = 0.05;
const TURN_SESSIONS = 20;

export function weighUnasked(event: AuditEvent, act: ActEvidence, view: View, own: ActHabits): UnaskedWeight {
  const unasked = 1 - Math.max(act.explained.words, act.explained.requests);
  const naming = weighNaming(event, view, own);
  const sensitive = weighSensitive(event, view);
  const chance = amountChance(own, event.data?.rows ?? 0, view.session, atOf(view));
  const amount = { weight: logEvidence(chance), chance };
  const turn = weighTurn(event, view);
  const weight = unasked * (naming.weight + sensitive.weight + amount.weight + turn.weight);
  return { weight, naming, sensitive, amount, turn };
}

const atOf = ({ timeMs, settings }: View) => ({ timeMs, halfLifeMs: settings.halfLifeMs });

/** The role whose naming is oddest. */
function weighNaming(event: AuditEvent, view: View, own: ActHabits): UnaskedWeight['naming'] {
  let oddest = { weight: 0, share: 1 };
  for (const [role, how] of Object.entries(namingOf(event, view) ?? {}) as [Role, Naming][]) {
    for (const what of [
      ...(how >= UNNAMED ? (['unnamed'] as const) : []),
      ...(how >= STRANGE ? (['strange'] as const) : []),
    ]) {
      const share = shareOf(own, event.action.name, role, what, atOf(view));
      const weight = NAMING_PART * Math.min(WEIGHT_MAX, Math.max(0, Math.log(UNNAMED_ATTACKS / share)));
      if (weight > oddest.weight) oddest = { weight, share };
    }
  }
  return oddest;
}

/** As a send after sensitive reads weighs (`flow-odds.ts`). */
function weighSensitive(event: AuditEvent, { baseline }: View): UnaskedWeight['sensitive'] {
  let most: UnaskedWeight['sensitive'] = { weight: 0, resource: undefined };
  for (const resource of event.resources ?? []) {
    const weight = -Math.log(SENSITIVE_FACTOR[resource.classification ?? 'public'] ?? 1);
    if (weight > most.weight && acquaintance(baseline.familiar.resources, resource.name) === 'new')
      most = { weight, resource };
  }
  return most;
}

/** Nothing for a tool that is new itself, and while the agent is not known well: then every turn is new. */
function weighTurn(event: AuditEvent, { baseline, session, sessions, timeMs }: View): UnaskedWeight['turn'] {
  const tool = boundedKey(event.action.name);
  const after = session?.lastTool ?? '';
  const isJudged = baseline.sessionsEver >= READY_SESSIONS && acquaintance(baseline.familiar.tools, tool) === 'known';
  if (!isJudged || isKnownTurn(baseline, boundedKey(after), tool)) return { weight: 0, after };
  const turns = { novelty: noveltyOf(baseline.transitions) };
  const chance = chanceOfNew(turns, 1, timeMs, { sessions, prior: TURN_P, priorSessions: TURN_SESSIONS });
  return { weight: Math.min(TURN_MAX, logEvidence(chance)), after };
}

/**
 * What a p-value is worth as evidence: 0.5 / sqrt(p) is 1 on average where nothing is odd. Source: Vovk, Wang, "E-values: calibration,
 * combination and applications", Annals of Statistics 2021.
 */
const logEvidence = (p: number): number => Math.min(WEIGHT_MAX, Math.max(0, Math.log(0.5 / Math.sqrt(p))));

/** From this weight on it is worth saying. */
const TOLD_MIN = 0.5;

/** Sentences on it, each with a blank before it; empty where nothing is to be said. */
export function unaskedWords(event: AuditEvent, { naming, sensitive, amount, turn }: UnaskedWeight): string {
  const tool = quote(event.action.name);
  const sentences = [
    naming.weight >= TOLD_MIN
      ? `No text of the session names it; ${tool} is given such a value in ${percent(naming.share)} of its sessions.`
      : '',
    sensitive.weight >= TOLD_MIN && sensitive.resource !== undefined
      ? `It touches ${quote(sensitive.resource.name)} (${sensitive.resource.classification ?? 'unmarked'}) for the first time.`
      : '',
    amount.weight >= TOLD_MIN ? `Acts of a session come to so much in ${percent(amount.chance)} of its sessions.` : '',
    turn.weight >= TOLD_MIN
      ? `The agent never used ${tool} ${turn.after === '' ? 'first in a session' : `right after ${quote(turn.after)}`}.`
      : '',
  ];
  return sentences.map((sentence) => (sentence === '' ? '' : ` ${sentence}`)).join('');
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;
