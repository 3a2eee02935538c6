/** Events and labels in files, judged as `picket evaluate` judges those of users. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readLabels } from '../../cli/evaluate/label-file.ts';
import { createOutcomes, type SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { type Survey, survey } from '../../cli/evaluate/survey.ts';
import { createFileReader } from '../../cli/file-events.ts';
import { scoredEvents } from '../../cli/scored-events.ts';
import { createScorer } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';

export interface LabelledFiles {
  readonly events: string;
  readonly labels: string;
  /** With them each session is judged alone, as without `--online`; otherwise in order of time. */
  readonly episodes?: string;
}

export interface JudgedFiles {
  readonly survey: Survey;
  readonly outcomes: readonly SessionOutcome[];
}

const SETTINGS = { halfLifeDays: 14, alertBudget: 0.02 };

/** JSON Lines, packed; the file is replaced if it exists. */
export async function writeLines(path: string, lines: readonly unknown[]): Promise<void> {
  const texts = function* (): Generator<string> {
    for (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  await pipeline(Readable.from(texts()), createGzip(), createWriteStream(path));
}

/** `onEvent` hears how many events were read, those of the first look through the files too. Throws on an event that intake refuses. */
export async function judgeFiles(
  { events, labels: labelFile, episodes }: LabelledFiles,
  onEvent: (events: number) => void,
): Promise<JudgedFiles> {
  const labels = await readLabels(labelFile);
  const complain = (text: string) => {
    throw new Error(`the corpus holds an event that no intake would take: ${text}`);
  };
  const reader = createFileReader({ now: Date.now, complain, onEvent });
  const files = { events: reader.read(events), episodes: episodes === undefined ? undefined : reader.read(episodes) };
  const surveyed = await survey({ ...files, labels, untilMs: undefined });
  const settings = settingsOf(SETTINGS);
  const scorer = createScorer(createScoring(DETECTORS, settings.baseline), settings);
  const outcomes = createOutcomes(labels);
  const plan = { history: events, untilMs: surveyed.untilMs, episodes, freeze: episodes !== undefined };
  for await (const scored of scoredEvents(plan, scorer, reader)) outcomes.add(scored);
  return { survey: surveyed, outcomes: outcomes.outcomes() };
}
