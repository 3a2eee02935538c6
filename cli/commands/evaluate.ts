import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { type CommandContext, CommandFailure, configOf, EXIT } from '../context.ts';
import { counted } from '../counted.ts';
import { evaluationOf } from '../evaluate/evaluation.ts';
import type { Label } from '../evaluate/label.ts';
import { readLabels } from '../evaluate/label-file.ts';
import { evaluationPage } from '../evaluate/page/page.ts';
import { createOutcomes, type SessionOutcome } from '../evaluate/session-outcome.ts';
import { type Survey, survey } from '../evaluate/survey.ts';
import { textReport } from '../evaluate/text-report.ts';
import { createFileReader } from '../file-events.ts';
import { type Progress, startProgress } from '../progress.ts';
import { scoredEvents } from '../scored-events.ts';
import { createScorer } from '../scorer.ts';
import { settingsOf } from '../scoring-settings.ts';
import { timeOf } from '../time-option.ts';

interface EvaluateOptions {
  events: string;
  labels: string;
  episodes?: string;
  until?: number;
  online?: boolean;
  html?: string;
  json?: boolean;
  config?: string;
}

export const evaluateCommand = (context: CommandContext): Command =>
  new Command('evaluate')
    .description('Measures on labelled sessions what is found, what is missed, and what alerts for nothing.')
    .requiredOption('--events <file>', 'events in order of time (JSON Lines, optionally gzip)')
    .requiredOption('--labels <file>', 'a label for each session (JSON Lines, optionally gzip)')
    .option('--episodes <file>', 'labelled sessions outside of that time, each scored alone')
    .option(
      '--until <time>',
      'learn before, score after (RFC 3339; default: the first event of a session labelled test)',
      timeOf,
    )
    .option('--online', 'judge sessions in order of time, each after learning from those before')
    .option('--html <file>', 'write the report as one page with plots')
    .option('--json', 'print one JSON object')
    .option('--config <file>', 'configuration file')
    .addHelpText('after', AFTER_HELP)
    .action((options: EvaluateOptions) => evaluate(context, options));

const AFTER_HELP = `
Every session that begins at or after --until, and every episode, is scored alone against the state at --until, as by
\`picket score --freeze\`; with --online in order of time, as by \`picket score\` without it. A label is a line like
  {"session_id":"s1","phase":"test","kind":"attacked","attack_succeeded":true,"category":"exfil","core_event_ids":["e7"]}
docs/evaluate.md lists the fields and how each figure is defined.`;

async function evaluate(context: CommandContext, options: EvaluateOptions): Promise<void> {
  const { terminal } = context;
  const { events, episodes, labels: labelFile, online = false, html } = options;
  if ([events, episodes, labelFile].includes('-'))
    throw new CommandFailure('Events are read twice, so standard input will not do: give files.', EXIT.usage);
  if (online && episodes !== undefined)
    throw new CommandFailure('Episodes have no place in time: --online goes without --episodes.', EXIT.usage);
  const labels = await readLabels(labelFile);
  const surveyed = await lookThrough(context, options, labels);
  const outcomes = await scoreSessions(context, options, labels, surveyed);
  const evaluation = evaluationOf({ outcomes, survey: surveyed, detectors: DETECTORS.map(({ name }) => name), online });
  terminal.out(options.json === true ? JSON.stringify(evaluation) : textReport(evaluation, terminal.columns));
  if (html === undefined) return;
  await writeFile(html, evaluationPage(evaluation, sourceOf(options)));
  terminal.err(`Written: ${html}`);
}

async function lookThrough(
  context: CommandContext,
  { events, episodes, until: untilMs }: EvaluateOptions,
  labels: ReadonlyMap<string, Label>,
): Promise<Survey & { readonly events: number }> {
  const progress = startProgress(context.terminal, 'read', 0, 'events');
  const { err } = context.terminal;
  const reader = createFileReader({ now: Date.now, complain: err, onEvent: watched(context, progress) });
  try {
    const files = { events: reader.read(events), episodes: episodes === undefined ? undefined : reader.read(episodes) };
    const found = await survey({ ...files, labels, untilMs });
    if (reader.refused > 0) context.terminal.err(`${counted(reader.refused, 'line')} refused.`);
    return { ...found, events: reader.events };
  } finally {
    progress.end();
  }
}

async function scoreSessions(
  context: CommandContext,
  options: EvaluateOptions,
  labels: ReadonlyMap<string, Label>,
  { untilMs, events: total }: Survey & { readonly events: number },
): Promise<SessionOutcome[]> {
  const settings = settingsOf(configOf(context, options));
  const scorer = createScorer(createScoring(DETECTORS, settings.baseline), settings);
  const progress = startProgress(context.terminal, 'score', total, 'events');
  const step = watched(context, progress);
  // The first pass has complained already.
  const reader = createFileReader({ now: Date.now, complain: () => {}, onEvent: step });
  const plan = { history: options.events, untilMs, episodes: options.episodes, freeze: options.online !== true };
  const outcomes = createOutcomes(labels);
  let done = 0;
  try {
    for await (const scored of scoredEvents(plan, scorer, reader)) {
      outcomes.add(scored);
      step(reader.events, `read, ${++done} scored`);
    }
    return outcomes.outcomes();
  } finally {
    progress.end();
  }
}

const watched =
  ({ stop }: CommandContext, progress: Progress) =>
  (events: number, note?: string): void => {
    if (stop.aborted) throw new CommandFailure('Interrupted.');
    progress.update(events, note);
  };

const sourceOf = ({ events, episodes, labels }: EvaluateOptions): string[] =>
  [events, episodes, labels].flatMap((file) => (file === undefined ? [] : [basename(file)]));
