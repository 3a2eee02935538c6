/** One seed of the second corpus, written to files and judged as `picket evaluate --online` judges files of users. */
import { join } from 'node:path';
import { type Evaluation, evaluationOf } from '../../cli/evaluate/evaluation.ts';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { simulateCorpus } from '../../cli/simulate/corpus.ts';
import { corpusLabels } from '../../cli/simulate/corpus-labels.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { judgeFiles, writeLines } from './judged-files.ts';

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

/** Events and labels as `picket simulate --corpus` writes them, in an existing folder. */
export async function writeCorpus({ seed, agents }: CorpusSeed, folder: string): Promise<CorpusFiles> {
  const corpus = simulateCorpus(agents === undefined ? { seed } : { seed, agents });
  const files = { events: join(folder, `c${seed}.jsonl.gz`), labels: join(folder, `l${seed}.jsonl.gz`) };
  await writeLines(files.events, corpus.events);
  await writeLines(files.labels, corpusLabels(corpus));
  return files;
}

/** `onEvent` hears how many events were read, those of the first look through the file too. */
export async function judgeCorpus(
  seed: number,
  files: CorpusFiles,
  onEvent: (events: number) => void,
): Promise<SeedRun> {
  const { survey, outcomes } = await judgeFiles(files, onEvent);
  const detectors = DETECTORS.map(({ name }) => name);
  const evaluation = evaluationOf({ outcomes, survey, detectors, online: true });
  return { seed, evaluation, outcomes: outcomes.map((one) => ofSeed(one, seed)) };
}

function ofSeed(outcome: SessionOutcome, seed: number): SessionOutcome {
  const { label } = outcome;
  return label.story === undefined ? outcome : { ...outcome, label: { ...label, story: `${seed}/${label.story}` } };
}
