/**
 * The stored history judged twice, by the settings of now and by those that are tried: the same records in the same order through the
 * worker's own steps, side by side. Nothing is stored, nothing is sent. Agents are judged apart from each other, so any number of them
 * is replayed in groups that fit into memory, with one pass over the log for each group.
 */
import type { JudgeSettings } from '../../alerts/judge.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import type { JudgedRecord } from '../../baselines/event-log-store.ts';
import { DAY_MS } from '../../baselines/periods.ts';
import { cacheKey } from '../../baselines/state-cache.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import type { Store } from '../../store/store.ts';
import { type AlertLedger, createAlertLedger } from './alert-ledger.ts';
import { analystWords } from './analyst-words.ts';
import type { TimeWindow } from './comparison.ts';
import { addGroup, emptyFindings, type Findings } from './findings.ts';
import { type AgentGroup, createHistory, type History, type HistoryScope, type Survey } from './history.ts';
import { createRerun, type Rerun } from './rerun.ts';
import { createShelf } from './shelf.ts';

export interface BacktestOptions {
  readonly tenant?: string | undefined;
  readonly agent?: string | undefined;
  /** Event times, epoch ms: alerts that opened from, and before, are compared. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** Days before `sinceMs` that are learned; undefined: all that is stored. */
  readonly warmupDays?: number | undefined;
}

export interface BacktestDeps {
  readonly store: Store;
  readonly now: JudgeSettings;
  readonly tried: JudgeSettings;
  readonly limits: BacktestLimits;
  readonly onProgress: (events: number, total: number) => void;
  readonly stop: AbortSignal;
}

export interface BacktestLimits {
  /** Agents replayed at a time; each has two states in memory. */
  readonly agentsMax: number;
  /** Alerts of a run and a group of agents; more end the backtest with `TooManyAlerts`. */
  readonly alertsMax: number;
  /** Differences of each sort that are kept in full. */
  readonly listedMax: number;
}

export interface BacktestResult {
  readonly survey: Survey;
  /** What was compared: as asked for, within what is stored. */
  readonly window: TimeWindow;
  readonly agents: number;
  /** Each agent's days in the window, from its own first event on. */
  readonly agentDays: number;
  /** Events before the window: learned, not compared. */
  readonly eventsLearnedOnly: number;
  readonly findings: Findings;
}

/** Undefined when no events are stored in that scope, or none in the time that is to be compared. */
export async function runBacktest(options: BacktestOptions, deps: BacktestDeps): Promise<BacktestResult | undefined> {
  const history = createHistory(deps.store, scopeOf(options));
  const survey = await history.survey();
  const window = windowOf(options, survey);
  if (survey.events === 0 || window.fromMs >= window.untilMs) return undefined;
  const tally = createTally(window);
  const findings = emptyFindings(DETECTORS.map(({ name }) => name));
  const groups = Math.ceil(survey.agents / deps.limits.agentsMax);
  for (let group = 0; group < groups; group += 1) {
    const runs = await replayGroup({ group, groups }, history, survey, tally, deps);
    const words = await analystWords(
      deps.store,
      runs.stored.all().map(({ id }) => id),
    );
    addGroup(findings, { ...runs, words }, window, deps.limits.listedMax);
  }
  return { survey, window, ...tally.result(), findings };
}

function scopeOf({ tenant, agent, sinceMs, untilMs, warmupDays }: BacktestOptions): HistoryScope {
  const fromMs = sinceMs === undefined || warmupDays === undefined ? undefined : sinceMs - warmupDays * DAY_MS;
  return { tenant, agent, fromMs, untilMs };
}

/** No wider than what is stored: days in which nothing was looked at are no agent-days. */
const windowOf = ({ sinceMs, untilMs }: BacktestOptions, { oldestMs, newestMs }: Survey): TimeWindow => ({
  fromMs: Math.max(oldestMs, sinceMs ?? oldestMs),
  untilMs: Math.min(newestMs + 1, untilMs ?? newestMs + 1),
});

interface Ledgers {
  readonly stored: AlertLedger;
  readonly now: AlertLedger;
  readonly tried: AlertLedger;
}

async function replayGroup(
  group: AgentGroup,
  history: History,
  { stretches, events }: Survey,
  tally: Tally,
  { store, now, tried, limits, onProgress, stop }: BacktestDeps,
): Promise<Ledgers> {
  const shelf = createShelf(createContentStore(store));
  const stored = createAlertLedger(limits.alertsMax);
  const rerun = (settings: JudgeSettings) =>
    createRerun({ settings, detectors: DETECTORS, contents: shelf.contents, alertsMax: limits.alertsMax });
  const runs = [rerun(now), rerun(tried)] as const;
  for (const stretch of stretches) {
    const opening = await history.opening(stretch);
    await shelf.bringIn(
      opening.models.map((entry) => ({ record: { partition: stretch.partition, position: -1, entry } })),
    );
    for (const run of runs) run.enter(stretch.partition, opening);
    for await (const judged of history.records(stretch, group)) {
      stop.throwIfAborted();
      await shelf.bringIn(judged);
      for (const one of judged) takeOne(one, stored, runs, tally);
      onProgress(tally.events(), events);
      await new Promise(setImmediate);
    }
  }
  return { stored, now: runs[0].alerts, tried: runs[1].alerts };
}

function takeOne({ record, verdict }: JudgedRecord, stored: AlertLedger, runs: readonly Rerun[], tally: Tally): void {
  const { entry } = record;
  if (entry.kind === 'event') {
    if (verdict !== undefined) stored.observe(entry, verdict);
    tally.count(cacheKey({ tenant: entry.tenant, agent: entry.event.agent.id }), entry.event.time);
  }
  for (const run of runs) run.take(record, stored);
}

type Tally = ReturnType<typeof createTally>;

function createTally({ fromMs, untilMs }: TimeWindow) {
  const firstMs = new Map<string, number>();
  let events = 0;
  let eventsLearnedOnly = 0;
  return {
    count(agent: string, timeMs: number): void {
      events += 1;
      if (timeMs < fromMs) eventsLearnedOnly += 1;
      const known = firstMs.get(agent);
      if (known === undefined || timeMs < known) firstMs.set(agent, timeMs);
    },
    events: () => events,
    result() {
      const livedMs = [...firstMs.values()].reduce(
        (sum, first) => sum + Math.max(0, untilMs - Math.max(fromMs, first)),
        0,
      );
      return { agents: firstMs.size, agentDays: livedMs / DAY_MS, eventsLearnedOnly };
    },
  };
}
