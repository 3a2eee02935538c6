import { isAct, movesDataOut } from '../baselines/learned-event.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { ActionType, AuditEvent } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type ActEvidence, chanceOfWeight, strangePlace } from './act-evidence.ts';
import {
  type ActHabits,
  decodeHabits,
  emptyHabits,
  encodeHabits,
  learnActs,
  noteAct,
  sessionsWith,
} from './act-habits.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, softlyVoiced } from './detector.ts';
import { resemblanceWords } from './lookalike.ts';
import { namingOf } from './naming.ts';
import { TAGS } from './tags.ts';
import { type UnaskedWeight, unaskedWords, weighUnasked } from './unasked-weight.ts';
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
  doubted: (event) => (isAct(event) && event.action.phase === 'completed' ? [event.action.name] : []),
  tailsBySubject: true,
  wayOf: (tool, { timeMs, settings: { halfLifeMs }, prior }, own) => ({
    learned: sessionsWith(own, tool, { timeMs, halfLifeMs }),
    peers: prior?.users('tools', boundedKey(tool)) ?? 0,
  }),
  init: emptyHabits,
  score(event, view, own) {
    const { act } = view;
    if (act === undefined || (movesDataOut(event) && strangePlace(act) !== undefined)) return undefined;
    const unasked = weighUnasked(event, act, view, own);
    const p = softlyVoiced(chanceOfWeight(act.weight + unasked.weight), view);
    return p >= 1 ? undefined : findingOf(event, act, unasked, p);
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
  // 64 open sessions with a name of 256 characters, each six bytes at worst (`\u0001`), and 16 tools; 64 tools with six numbers; two amounts.
  maxBytes: 160 * 1024,
  canary: { history: serviceDesk.history, probe: serviceDesk.told('probe', 'delete_archive', 'archive-2019') },
};

const findingOf = (event: AuditEvent, act: ActEvidence, unasked: UnaskedWeight, p: number): Finding => ({
  subject: event.action.name,
  p,
  level: 'prior',
  severity: severityOf(event, unasked),
  explain: () => explain(event, act, unasked),
});

/** What it takes to undo the act. */
const SEVERITIES: Partial<Record<ActionType, Severity>> = { execute: 4, delegate: 4, auth: 4, policy: 4 };

/** One more where it hits much, or something sensitive. */
function severityOf({ action }: AuditEvent, { amount, sensitive }: UnaskedWeight): Severity {
  const base = SEVERITIES[action.type] ?? 3;
  return amount.weight >= MUCH || sensitive.weight >= MUCH ? ((base + 1) as Severity) : base;
}

/** A ratio of e to 1. */
const MUCH = 1;

function explain(event: AuditEvent, act: ActEvidence, unasked: UnaskedWeight): Explanation {
  const { explained } = act;
  const asking = askingResult(act);
  const result = asking === undefined ? [] : [link(asking.source.event, 'result that speaks of the act')];
  return {
    title:
      asking === undefined ? 'Act that the request does not explain' : 'Act that a tool result asked for, not the user',
    why: `${quote(event.action.name)} was called${valueWords(act)}.${likenessWords(act)}${askingWords(event, act)}${unaskedWords(event, unasked)}`,
    measure: 'how well the request explains the act, 0 to 1',
    observed: round(Math.max(explained.words, explained.requests)),
    expected: 'spoken of in the request, or usual after such requests',
    bound: round(act.weight + unasked.weight),
    chain: [...result, link(event.id, 'the act')],
  };
}

function valueWords({ strange }: ActEvidence): string {
  // An argument that is an address is strange as both.
  const values = new Set(strange.filter(({ named }) => named !== 'context').map(({ text }) => quote(text)));
  return values.size === 0 ? '' : ` with ${[...values].slice(0, 3).join(', ')}, which the user did not name`;
}

function likenessWords({ strange }: ActEvidence): string {
  const alike = strange.find(({ resembled }) => resembled !== undefined);
  return alike === undefined ? '' : resemblanceWords(alike.text, alike.resembled);
}

const round = (x: number): number => Number(x.toPrecision(2));
