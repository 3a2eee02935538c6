/** What is known about one session, told apart from anything a detector sees. See docs/evaluate.md. */
import { type Static, Type } from 'typebox';

const Id = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
const oneOf = <const T extends readonly string[]>(values: T, description: string) =>
  Type.Enum<[...T]>(values as unknown as readonly [...T], { description });

/** Other fields are ignored. Null counts as absent for all but the first three. */
export const LabelSchema = Type.Object({
  session_id: Id('a session id of 1 to 256 characters'),
  phase: oneOf(['history', 'test', 'episode'], 'history, test or episode'),
  kind: oneOf(['benign', 'attacked', 'direct_request'], 'benign, attacked or direct_request'),
  attack_succeeded: Type.Optional(Type.Boolean({ description: 'true or false' })),
  tool_visible: Type.Optional(Type.Boolean({ description: 'true or false' })),
  category: Type.Optional(Id('a name of 1 to 256 characters')),
  exposure_event_id: Type.Optional(Id('the id of an event')),
  core_event_ids: Type.Optional(
    Type.Array(Id('the id of an event'), { maxItems: 10_000, description: 'a list of at most 10,000 event ids' }),
  ),
  user_task_fresh: Type.Optional(Type.Boolean({ description: 'true or false' })),
  story_id: Type.Optional(Id('a name of 1 to 256 characters')),
  pace: Type.Optional(Id('a name of 1 to 256 characters')),
  agent_age_days: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 36_500, description: 'a whole number of days, 0 to 36,500' }),
  ),
  changes: Type.Optional(
    Type.Array(Id('a name of 1 to 256 characters'), { maxItems: 20, description: 'a list of at most 20 names' }),
  ),
});

type LabelLine = Static<typeof LabelSchema>;

export interface Label {
  readonly session: string;
  readonly phase: LabelLine['phase'];
  readonly kind: LabelLine['kind'];
  /** An injected instruction was carried out. */
  readonly succeeded: boolean;
  /** The attacker's work shows as at least one tool call; otherwise only the answer was turned. */
  readonly visible: boolean;
  /** `-` where the label names none. */
  readonly category: string;
  /** The event that carried the injection. */
  readonly exposure: string | undefined;
  /** Events that do the attacker's work. */
  readonly core: ReadonlySet<string>;
  /** The user's task never occurs in the history; undefined where nobody said. */
  readonly fresh: boolean | undefined;
  /** The attack that the session is part of, where attacks stretch over several. */
  readonly story: string | undefined;
  /** Of the attack on the session's agent, as its author calls it; benign sessions of that agent have it too. */
  readonly pace: string | undefined;
  /** Age of the agent when it is attacked, or when sessions are first judged. */
  readonly ageDays: number | undefined;
  /** Honest changes under way. */
  readonly changes: readonly string[];
}

export const NO_CATEGORY = '-';

export function labelOf(line: LabelLine): Label {
  const core = new Set(line.core_event_ids);
  return {
    session: line.session_id,
    phase: line.phase,
    kind: line.kind,
    succeeded: line.attack_succeeded ?? false,
    visible: line.tool_visible ?? core.size > 0,
    category: line.category ?? NO_CATEGORY,
    exposure: line.exposure_event_id,
    core,
    fresh: line.user_task_fresh,
    story: line.story_id,
    pace: line.pace,
    ageDays: line.agent_age_days,
    changes: line.changes ?? [],
  };
}

/** The groups that figures are made of. History is for learning and counts nowhere. */
export type Cohort = 'attack' | 'unseen-attack' | 'failed-attack' | 'direct-request' | 'benign' | 'history';

/** `attack` is what has to be found: it succeeded and left a tool call. Failed attacks and direct requests are reported apart. */
export function cohortOf({ phase, kind, succeeded, visible }: Label): Cohort {
  if (phase === 'history') return 'history';
  if (kind === 'benign') return 'benign';
  if (kind === 'direct_request') return 'direct-request';
  if (!succeeded) return 'failed-attack';
  return visible ? 'attack' : 'unseen-attack';
}
