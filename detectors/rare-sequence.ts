import { acquaintance } from '../baselines/familiarity.ts';
import { movesDataOut } from '../baselines/learned-event.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { ActionType, AuditEvent, Resource } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type ActEvidence, chanceOfWeight, namingOf, strangePlace } from './act-evidence.ts';
import {
  type ActHabits,
  amountChance,
  decodeHabits,
  emptyHabits,
  encodeHabits,
  learnActs,
  type Naming,
  noteAct,
  type Role,
  STRANGE,
  shareOf,
  UNNAMED,
} from './act-habits.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, softlyVoiced, type View } from './detector.ts';
import { SENSITIVE_FACTOR } from './flow-odds.ts';
import { TAGS } from './tags.ts';
import { askingResult, askingWords } from './who-asked.ts';

/**
 * Fires on an act that the user's request does not explain: a tool that changes something, called although neither the words of the request
 * nor what requests like it led to before speak of it; more so when a result that was read speaks of it around the values it was called with.
 *
 * Model: the likelihood ratio of `act-evidence.ts`. Acts that take data to a place the user did not name are `exfiltration`'s to judge. Silent
 * where the session carries no words of the user.
 */
export const rareSequence: Detector<ActHabits> = {
  name: 'rare-sequence',
  tags: TAGS['rare-sequence'],
  budgetShare: { told: 0.15, untold: 0.01, shaped: 0.01 },
  init: emptyHabits,
  score(event, view, own) {
    const { act } = view;
    if (act === undefined || (movesDataOut(event) && strangePlace(act) !== undefined)) return undefined;
    const weight = act.weight + unaskedWeight(event, act, view, own);
    const p = softlyVoiced(chanceOfWeight(weight), view);
    return p >= 1 ? undefined : findingOf(event, act, p);
  },
  learn: () => {},
  observe(event, { state, session }, own) {
    const naming = namingOf(event, { state, session });
    if (naming === undefined) return;
    noteAct(own, { tool: event.action.name, naming, rows: event.data?.rows ?? 0 }, session, state);
  },
  learnSession: (session, own, { halfLifeMs }) => learnActs(own, session, halfLifeMs),
  encode: encodeHabits,
  decode: decodeHabits,
  // 64 open sessions with a name of 256 characters and 16 tools of 160, each six bytes at worst (`\u0001`); and 64 tools with four numbers.
  maxBytes: 1200 * 1024,
  canary: { history: serviceDesk.history, probe: serviceDesk.told('probe', 'delete_archive', 'archive-2019') },
};

/** What habits say of an act that the request does not explain: a log-likelihood ratio of at most this much each. */
const HABIT_MAX = 3;
/** In this share of attacks an act is given a value that nobody named. */
const UNNAMED_ATTACKS = 0.5;

/**
 * What else speaks against an act, as far as the request does not explain it: that it was given a value which nobody named, where this tool
 * is usually given ones that somebody did; that the session's acts touch more than they usually do; that it touches sensitive things new to the
 * agent.
 */
function unaskedWeight(event: AuditEvent, act: ActEvidence, view: View, own: ActHabits): number {
  const unasked = 1 - Math.max(act.explained.words, act.explained.requests);
  const at = { timeMs: view.timeMs, halfLifeMs: view.settings.halfLifeMs };
  const naming = namingOf(event, view) ?? {};
  const odd = (Object.entries(naming) as [Role, Naming][]).map(([role, how]) =>
    Math.max(
      how >= UNNAMED ? logRatio(shareOf(own, event.action.name, role, 'unnamed', at)) : 0,
      how >= STRANGE ? logRatio(shareOf(own, event.action.name, role, 'strange', at)) : 0,
    ),
  );
  const sensitive = (event.resources ?? []).map((one) => newSensitive(one, view));
  const amount = amountChance(own, event.data?.rows ?? 0, view.session, at);
  return unasked * (Math.max(0, ...odd) + Math.max(0, ...sensitive) + logEvidence(amount));
}

const logRatio = (share: number): number => Math.min(HABIT_MAX, Math.max(0, Math.log(UNNAMED_ATTACKS / share)));

/** Of a p as evidence: 0.5 / sqrt(p) is 1 on average. Source: Vovk, Wang, "E-values: calibration, combination and applications", 2021. */
const logEvidence = (p: number): number => Math.min(HABIT_MAX, Math.max(0, Math.log(0.5 / Math.sqrt(p))));

/** As a send after sensitive reads weighs (`flow-odds.ts`). */
function newSensitive({ name, classification }: Resource, { baseline }: View): number {
  const factor = SENSITIVE_FACTOR[classification ?? 'public'] ?? 1;
  return factor < 1 && acquaintance(baseline.familiar.resources, name) === 'new' ? -Math.log(factor) : 0;
}

const findingOf = (event: AuditEvent, act: ActEvidence, p: number): Finding => ({
  subject: event.action.name,
  p,
  level: 'prior',
  severity: SEVERITIES[event.action.type] ?? 3,
  explain: () => explain(event, act),
});

/** What it takes to undo the act. */
const SEVERITIES: Partial<Record<ActionType, Severity>> = { execute: 4, delegate: 4, auth: 4, policy: 4 };

function explain(event: AuditEvent, act: ActEvidence): Explanation {
  const { explained } = act;
  const asking = askingResult(act);
  const result = asking === undefined ? [] : [link(asking.source.event, 'result that speaks of the act')];
  return {
    title:
      asking === undefined ? 'Act that the request does not explain' : 'Act that a tool result asked for, not the user',
    why: `${quote(event.action.name)} was called${valueWords(act)}.${askingWords(event, act)}`,
    measure: 'how well the request explains the act, 0 to 1',
    observed: round(Math.max(explained.words, explained.requests)),
    expected: 'spoken of in the request, or usual after such requests',
    bound: round(act.weight),
    chain: [...result, link(event.id, 'the act')],
  };
}

function valueWords({ strange }: ActEvidence): string {
  // An argument that is an address is strange as both.
  const values = new Set(strange.filter(({ named }) => named !== 'context').map(({ text }) => quote(text)));
  return values.size === 0 ? '' : ` with ${[...values].slice(0, 3).join(', ')}, which the user did not name`;
}

const round = (x: number): number => Number(x.toPrecision(2));
