import { READY_SESSIONS } from '../baselines/baseline.ts';
import { flowsOf, type Habits, mostSensitive } from '../baselines/flow.ts';
import { destinationKey, movesDataOut } from '../baselines/learned-event.ts';
import { emptyProvenance, type Origin, originOf } from '../baselines/provenance.ts';
import type { Decayed } from '../baselines/statistics/decay.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { AuditEvent, Classification } from '../ingest/event.ts';
import { type ActEvidence, chanceOfWeight, type Strange, strangePlace } from './act-evidence.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Finding, softlyVoiced, type View } from './detector.ts';
import { JUDGES_DESTINATIONS } from './doubts.ts';
import { encodedFinding } from './encoded-values.ts';
import { learnHabits, usesByTool, usesFrom, usesOf } from './flow-habits.ts';
import { acquaintanceWith, oddestSending, SENSITIVE_FACTOR, type Sending } from './flow-odds.ts';
import { lendHabits } from './kind-habits.ts';
import { piecesFinding } from './pieces.ts';
import { explainSending } from './sending-words.ts';
import { TAGS } from './tags.ts';

/**
 * Fires on data that leaves for a place the user did not name: a destination, or an address in a text that is sent, which came out of a tool
 * result; a copy of what was read (`carried.ts`); a send after sensitive data was read; a value that was read and leaves in pieces (`pieces.ts`)
 * or encoded (`encoded-values.ts`).
 *
 * Model: where the user's words are known, the likelihood ratio of "something it read asked for this" to "the user asked for this"
 * (`act-evidence.ts`), less what the agent's own ways excuse. Where they are not, or sensitive data moves, how often this agent sends like that
 * (`flow-odds.ts`): both count where both are about one place, else the smaller p.
 */
export const exfiltration: Detector<Habits> = {
  name: JUDGES_DESTINATIONS,
  tags: TAGS.exfiltration,
  budgetShare: { told: 0.28, untold: 0.22, shaped: 0.13 },
  judgesNewness: true,
  doubted: (event) => (event.action.type === 'model_call' ? [] : (event.destinations ?? []).map(destinationKey)),
  wayOf: (key, { prior }) => ({ learned: 0, peers: prior?.users('destinations', key) ?? 0 }),
  init: () => new Map(),
  score(event, view, own) {
    const found = [encodedFinding(event, view), piecesFinding(event, view, own), sendingFinding(event, view, own)];
    return found.reduce((most, one) => (one !== undefined && one.p <= (most?.p ?? 1) ? one : most), undefined);
  },
  learn: learnHabits,
  lend: lendHabits,
  encode: (own) => [...own],
  decode: (json) => new Map(json as [string, Decayed][]),
  // 128 habits of up to 175 characters, each six bytes at worst (`\u0001`), and two numbers.
  maxBytes: 144 * 1024,
  canary: { history: serviceDesk.history, probe: serviceDesk.injected('probe', 'drop@collector.example') },
};

function sendingFinding(event: AuditEvent, view: View, own: Habits): Finding | undefined {
  if (!movesDataOut(event) || event.action.type === 'model_call') return undefined;
  const asked = askedSending(event, view, own);
  const flow = isJudgedByFlow(event, view) ? withAsked(oddestSending(event, view, own), asked) : undefined;
  if (asked !== undefined && asked.p <= (flow?.p ?? 1)) return askedFinding(event, view, asked);
  return flow === undefined || flow.p >= 1 ? undefined : flowFinding(event, view, flow);
}

/** Where the user's words are not known; where history named the place; and always when sensitive data moves. */
const isJudgedByFlow = (event: AuditEvent, view: View): boolean =>
  view.act === undefined ||
  view.act.strange.some(({ role, named }) => role === 'destination' && named === 'context') ||
  sensitivityOf(event, view) !== undefined;

/**
 * Where both readings are about one place, neither has the last word: an agent of thirty sessions cannot show that it sends so once in ten
 * thousand, and who asked for it says nothing of what was read before. The geometric mean of two p-values is one up to a factor of e (Vovk, Wang,
 * "Combining p-values via averaging", Biometrika 2020); the agent's own tail takes care of that.
 */
function withAsked(flow: Sending | undefined, asked: AskedSending | undefined): Sending | undefined {
  if (flow === undefined || asked === undefined || flow.destination.value !== asked.place.text) return flow;
  return { ...flow, p: Math.max(flow.p, Math.sqrt(flow.p * asked.p)) };
}

