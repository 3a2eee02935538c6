/** One seed of the second corpus, written to files and judged as `picket evaluate --online` judges files of users. */
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Evaluation, evaluationOf } from '../../cli/evaluate/evaluation.ts';
import { readLabels } from '../../cli/evaluate/label-file.ts';
import { createOutcomes, type SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { survey } from '../../cli/evaluate/survey.ts';
import { createFileReader } from '../../cli/file-events.ts';
import { scoredEvents } from '../../cli/scored-events.ts';
import { createScorer } from '../../cli/scorer.ts';
import { settingsOf } from '../../cli/scoring-settings.ts';
import { simulateCorpus } from '../../cli/simulate/corpus.ts';
import { corpusLabels } from '../../cli/simulate/corpus-labels.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';

export interface CorpusSeed {
  readonly seed: number;
  /** Undefined: for each attack at each pace and age. */
  readonly agents?: number | undefined;
}

export interface CorpusFiles {
  readonly events: string;
  readonly labels: string;
}

export interface SeedRun {
  readonly seed: number;
  readonly evaluation: Evaluation;
  /** Stories are told apart by seed: the same id is another attack in each. */
  readonly outcomes: readonly SessionOutcome[];
}

const SETTINGS = { halfLifeDays: 14, alertBudget: 0.02 };

/** Events and labels as `picket simulate --corpus` writes them, in an existing folder. */
export async function writeCorpus({ seed, agents }: CorpusSeed, folder: string): Promise<CorpusFiles> {
  const corpus = simulateCorpus(agents === undefined ? { seed } : { seed, agents });
  const files = { events: join(folder, `c${seed}.jsonl.gz`), labels: join(folder, `l${seed}.jsonl`) };
  const lines = function* (): Generator<string> {
    for (const event of corpus.events) yield `${JSON.stringify(event)}\n`;
  };
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(files.events));
  await writeFile(
    files.labels,
    corpusLabels(corpus)
      .map((label) => `${JSON.stringify(label)}\n`)
      .join(''),
  );
  return files;
}

/** `onEvent` hears how many events were read, those of the first look through the file too. */
export async function judgeCorpus(
  seed: number,
  { events, labels: labelFile }: CorpusFiles,
  onEvent: (events: number) => void,
): Promise<SeedRun> {
  const labels = await readLabels(labelFile);
  const complain = (text: string) => {
    throw new Error(`the corpus holds an event that no intake would take: ${text}`);
  };
  const reader = createFileReader({ now: Date.now, complain, onEvent });
  const surveyed = await survey({ events: reader.read(events), episodes: undefined, labels, untilMs: undefined });
  const settings = settingsOf(SETTINGS);
  const scorer = createScorer(createScoring(DETECTORS, settings.baseline), settings);
  const sessions = createOutcomes(labels);
  const plan = { history: events, untilMs: surveyed.untilMs, freeze: false };
  for await (const scored of scoredEvents(plan, scorer, reader)) sessions.add(scored);
  const outcomes = sessions.outcomes();
  const detectors = DETECTORS.map(({ name }) => name);
  const evaluation = evaluationOf({ outcomes, survey: surveyed, detectors, online: true });
  return { seed, evaluation, outcomes: outcomes.map((one) => ofSeed(one, seed)) };
}

function ofSeed(outcome: SessionOutcome, seed: number): SessionOutcome {
  const { label } = outcome;
  return label.story === undefined ? outcome : { ...outcome, label: { ...label, story: `${seed}/${label.story}` } };
}
