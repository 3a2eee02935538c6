/** Makes the models of kinds from the stored states, and writes them to the log: from then on new agents begin where their kind is. */
import type { AgentState } from '../baselines/agent-state.ts';
import { type BaselineSettings, READY_SESSIONS, WARMING_SESSIONS } from '../baselines/baseline.ts';
import type { ContentStore } from '../baselines/content-store.ts';
import { isEnough } from '../baselines/forest/grow-forest.ts';
import type { ForestTrainer } from '../baselines/forest/trainer.ts';
import {
  FULL_KIND,
  forestJobOf,
  type KindModel,
  type Lend,
  MEMBERS_MAX,
  MEMBERS_MIN,
  summariseKind,
} from '../baselines/kind-model.ts';
import type { KindCount, StateStore } from '../baselines/state-store.ts';
import type { LogSink, ModelEntry } from '../ingest/log.ts';

export interface KindPublisherDeps {
  readonly states: Pick<StateStore, 'kinds' | 'ofKind'>;
  readonly contents: Pick<ContentStore, 'put'>;
  readonly log: LogSink;
  /** Of the log, by their full numbers: each gets a copy of every model. */
  readonly partitions: readonly number[];
  readonly settings: BaselineSettings;
  readonly lend: Lend;
  readonly now: () => number;
  /** Absent: models go out without forests. */
  readonly forests?: ForestTraining;
}

export interface ForestTraining {
  readonly trainer: Pick<ForestTrainer, 'train' | 'close'>;
  /** The model of this kind goes out without a forest, and `isolation-forest` says nothing of its agents until the next one. */
  onFailure(failure: { readonly tenant: string; readonly agentKind: string; readonly reason: string }): void;
}

export interface KindPublisher {
  /** Publishes what has changed since the last time; returns how many models that were. One at a time. */
  publish(): Promise<number>;
}

/** Kinds of one tenant; those with fewer agents have no model. An attacker can make up kinds, but no agents that are known well. */
const KINDS_MAX = 200;

const nameOf = ({ tenant, kind }: Pick<KindCount, 'tenant' | 'kind'>): string => `${tenant}\u0000${kind}`;

/** At most `KINDS_MAX` of each tenant. */
function firstOfEach(kinds: readonly KindCount[]): KindCount[] {
  const counts = new Map<string, number>();
  return kinds.filter(({ tenant }) => {
    const count = (counts.get(tenant) ?? 0) + 1;
    counts.set(tenant, count);
    return count <= KINDS_MAX;
  });
}

export function createKindPublisher(deps: KindPublisherDeps): KindPublisher {
  const { states, contents, log, partitions, settings, lend, now, forests } = deps;
  /** Hash of the newest model by tenant and kind. */
  const published = new Map<string, string>();

  async function publish(): Promise<number> {
    let count = 0;
    try {
      for (const { tenant, kind } of await kindsToPublish()) if (await publishKind(tenant, kind)) count += 1;
    } finally {
      // No thread stands idle until the next time.
      await forests?.trainer.close();
    }
    return count;
  }

  /** Kinds of agents that are known well come first, or whoever makes up many kinds would push them out. */
  async function kindsToPublish(): Promise<KindCount[]> {
    const known = await states.kinds(READY_SESSIONS, KINDS_MAX);
    const young = await states.kinds(WARMING_SESSIONS, KINDS_MAX);
    const kinds = new Map<string, KindCount>();
    for (const one of [...known, ...young])
      if (one.agents >= MEMBERS_MIN) kinds.set(nameOf(one), kinds.get(nameOf(one)) ?? one);
    return firstOfEach([...kinds.values()]);
  }

  /** Once a full kind is known well, nobody else is a member. */
  async function membersOf(tenant: string, kind: string): Promise<AgentState[]> {
    const known = await states.ofKind(tenant, kind, READY_SESSIONS, MEMBERS_MAX);
    return known.length >= FULL_KIND ? known : states.ofKind(tenant, kind, WARMING_SESSIONS, MEMBERS_MAX);
  }

  async function publishKind(tenant: string, kind: string): Promise<boolean> {
    const members = await membersOf(tenant, kind);
    const summary = summariseKind(kind, members, settings, lend);
    if (summary === undefined) return false;
    const model = await withForest(tenant, summary, members);
    const content = await contents.put(tenant, JSON.stringify(model), now());
    const key = nameOf({ tenant, kind });
    if (published.get(key) === content) return false;
    const entry = { kind: 'model', tenant, receivedMs: now(), agentKind: kind, content } as const;
    await log.append(partitions.map((partition): ModelEntry => ({ ...entry, partition })));
    published.set(key, content);
    return true;
  }

  async function withForest(tenant: string, model: KindModel, members: readonly AgentState[]): Promise<KindModel> {
    const job = forestJobOf(tenant, model, members);
    if (forests === undefined || !isEnough(job.vectors)) return model;
    const answer = await forests.trainer.train(job);
    if ('forest' in answer) return { ...model, forest: answer.forest };
    forests.onFailure({ tenant, agentKind: model.kind, reason: answer.failure });
    return model;
  }

  return { publish };
}
