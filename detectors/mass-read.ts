import { type BaselineSettings, READY_SESSIONS } from '../baselines/baseline.ts';
import { passedOn } from '../baselines/measures.ts';
import {
  type Amount,
  type AmountPrior,
  amountRange,
  amountTail,
  emptyMoments,
  learnAmount,
} from '../baselines/statistics/amount.ts';
import { boundedKey } from '../baselines/statistics/bounded-key.ts';
import type { Severity } from '../baselines/verdict.ts';
import type { AuditEvent, Resource } from '../ingest/event.ts';
import { quote } from '../ingest/untrusted-text.ts';
import { countWords, grouped } from './amount-words.ts';
import { serviceDesk } from './canaries.ts';
import { type Detector, type Explanation, type Finding, link, type View, voiced } from './detector.ts';
import { TAGS } from './tags.ts';

/** Rows per read by endpoint: a search that returns 10 rows and an export that returns 10,000 are different normals. */
type RowsByEndpoint = Map<string, Amount>;

const ENDPOINTS_MAX = 64;
/** One read of this many rows is a mass read, whoever reads. */
const ROWS_CEILING = 1_000_000;
const CEILING_P = 1e-7;
/** A read of at least this share of a table counts as "the whole table". */
const WHOLE_SHARE = 0.5;
const WHOLE_ROWS_MIN = 100;
/** Prior of reading most of a table in one session, by what the table holds. */
const WHOLE_P = { public: 0.2, internal: 0.05, confidential: 0.01, restricted: 0.003 } as const;

interface Excess {
  readonly measure: string;
  readonly subject: string;
  readonly observed: number;
  /** The model that judged; undefined where a fixed mark did. */
  readonly amount: Amount | undefined;
  readonly mark: number;
  readonly p: number;
  readonly prior?: AmountPrior | undefined;
  readonly level: Finding['level'];
}

/**
 * Fires on rows or bytes read in an event, session, hour or day far above normal, a large share of one table, many distinct
 * resources in one session, or far more of what was read passed on than normal.
 *
 * Model: as volume-spike, on rows; per endpoint for single reads. Bytes stand in for rows only where the session reports no rows:
 * results also grow by what attackers put into them. Reading most of a table has a fixed prior by its classification.
 */
export const massRead: Detector<RowsByEndpoint> = {
  name: 'mass-read',
  tags: TAGS['mass-read'],
  budgetShare: { told: 0.12, untold: 0.22, shaped: 0.12 },
  init: () => new Map(),
  score(event, view, own) {
    if (event.action.type === 'model_call' || event.action.phase !== 'completed') return undefined;
    const all = excesses(event, view, own);
    // Most events read nothing that is looked at.
    return all.length === 0 ? undefined : findingOf(event, view, worstOf(all, view));
  },
  learn: learnRows,
  encode: (own) => [...own],
  decode: (json) =>
    new Map((json as [string, Amount][]).map(([endpoint, one]) => [endpoint, { ...emptyMoments(), ...one }])),
  // 64 endpoints of up to 160 characters, each six bytes at worst (`\u0001`), and eight numbers.
  maxBytes: 80 * 1024,
  canary: { history: serviceDesk.history, probe: serviceDesk.session('probe', { rows: 50_000 }) },
};

function learnRows(
  event: { endpoint: string; sums: { rows: number }; timeMs: number },
  own: RowsByEndpoint,
  settings: BaselineSettings,
): void {
  if (event.sums.rows <= 0) return;
  const { endpoint } = event;
  let amount = own.get(endpoint);
  if (amount === undefined) {
    // At the limit the endpoint longest in the map goes: single reads of it are then judged by session and hour only.
    if (own.size >= ENDPOINTS_MAX) own.delete(own.keys().next().value ?? '');
    amount = emptyMoments();
    own.set(endpoint, amount);
  }
  learnAmount(amount, event.sums.rows, event.timeMs, settings.halfLifeMs);
}

function excesses(event: AuditEvent, view: View, own: Readonly<RowsByEndpoint>): Excess[] {
  const looked: Looked[] = [];
  const fixed: Excess[] = [];
  const { baseline, sums, inSession, inHour, inDay } = view;
  const peers = view.prior?.amounts;
  const add = (measure: string, amount: Amount | undefined, observed: number, prior?: AmountPrior) => {
    if (amount !== undefined && observed > 0) looked.push({ measure, amount, observed, prior });
  };
  if (sums.rows > 0) {
    if (sums.rows >= ROWS_CEILING) fixed.push(overCeiling(sums.rows));
    add('rows in one read', own.get(boundedKey(event.endpoint)), sums.rows);
    add('rows read in this session', baseline.perSession.rows, inSession.rows, peers?.session.rows);
    add('rows read in this hour', baseline.perHour.rows, inHour.rows, peers?.hour.rows);
    add('rows read in this day', baseline.perDay.rows, inDay.rows, peers?.day.rows);
  } else if (inSession.rows === 0 && sums.bytes_received > 0) {
    const bytes = inSession.bytes_received;
    add('bytes read in this session', baseline.perSession.bytes_received, bytes, peers?.session.bytes_received);
  }
  // Much is read and sent by every export; what matters is that it was sensitive.
  if (sums.bytes_sent > 0 && (view.session?.sensitive.length ?? 0) > 0)
    add('bytes read and passed on in this session', baseline.passedOn, passedOn(inSession));
  const resources = resourcesWith(event, view);
  add('distinct resources in this session', baseline.resourcesPerSession, resources, view.prior?.resources);
  for (const resource of event.resources ?? []) {
    const whole = wholeTable(event, resource);
    if (whole !== undefined) fixed.push(whole);
  }
  const judged = looked.map((one) => judge(view, one, looked.length));
  return fixed.length === 0 ? judged : [...judged, ...fixed];
}

