/** One run over stored records, by the worker's own steps, with states in memory and nothing stored. */
import type { JudgeSettings } from '../../alerts/judge.ts';
import type { Detector } from '../../detectors/detector.ts';
import { createScoring } from '../../detectors/scoring.ts';
import type { AlertChangeEntry, LogRecord } from '../../ingest/log.ts';
import { createPipeline, emptyPipelineState, type Pipeline } from '../pipeline.ts';
import { type AlertLedger, createAlertLedger } from './alert-ledger.ts';
import { counterparts } from './comparison.ts';
import { createHeldAgents } from './held-agents.ts';
import type { Opening } from './history.ts';

export interface Rerun {
  readonly alerts: AlertLedger;
  /** The records that follow are of this partition. */
  enter(partition: number, opening: Opening): void;
  /** @param stored the alerts that stand in the store: the ids that analysts spoke of are theirs */
  take(record: LogRecord, stored: AlertLedger): void;
}

export interface RerunOptions {
  readonly settings: JudgeSettings;
  readonly detectors: readonly Detector[];
  /** What the records at hand name by hash; may change between two of them. */
  readonly contents: ReadonlyMap<string, string>;
  readonly alertsMax: number;
}

export function createRerun({ settings, detectors, contents, alertsMax }: RerunOptions): Rerun {
  const scoring = createScoring(detectors, settings.baseline);
  const alerts = createAlertLedger(alertsMax);
  const held = createHeldAgents();
  let pipeline: Pipeline | undefined;

  function step(record: LogRecord): void {
    if (pipeline === undefined) throw new Error('A partition has to be entered first.');
    const { verdict } = pipeline.step(record, 'new');
    if (record.entry.kind === 'event' && verdict !== undefined) alerts.observe(record.entry, verdict);
  }

  return {
    alerts,
    enter(partition, { tickMs, models }) {
      held.enter(partition);
      const state = { ...emptyPipelineState(held.agent), tickMs, content: (hash: string) => contents.get(hash) };
      pipeline = createPipeline(state, scoring, settings);
      for (const entry of models) step({ partition, position: -1, entry });
    },
    take(record, stored) {
      const { entry } = record;
      if (entry.kind !== 'disposition') return step(record);
      for (const alertId of namesHere(entry, stored, alerts)) step({ ...record, entry: { ...entry, alertId } });
    },
  };
}

/** With other settings an alert may have opened at another event: what was said of it is meant for that one. */
function namesHere({ alertId }: AlertChangeEntry, stored: AlertLedger, here: AlertLedger): string[] {
  const meant = stored.get(alertId);
  const found = meant === undefined ? [] : counterparts(meant, here);
  return found.length === 0 ? [alertId] : found.map(({ id }) => id);
}
