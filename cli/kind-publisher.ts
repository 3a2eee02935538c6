/** Makes the models of kinds from the stored states, and writes them to the log: from then on new agents begin where their kind is. */
import { type BaselineSettings, READY_SESSIONS } from '../baselines/baseline.ts';
import type { ContentStore } from '../baselines/content-store.ts';
import { MEMBERS_MAX, MEMBERS_MIN, summariseKind } from '../baselines/kind-model.ts';
import type { StateStore } from '../baselines/state-store.ts';
import type { LogSink, ModelEntry } from '../ingest/log.ts';

export interface KindPublisherDeps {
  readonly states: Pick<StateStore, 'kinds' | 'ofKind'>;
  readonly contents: Pick<ContentStore, 'put'>;
  readonly log: LogSink;
  /** Of the log, by their full numbers: each gets a copy of every model. */
  readonly partitions: readonly number[];
  readonly settings: BaselineSettings;
  readonly now: () => number;
}

export interface KindPublisher {
  /** Publishes what has changed since the last time; returns how many models that were. One at a time. */
  publish(): Promise<number>;
}

/** Kinds of one tenant; those with fewer agents have no model. An attacker can make up kinds, but no agents that are known well. */
const KINDS_MAX = 200;

export function createKindPublisher(deps: KindPublisherDeps): KindPublisher {
  const { states, contents, log, partitions, settings, now } = deps;
  /** Hash of the newest model by tenant and kind. */
  const published = new Map<string, string>();

  async function publish(): Promise<number> {
    let count = 0;
    for (const { tenant, kind, agents } of await states.kinds(READY_SESSIONS, KINDS_MAX)) {
      if (agents >= MEMBERS_MIN && (await publishKind(tenant, kind))) count += 1;
    }
    return count;
  }

  async function publishKind(tenant: string, kind: string): Promise<boolean> {
    const members = await states.ofKind(tenant, kind, READY_SESSIONS, MEMBERS_MAX);
    const model = summariseKind(kind, members, settings);
    if (model === undefined) return false;
    const content = await contents.put(tenant, JSON.stringify(model), now());
    const key = `${tenant}\u0000${kind}`;
    if (published.get(key) === content) return false;
    const entry = { kind: 'model', tenant, receivedMs: now(), agentKind: kind, content } as const;
    await log.append(partitions.map((partition): ModelEntry => ({ ...entry, partition })));
    published.set(key, content);
    return true;
  }

  return { publish };
}