/** A sum that is to be compared with its own past. */
interface Looked {
  readonly measure: string;
  readonly amount: Amount;
  readonly observed: number;
  readonly prior: AmountPrior | undefined;
}

/**
 * The least likely, the first of those that are alike. Sums that were compared with their own past share one chance of being odd (Bonferroni);
 * fixed marks stand for themselves.
 */
function worstOf(all: readonly Excess[], view: View): Excess {
  let fitted = 0;
  for (const { level } of all) if (level === 'agent' || level === 'kind') fitted += 1;
  const pOf = ({ p, level }: Excess) => (level === 'ceiling' ? p : voiced(level === 'prior' ? p : p * fitted, view));
  let worst = all[0] as Excess;
  let least = pOf(worst);
  for (let i = 1; i < all.length; i++) {
    const one = all[i] as Excess;
    const p = pOf(one);
    if (p < least) {
      least = p;
      worst = one;
    }
  }
  return { ...worst, p: least };
}

/** `looked`: how many sums are; a chance that comes to 1 times their number is not told from a larger one. */
function judge(view: View, { measure, amount, observed, prior }: Looked, looked: number): Excess {
  const { halfLifeMs } = view.settings;
  const p = amountTail(amount, observed, view.timeMs, halfLifeMs, 'humped', prior, 1 / looked);
  const level = prior !== undefined && view.baseline.sessionsEver < READY_SESSIONS ? 'kind' : 'agent';
  return { measure, subject: measure, observed, amount, prior, mark: 0, p, level };
}

const overCeiling = (rows: number): Excess => ({
  measure: 'rows in one read',
  subject: 'rows in one read',
  observed: rows,
  amount: undefined,
  mark: ROWS_CEILING,
  p: CEILING_P,
  level: 'ceiling',
});

function wholeTable(event: AuditEvent, resource: Resource): Excess | undefined {
  const rows = event.data?.rows ?? 0;
  const total = resource.rows_total ?? 0;
  if (rows < WHOLE_ROWS_MIN || rows < total * WHOLE_SHARE || total === 0) return undefined;
  return {
    measure: `rows of ${quote(resource.name)}, which holds ${grouped(total)}`,
    subject: resource.name,
    observed: rows,
    amount: undefined,
    mark: Math.round(total * WHOLE_SHARE),
    p: WHOLE_P[resource.classification ?? 'internal'],
    level: 'prior',
  };
}

function resourcesWith(event: AuditEvent, view: View): number {
  if (event.resources === undefined) return 0;
  const known = view.session?.resources;
  const names = event.resources.map(({ name }) => boundedKey(name));
  const fresh = names.filter((name) => known === undefined || !known.has(name));
  return fresh.length === 0 ? 0 : (known?.size ?? 0) + (fresh.length === 1 ? 1 : new Set(fresh).size);
}

function findingOf(event: AuditEvent, view: View, excess: Excess): Finding {
  const classes = [...(view.session?.sensitive ?? []), ...(event.resources ?? [])].map((one) => one.classification);
  const severity: Severity = classes.includes('restricted') ? 5 : classes.includes('confidential') ? 4 : 3;
  const { subject, p, level } = excess;
  return { subject, p, level, severity, explain: () => explain(event, view, excess) };
}

function explain(event: AuditEvent, view: View, excess: Excess): Explanation {
  const { measure, observed, amount, level } = excess;
  const { typical, bound99 } =
    amount === undefined
      ? { typical: 0, bound99: excess.mark }
      : amountRange(amount, view.timeMs, view.settings.halfLifeMs, excess.prior);
  const reads = view.session?.sensitive.slice(-4) ?? [];
  const normal =
    amount !== undefined
      ? `${level === 'kind' ? 'the normal of its kind' : 'normal'} is about ${grouped(round(typical))}, rarely above ${grouped(round(bound99))}`
      : `the mark is ${grouped(round(bound99))}`;
  return {
    title: 'Agent read far more than is normal for it',
    why: `${countWords(round(observed), measure)} through ${quote(event.endpoint)}; ${normal}.`,
    measure,
    observed: round(observed),
    expected: round(typical),
    bound: round(bound99),
    chain: [...reads.map((read) => link(read.event, `read ${read.classification} data`)), link(event.id, 'the read')],
  };
}

const round = (x: number): number => (x < 1000 ? Number(x.toPrecision(3)) : Math.round(x));