const sensitivityOf = (event: AuditEvent, { session }: View): Classification | undefined =>
  mostSensitive(session?.sensitive ?? [], event.resources);

/** A place that the user did not name, in an act that something else than the user may have asked for. */
interface AskedSending {
  readonly act: ActEvidence;
  readonly place: Strange;
  readonly sensitivity: Classification | undefined;
  readonly p: number;
}

function askedSending(event: AuditEvent, view: View, own: Habits): AskedSending | undefined {
  const { act } = view;
  const place = act && strangePlace(act);
  if (act === undefined || place === undefined) return undefined;
  const sensitivity = sensitivityOf(event, view);
  const excused = excuse(event, view, own);
  const p =
    chanceOfWeight(act.weight - excused.way * provenanceOf(act) + STRAYED_WEIGHT * excused.strayed) *
    (SENSITIVE_FACTOR[sensitivity ?? 'public'] ?? 1) ** (SENSITIVE_PART * (1 - excused.habit));
  return { act, place, sensitivity, p: softlyVoiced(p, view) };
}

/**
 * An agent that writes to whoever opened a ticket takes its destinations from results all day: where they come from says nothing then, nor
 * that it had read the customer's record. That a result asked for the act, and nobody else, says as much as ever; and to leave the ways it
 * always goes says more. Of several destinations the least usual one counts; 0..1 each.
 */
function excuse(event: AuditEvent, view: View, own: Habits): Readonly<Record<'way' | 'habit' | 'strayed', number>> {
  const flows = flowsOf(event, view.session).filter(({ origin }) => origin.kind !== 'user');
  // Ways to places that the user named are not learned, and a message that names no destination has none: nothing strays from them.
  if (flows.length === 0) return { way: 0, habit: 0, strayed: 0 };
  const share = (uses: number, half: number) => uses / (uses + half);
  const way = Math.min(...flows.map((flow) => share(usesOf(own, flow.way, view), HABIT_USES)));
  const habit = Math.min(...flows.map((flow) => share(usesOf(own, flow.habit, view), HABIT_USES)));
  const source = Math.min(...flows.map((flow) => share(usesFrom(flow.way, own, view), HABIT_USES)));
  return { way, habit, strayed: (1 - source) * share(usesByTool(event.action.name, own, view), WORN_USES) };
}

const provenanceOf = ({ reasons }: ActEvidence): number =>
  BY_PROVENANCE.reduce((sum, reason) => sum + Math.max(0, reasons[reason] ?? 0), 0);

const BY_PROVENANCE = ['destinationFromResult', 'destinationFromNobody', 'argumentFromResult', 'carriesRead'] as const;
/** Learned sends of a way after which half of what it says is excused. */
const HABIT_USES = 2;
/** Learned sends by a tool, by all its ways, after which half of what leaving them says is said. */
const WORN_USES = 20;
const STRAYED_WEIGHT = 2.5;
/** Where it is known who asked, sensitive data read before says half as much, as a logarithm, as where it is not. */
const SENSITIVE_PART = 0.5;

function askedFinding(event: AuditEvent, view: View, { act, place, p, sensitivity }: AskedSending): Finding {
  const destination = event.destinations?.find(({ value }) => value === place.text);
  const origin = originOf(view.session?.provenance ?? emptyProvenance(), place.text, event);
  const known = destination && acquaintanceWith(view, destination);
  return {
    subject: destination === undefined ? `address: ${place.text}` : destinationKey(destination),
    p,
    level: 'prior',
    severity: severityOf(sensitivity, origin),
    explain: () =>
      explainSending(event, view, {
        place: place.text,
        acquaintance: known,
        origin,
        act,
        carried: act.carried,
        resembled: place.resembled,
      }),
  };
}

const flowFinding = (event: AuditEvent, view: View, sending: Sending): Finding => ({
  subject: destinationKey(sending.destination),
  p: sending.p,
  level: view.prior !== undefined && view.baseline.sessionsEver < READY_SESSIONS ? 'kind' : 'agent',
  severity: severityOf(sending.sensitivity, sending.origin),
  news: sending.acquaintance === 'new' ? 1 : 0,
  explain: () => explainSending(event, view, { ...sending, place: sending.destination.value, act: view.act }),
});

function severityOf(sensitivity: Classification | undefined, origin: Origin): Severity {
  if (sensitivity === 'restricted') return 5;
  if (sensitivity === 'confidential' || origin.kind === 'result') return 4;
  return 3;
}
