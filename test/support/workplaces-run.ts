/** Invented workplaces of one seed, judged as `picket evaluate` judges files of users, told apart by workplace and by what the attacker wanted. */
import { join } from 'node:path';
import type { SessionOutcome } from '../../cli/evaluate/session-outcome.ts';
import { daysOf } from '../../cli/evaluate/survey.ts';
import { type Corpus, makeCorpus } from '../workplaces/corpus.ts';
import type { Workplace } from '../workplaces/place.ts';
import { LATEST_WORKPLACES, NAMED_WORKPLACES, WORKPLACES } from '../workplaces/registry.ts';
import { judgeFiles, type LabelledFiles, writeLines } from './judged-files.ts';

export interface WorkplaceSeed {
  readonly seed: string;
  /** Of these the tenant consists; what is known of a young agent comes from the others of the tenant. */
  readonly workplaces: readonly string[];
}

export interface WorkplaceSession {
  readonly seed: string;
  readonly workplace: string;
  /** What the attacker wanted; null in sessions that nobody attacked. */
  readonly goal: string | null;
  readonly outcome: SessionOutcome;
}

export interface WorkplaceRun {
  readonly seed: string;
  readonly sessions: readonly WorkplaceSession[];
  /** Judged, by workplace. */
  readonly agentDays: ReadonlyMap<string, number>;
}

/** Writes into an existing folder. Throws RangeError for a name that is no workplace. */
export async function judgeWorkplaces(
  { seed, workplaces }: WorkplaceSeed,
  folder: string,
  onEvent: (events: number) => void,
): Promise<WorkplaceRun> {
  const corpus = makeCorpus(named(workplaces), seed);
  const { survey, outcomes } = await judgeFiles(await writeFiles(corpus, folder), onEvent);
  const labels = new Map(corpus.labels.map((label) => [label.session_id, label]));
  const sessions = outcomes.flatMap((outcome) => {
    const label = labels.get(outcome.label.session);
    return label === undefined ? [] : [{ seed, workplace: label.workplace, goal: label.injection_task, outcome }];
  });
  return { seed, sessions, agentDays: agentDaysOf(corpus, daysOf(survey)) };
}

function named(names: readonly string[]): Workplace[] {
  const known = [...WORKPLACES, ...NAMED_WORKPLACES, ...LATEST_WORKPLACES];
  const unknown = names.filter((name) => !known.some((place) => place.name === name));
  if (unknown.length > 0) throw new RangeError(`no such workplace: ${unknown.join(', ')}`);
  return known.filter(({ name }) => names.includes(name));
}

async function writeFiles({ stream, episodes, labels }: Corpus, folder: string): Promise<LabelledFiles> {
  const files = {
    events: join(folder, 'events.stream.jsonl.gz'),
    episodes: join(folder, 'events.episodes.jsonl.gz'),
    labels: join(folder, 'labels.sessions.jsonl.gz'),
  };
  await writeLines(files.events, stream);
  await writeLines(files.episodes, episodes);
  await writeLines(files.labels, labels);
  return files;
}

function agentDaysOf({ labels }: Corpus, days: number): Map<string, number> {
  const workplaceOf = new Map(labels.map(({ agent_id, workplace }) => [agent_id, workplace]));
  const agentDays = new Map<string, number>();
  for (const workplace of workplaceOf.values()) agentDays.set(workplace, (agentDays.get(workplace) ?? 0) + days);
  return agentDays;
}
