import { createHash } from 'node:crypto';
import type { AgentState } from '../baselines/agent-state.ts';
import { DAY_MS } from '../baselines/periods.ts';

/** The alerts of one agent that still take further hits. Kept in the agent's state, by detector and subject. */
export type AlertBook = Map<string, OpenAlert>;

export interface OpenAlert {
  readonly id: string;
  /** Event time of the newest hit. */
  lastMs: number;
  hits: number;
}

/** An alert folds further hits until this long without one. */
const FOLD_MS = DAY_MS;
/** At the limit the alert longest without a hit takes no more: its next hit opens another. */
const OPEN_MAX = 128;
/** Further hits of one alert are judged but not stored: an alert of 500 events tells its story. */
export const HITS_STORED_MAX = 500;

const SLOT = 'alert-book';

export function alertBookOf(state: Readonly<AgentState>): AlertBook {
  let book = state.slots.get(SLOT) as AlertBook | undefined;
  if (book === undefined) {
    book = new Map();
    state.slots.set(SLOT, book);
  }
  return book;
}

export const encodeAlertBook = (state: Readonly<AgentState>): Record<string, unknown> => ({
  [SLOT]: [...alertBookOf(state)],
});

export function decodeAlertBook(state: AgentState, slots: Readonly<Record<string, unknown>>): void {
  const entries = slots[SLOT];
  if (entries !== undefined) state.slots.set(SLOT, new Map(entries as [string, OpenAlert][]));
}

const keyOf = (detector: string, subject: string): string => `${detector}\u0000${subject}`;

function openAlert(
  state: Readonly<AgentState>,
  detector: string,
  subject: string,
  timeMs: number,
): OpenAlert | undefined {
  const open = alertBookOf(state).get(keyOf(detector, subject));
  return open !== undefined && timeMs - open.lastMs < FOLD_MS ? open : undefined;
}

/** Whether a hit would join an alert instead of opening one. */
export const isOpen = (state: Readonly<AgentState>, detector: string, subject: string, timeMs: number): boolean =>
  openAlert(state, detector, subject, timeMs) !== undefined;

/**
 * The alert a hit belongs to: an open one of the same detector and subject, or a new one, named by what opened it. The name is a
 * function of the log alone, so a restart gives the same alert the same id.
 */
export function alertFor(
  state: Readonly<AgentState>,
  detector: string,
  subject: string,
  event: string,
  timeMs: number,
): { id: string; opened: boolean; hits: number } {
  const open = openAlert(state, detector, subject, timeMs);
  if (open !== undefined) return { id: open.id, opened: false, hits: open.hits };
  const parts = [state.tenant, detector, state.agent, subject, event];
  const id = createHash('sha256')
    .update(parts.map((part) => `${part.length}:${part}`).join())
    .digest('hex');
  return { id: `al_${id.slice(0, 32)}`, opened: true, hits: 0 };
}

/** Enters a hit after its verdict was taken. */
export function enterHit(
  state: AgentState,
  hit: { alertId: string; detector: string; subject: string },
  timeMs: number,
): void {
  const book = alertBookOf(state);
  const key = keyOf(hit.detector, hit.subject);
  const open = book.get(key);
  if (open?.id === hit.alertId) {
    open.lastMs = Math.max(open.lastMs, timeMs);
    open.hits += 1;
    return;
  }
  book.delete(key);
  if (book.size >= OPEN_MAX) book.delete(longestSilent(book));
  book.set(key, { id: hit.alertId, lastMs: timeMs, hits: 1 });
}

function longestSilent(book: AlertBook): string {
  const [key] = [...book].reduce((a, b) => (b[1].lastMs < a[1].lastMs ? b : a));
  return key;
}

/** What an open alert is about; undefined once it takes no more hits. */
export function subjectOf(state: Readonly<AgentState>, alertId: string): string | undefined {
  for (const [key, open] of alertBookOf(state)) if (open.id === alertId) return key.slice(key.indexOf('\u0000') + 1);
  return undefined;
}

/** A closed alert takes no more hits. */
export function closeAlert(state: AgentState, alertId: string): void {
  const book = alertBookOf(state);
  for (const [key, open] of book) if (open.id === alertId) book.delete(key);
}
