import { movesDataOut } from '../baselines/learned-event.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { ActionType, AuditEvent } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { type ActEvidence, chanceOfWeight, strangePlace } from './act-evidence.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, noSlot, softlyVoiced } from './detector.ts';
import { TAGS } from './tags.ts';
import { askingResult, askingWords } from './who-asked.ts';

/**
 * Fires on an act that the user's request does not explain: a tool that changes something, called although neither the words of the request
 * nor what requests like it led to before speak of it; more so when a result that was read speaks of it around the values it was called with.
 *
 * Model: the likelihood ratio of `act-evidence.ts`. Acts that take data to a place the user did not name are `exfiltration`'s to judge. Silent
 * where the session carries no words of the user.
 */
export const rareSequence: Detector<null> = {
  name: 'rare-sequence',
  tags: TAGS['rare-sequence'],
  budgetShare: { told: 0.15, untold: 0.01, shaped: 0.01 },
  ...noSlot,
  score(event, view) {
    const { act } = view;
    if (act === undefined || (movesDataOut(event) && strangePlace(act) !== undefined)) return undefined;
    const p = softlyVoiced(chanceOfWeight(act.weight), view);
    return p >= 1 ? undefined : findingOf(event, act, p);
  },
  canary: { history: serviceDesk.history, probe: serviceDesk.told('probe', 'delete_archive', 'archive-2019') },
};

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
