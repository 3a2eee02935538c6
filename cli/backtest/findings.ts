/** What a backtest has found, added up over groups of agents: counts of everything, and the most important differences in full. */
import type { Severity } from '../../baselines/verdict.ts';
import type { Disposition } from '../../ingest/log.ts';
import type { AlertLedger, SeenAlert } from './alert-ledger.ts';
import { type AlertPair, type Comparison, compareAlerts, matchAlerts, type TimeWindow } from './comparison.ts';

/** The alerts of one group of agents, thrice, and what analysts said of those that are stored. */
export interface GroupRuns {
  readonly stored: AlertLedger;
  readonly now: AlertLedger;
  readonly tried: AlertLedger;
  readonly words: ReadonlyMap<string, Disposition>;
}

export interface Difference {
  readonly alert: SeenAlert;
  /** With the settings of now; only where both have the alert. */
  readonly severityBefore?: Severity;
  /** The alert in the store that it is, if there is one, and what an analyst closed it as. */
  readonly storedId?: string;
  readonly word?: Disposition;
}

export interface DetectorCounts {
  now: number;
  tried: number;
  appeared: number;
  disappeared: number;
  severityChanged: number;
}

export interface Differences {
  count: number;
  /** Of these, what an analyst called an attack, a false alarm or a benign change. */
  confirmed: number;
  dismissed: number;
  /** The most important ones: confirmed first, then by severity and time. At most as many as the findings list. */
  listed: Difference[];
}

export interface StoredCounts {
  alerts: number;
  /** In the store, and not given by the run with the settings of now; the other way round. */
  missing: number;
  missingConfirmed: number;
  additional: number;
  severityChanged: number;
  moved: number;
}

export interface Findings {
  readonly appeared: Differences;
  readonly disappeared: Differences;
  readonly severityChanged: Differences;
  /** Alerts on both sides that another event opened, and that have another id for it. */
  readonly moved: Differences;
  readonly totals: { now: number; tried: number };
  readonly detectors: Map<string, DetectorCounts>;
  readonly stored: StoredCounts;
}

const none = (): Differences => ({ count: 0, confirmed: 0, dismissed: 0, listed: [] });

/** @param detectors names that have a line even if nothing is to be said of them */
export const emptyFindings = (detectors: readonly string[]): Findings => ({
  appeared: none(),
  disappeared: none(),
  severityChanged: none(),
  moved: none(),
  totals: { now: 0, tried: 0 },
  detectors: new Map(detectors.map((name) => [name, noCounts()])),
  stored: { alerts: 0, missing: 0, missingConfirmed: 0, additional: 0, severityChanged: 0, moved: 0 },
});

const noCounts = (): DetectorCounts => ({ now: 0, tried: 0, appeared: 0, disappeared: 0, severityChanged: 0 });

/** @param listedMax differences of each sort that are kept in full */
export function addGroup(findings: Findings, runs: GroupRuns, window: TimeWindow, listedMax: number): void {
  const compared = compareAlerts(runs.now, runs.tried, window);
  const describe = { now: describer(runs.now, runs), tried: describer(runs.tried, runs) };
  addDifferences(findings.disappeared, compared.disappeared.map(describe.now), listedMax);
  addDifferences(findings.appeared, compared.appeared.map(describe.tried), listedMax);
  const describePair = ({ before, after }: AlertPair) => ({
    ...describe.now(before),
    alert: after,
    severityBefore: before.severity,
  });
  addDifferences(findings.severityChanged, compared.severityChanged.map(describePair), listedMax);
  addDifferences(findings.moved, compared.moved.map(describePair), listedMax);
  addCounts(findings, compared);
  addStored(findings.stored, compareAlerts(runs.stored, runs.now, window), runs.words);
}

/** Names the stored alert that an alert of a run is. */
function describer(run: AlertLedger, { stored, words }: GroupRuns): (alert: SeenAlert) => Difference {
  const matches = matchAlerts(run, stored);
  return (alert) => {
    const storedId = matches.get(alert)?.id;
    const word = words.get(storedId ?? '');
    return { alert, ...(storedId === undefined ? {} : { storedId }), ...(word === undefined ? {} : { word }) };
  };
}

function addDifferences(sum: Differences, found: readonly Difference[], listedMax: number): void {
  const isConfirmed = ({ word }: Difference) => word === 'true_positive';
  sum.count += found.length;
  sum.confirmed += found.filter(isConfirmed).length;
  sum.dismissed += found.filter((one) => one.word !== undefined && !isConfirmed(one)).length;
  sum.listed = [...sum.listed, ...found].sort(byImportance).slice(0, listedMax);
}

const rank = ({ word }: Difference): number => (word === 'true_positive' ? 0 : word === undefined ? 1 : 2);

const byImportance = (one: Difference, other: Difference): number =>
  rank(one) - rank(other) ||
  other.alert.severity - one.alert.severity ||
  one.alert.openedMs - other.alert.openedMs ||
  (one.alert.id < other.alert.id ? -1 : 1);

function addCounts(
  { totals, detectors }: Findings,
  { appeared, disappeared, kept, severityChanged }: Comparison,
): void {
  const countsOf = ({ detector }: SeenAlert): DetectorCounts => {
    const counts = detectors.get(detector) ?? noCounts();
    detectors.set(detector, counts);
    return counts;
  };
  for (const alert of disappeared) countsOf(alert).disappeared += 1;
  for (const alert of appeared) countsOf(alert).appeared += 1;
  for (const { after } of severityChanged) countsOf(after).severityChanged += 1;
  for (const alert of [...disappeared, ...kept.map(({ before }) => before)]) countsOf(alert).now += 1;
  for (const alert of [...appeared, ...kept.map(({ after }) => after)]) countsOf(alert).tried += 1;
  totals.now += disappeared.length + kept.length;
  totals.tried += appeared.length + kept.length;
}

function addStored(sum: StoredCounts, compared: Comparison, words: GroupRuns['words']): void {
  sum.alerts += compared.disappeared.length + compared.kept.length;
  sum.missing += compared.disappeared.length;
  sum.missingConfirmed += compared.disappeared.filter(({ id }) => words.get(id) === 'true_positive').length;
  sum.additional += compared.appeared.length;
  sum.severityChanged += compared.severityChanged.length;
  sum.moved += compared.moved.length;
}
