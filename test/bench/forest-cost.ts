/**
 * `node scripts/bench.mjs forest-cost`: what `isolation-forest` costs, as one JSON object on standard output.
 *
 * - scoring an event against the forest of its kind, against JSON.parse of the same event; for agents that are members and for those that
 *   are not;
 * - score + learn of all detectors against all but this one, with the models of kinds in force;
 * - bytes of the stored forests, and the time to grow them.
 */

import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import { createForestTrainer } from '../../baselines/forest/trainer.ts';
import { forestJobOf, type KindModel, modelsOf } from '../../baselines/kind-model.ts';
import { createKindModels } from '../../baselines/kind-models.ts';
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import type { Detector, View } from '../../detectors/detector.ts';
import { isolationForest } from '../../detectors/isolation-forest.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { viewFor } from '../../detectors/view.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { TENANT } from '../support/agent-bench.ts';
import { createBaselineBench } from '../support/baseline-bench.ts';
import { entriesOf } from '../support/partition-run.ts';
import { measureRatio } from './ratio.ts';

const PAIRS = 7;
const EVENTS = 10_000;

const events = entriesOf(TENANT, simulateFleet({ seed: 'forest', agents: 48, days: 12, storiesPerKind: 0 }).events).map(
  ({ event }) => event,
);
const bench = createBaselineBench();
bench.events(events);

const models: KindModel[] = [];
const grownMs: number[] = [];
for (const { tenant, model } of modelsOf(bench.states(), DEFAULT_BASELINE_SETTINGS, bench.lend))
  models.push(await grown(tenant, model));

async function grown(tenant: string, model: KindModel): Promise<KindModel> {
  const trainer = createForestTrainer();
  const job = forestJobOf(tenant, model, bench.states());
  await trainer.train(job);
  const startedMs = performance.now();
  const answer = await trainer.train(job);
  grownMs.push(Math.round(performance.now() - startedMs));
  await trainer.close();
  return 'forest' in answer ? { ...model, forest: answer.forest } : model;
}

const inForce = createKindModels();
for (const model of models) inForce.install(TENANT, model);

interface Judged {
  readonly event: AuditEvent;
  readonly view: View;
}

/** Events of agents as the kind knows them, or as if it had never heard of them. */
function judgedAs(agentOf: (event: AuditEvent) => string): Judged[] {
  return events.slice(-EVENTS).flatMap((event) => {
    const prior = inForce.prior(TENANT, event.agent.kind ?? '', agentOf(event));
    if (prior?.forest === undefined) return [];
    const state = bench.state(event.agent.id);
    return [
      { event, view: viewFor(state, event, event.session?.id ?? '', event.time, DEFAULT_BASELINE_SETTINGS, prior) },
    ];
  });
}

const ownOf = ({ state }: View) => (state.slots.get(isolationForest.name) ?? isolationForest.init()) as never;

function scoreCost(name: string, judged: readonly Judged[]) {
  const lines = judged.map(({ event }) => JSON.stringify(event));
  const score = () => {
    for (const { event, view } of judged) isolationForest.score(event, view, ownOf(view));
  };
  return measureRatio(name, lines.length, score, () => parse(lines), PAIRS);
}

function parse(lines: readonly string[]): void {
  for (const line of lines) JSON.parse(line);
}

/** Judged and learned from the first event on, by agents that know nothing but their kind. */
function livedBy(detectors: readonly Detector[]): void {
  const one = createBaselineBench({ detectors });
  for (const model of models) one.publish(model);
  one.events(events.slice(-EVENTS));
}

const others = DETECTORS.filter((one) => one.name !== isolationForest.name);

const members = judgedAs((event) => event.agent.id);
const bare = members.map(({ event: { content: _, ...event }, view }) => ({ event, view }));
process.stdout.write(
  `${JSON.stringify(
    {
      kinds: models.map(({ kind, members: { length }, forest }, i) => ({
        kind,
        members: length,
        bytes: forest === undefined ? 0 : JSON.stringify(forest).length,
        nodes: forest?.trees.reduce((sum, { nodes }) => sum + nodes.length, 0) ?? 0,
        grownMs: grownMs[i],
      })),
      ratios: [
        await scoreCost('score a member / JSON.parse, with content', members),
        await scoreCost('score a member / JSON.parse, without content', bare),
        await scoreCost(
          'score a stranger / JSON.parse, with content',
          judgedAs(() => 'nobody'),
        ),
        await measureRatio(
          'score + learn, all detectors / without it',
          EVENTS,
          () => livedBy(DETECTORS),
          () => livedBy(others),
          PAIRS,
        ),
      ],
    },
    null,
    1,
  )}\n`,
);
