import type { AgentState } from '../baselines/agent-state.ts';
import type { Baseline, BaselineSettings } from '../baselines/baseline.ts';
import type { KindModel } from '../baselines/kind-model.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import type { LearnedEvent } from '../baselines/learned-event.ts';
import type { Sums } from '../baselines/measures.ts';
import type { SessionState } from '../baselines/session-state.ts';
import type { ChainLink, Knowledge, Reason, Severity } from '../baselines/verdict.ts';
import type { AuditEvent } from '../ingest/event.ts';
import type { ActEvidence } from './act-evidence.ts';
import type { Way } from './doubts.ts';

/** What a detector may read beside the event: one agent's state, as it was before the event. Nothing here is written to. */
export interface View {
  readonly state: Readonly<AgentState>;
  readonly baseline: Readonly<Baseline>;
  /** The event's session so far; undefined for its first event. */
  readonly session: Readonly<SessionState> | undefined;
  /** What this event adds, and what its session, hour and day come to with it. */
  readonly sums: Sums;
  readonly inSession: Sums;
  readonly inHour: Sums;
  readonly inDay: Sums;
  /** Event time, or receipt time for an event from the future. */
  readonly timeMs: number;
  readonly knowledge: Knowledge;
  /** Learned sessions, decayed. */
  readonly sessions: number;
  /**
   * How loud the baseline may speak, 0..1: grows with the learned sessions and falls when it went stale. A detector's claim
   * counts as p^voice, so an agent nobody knows surprises nobody.
   */
  readonly voice: number;
  /** The agent's release changed within the last day: new things are expected. */
  readonly changed: boolean;
  readonly settings: BaselineSettings;
  /** The session's user has said what is wanted, by this event at the latest. */
  readonly told: boolean;
  /** Who asked for the act; undefined for what is no act, and where the session has no prompt. */
  readonly act: ActEvidence | undefined;
  /** How well the user's words explain the event's tool, 0..1; undefined where none are known. */
  askedFor(): number | undefined;
  /** What the other agents of its kind are like; undefined where they have no model. */
  readonly prior: KindPrior | undefined;
}

/** What one detector says of one event. */
export interface Finding {
  /** Names what the alert is about; further hits on the same subject fold into one alert. */
  readonly subject: string;
  /** Probability, under the detector's own model, that a session of this agent gets this odd by chance. */
  readonly p: number;
  /** Whose history decided: see `Reason.level`. */
  readonly level: Reason['level'];
  readonly severity: Severity;
  /** How many names that are new to the agent the claim is about, where it is one of newness. */
  readonly news?: number;
  /** Called only when the finding becomes an alert: nearly every event has findings, hardly any an alert. */
  explain(): Explanation;
}

/** The words and evidence of a finding. */
export interface Explanation
  extends Omit<Reason, 'level' | 'claimed' | 'corrected' | 'sessions' | 'knowledge' | 'changed' | 'baseline'> {
  /** Fixed words; never text from an event. */
  readonly title: string;
  /** One sentence; text from events goes through `quote`. */
  readonly why: string;
}

/** A history and one event on which the detector must fire: shows that it can. */
export interface Canary {
  /** In force before the history, for a detector that judges by the agent's kind. */
  readonly model?: KindModel;
  readonly history: readonly AuditEvent[];
  readonly probe: readonly AuditEvent[];
}

/**
 * Parts of the alert budget, relative to those of the other detectors in use. `told`: where the user's words are known, and it can be asked who
 * wanted an act; what is merely odd counts less there. `untold`: where oddness is all there is to go by. `shaped`: the same, where the kind's
 * forest knows the shapes of sessions; absent, as `untold`.
 */
export interface BudgetShare {
  readonly told: number;
  readonly untold: number;
  readonly shaped?: number;
}

/**
 * One way to see a hijacked or runaway agent. Pure: scoring changes nothing, and `own`, the detector's slot in the agent's state,
 * changes only by `learn`, `observe` and `learnSession`. It is stored with the state, so `decode(encode(own))` must score exactly as `own` does.
 */
export interface Detector<Own = unknown> {
  readonly name: string;
  /** Technique ids: ATT&CK (`T1567`), ATLAS (`AML.T0086`), OWASP (`ASI02`). */
  readonly tags: readonly string[];
  readonly budgetShare: BudgetShare;
  /** What it reports is new rather than much: where nobody can be asked, the session's shape decides how much that counts. */
  readonly judgesNewness?: true;
  /** It judges acts one by one: what benign sessions did by one tool corrects its claims about that tool. */
  readonly judgesActs?: true;
  /**
   * Subjects that an event deals with, as findings name them: what sessions held against one of them, each too little for an alert, is added up
   * (`doubts.ts`). Absent: each session is judged alone.
   */
  doubted?(event: AuditEvent): readonly string[];
  /** Where such a subject is a way of working, which may be doubtful every time: how known it is. */
  wayOf?(subject: string, view: View, own: Own): Way;
  init(): Own;
  /** The most surprising thing this event shows; undefined when there is nothing to say. */
  score(event: AuditEvent, view: View, own: Own): Finding | undefined;
  /** Called for each event as it enters the baseline, after scoring and never for held sessions. */
  learn(event: LearnedEvent, own: Own, settings: BaselineSettings): void;
  /** Called for each event as it enters its session, after scoring and whatever was said: for what only a whole session shows. */
  observe?(event: AuditEvent, at: Observed, own: Own): void;
  /** Called when a session has entered the baseline, after its events. */
  learnSession?(session: Readonly<SessionState>, own: Own, settings: BaselineSettings): void;
  /**
   * What the agent lends the others of its kind, as a JSON value of some kilobytes: `View.prior.lent` gives it to them, without the agent's own.
   */
  lend?(own: Own, settings: BaselineSettings, at: { readonly timeMs: number; readonly sessions: number }): unknown;
  /** JSON value of at most `maxBytes`. */
  encode(own: Own): unknown;
  decode(json: unknown): Own;
  readonly maxBytes: number;
  readonly canary: Canary;
}

/** Where an event is about to go: neither its session nor the agent's baseline has changed by it. */
export interface Observed {
  readonly state: Readonly<AgentState>;
  readonly session: Readonly<SessionState>;
  /** As `View.timeMs`. */
  readonly timeMs: number;
}

/** For detectors that need nothing beyond the shared baseline. */
export const noSlot = {
  init: () => null,
  learn: () => {},
  encode: () => null,
  decode: () => null,
  maxBytes: 4,
} as const;

export const link = (event: string, role: string): ChainLink => ({ event, role });

/** The same for a claim that rests on fixed weights more than on the agent's history: it needs less of that. */
export const softlyVoiced = (p: number, view: View): number => Math.min(1, p) ** Math.cbrt(view.voice);

/** The claim an agent this well known allows; see `View.voice`. */
export const voiced = (p: number, view: View): number => Math.min(1, p) ** view.voice;
