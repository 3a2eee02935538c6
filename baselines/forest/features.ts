/**
 * What the isolation forest looks at: one number per feature and session.
 *
 * Every feature is a count or an amount that only grows while the session goes on, so that a session can be judged before it ends: what
 * it has not done yet is never held against it (see `raised`). Shares (of failures, of sends) would jump about in the first events of
 * every session; as counts beside the number of events they say the same to a forest.
 *
 * A value x is kept as round(20 ln(1 + x)): whole numbers from 0 to 735, steps of about 5 %. Cuts between whole numbers are whole numbers
 * again, so a stored forest decides exactly as the trained one did.
 */

interface Feature {
  /** As a person reads it, after a number. */
  readonly unit: string;
  /** Why it is looked at. */
  readonly because: string;
}

export const FEATURES = {
  events: { unit: 'events', because: 'a loop, or a second task beside the one that was asked for' },
  rows: { unit: 'rows read', because: 'collecting more than the task needs' },
  bytes_received: { unit: 'bytes received', because: 'the same where results have no rows; long planted texts' },
  bytes_sent: { unit: 'bytes sent', because: 'data that leaves' },
  tokens: { unit: 'tokens', because: 'long contexts and long plans' },
  cost_micro_usd: { unit: 'micro-USD', because: 'the same where only the bill is reported' },
  tools: { unit: 'different tools', because: 'a task that wanders off' },
  endpoints: { unit: 'different endpoints', because: 'trying what can be reached' },
  resources: { unit: 'different resources', because: 'looking through what is there' },
  destinations: { unit: 'different destinations', because: 'spreading, inviting, forwarding' },
  failures: { unit: 'failed or denied acts', because: 'probing what is forbidden' },
  acts: { unit: 'sends, writes and other acts', because: 'changing things where others read' },
  sensitive: { unit: 'reads of sensitive resources', because: 'confidential and restricted data in one place' },
  news: { unit: 'things new to the agent', because: 'names it never used, once it is known well' },
  minutes: { unit: 'minutes', because: 'sessions that are kept alive' },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;
/** The order of the numbers in a vector; stored with a forest, which is not used where it differs. */
export const FEATURE_NAMES = Object.keys(FEATURES) as FeatureName[];

/** Whole numbers, one for each of `FEATURE_NAMES`. */
export type Vector = readonly number[];

const STEPS = 20;
/** What 2^53 comes to: no value is larger. */
export const LEVEL_MAX = 735;

const measure = (value: number): number => Math.min(LEVEL_MAX, Math.round(STEPS * Math.log1p(Math.max(0, value))));

/** Most counts are small, and each event asks for fifteen levels. */
const SMALL = Uint16Array.from({ length: 1024 }, (_, value) => measure(value));

export const levelOf = (value: number): number => SMALL[value] ?? measure(value);

/** The amount a level stands for, to its own precision. */
export function amountOf(level: number): number {
  const amount = Math.expm1(level / STEPS);
  return amount < 100 ? Math.round(amount) : Number(amount.toPrecision(2));
}

/**
 * A session that is not finished is judged as if it would come to the usual in everything it has not exceeded yet. Trained and scored
 * vectors go through it alike: the forest knows one side only, above the usual.
 */
export const raised = (vector: Vector, usual: Vector): number[] =>
  vector.map((level, i) => Math.max(level, usual[i] ?? 0));
