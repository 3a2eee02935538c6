import { createForestPriors, type ForestPrior } from './forest/forest-prior.ts';
import type { KindModel } from './kind-model.ts';
import { type KindPrior, type KindVocabulary, priorFor, vocabularyOf } from './kind-prior.ts';

/** The models in force in one partition: of each kind the one whose record came last. */
export interface KindModels {
  install(tenant: string, model: KindModel): void;
  /** What an agent may expect of itself; undefined where its kind has no model. */
  prior(tenant: string, kind: string, agent: string): KindPrior | undefined;
}

/** At the limit the kind whose model was longest not renewed has none any more. */
const KINDS_MAX = 1000;
/** Priors are made once for each agent that acts, and kept; at the limit all are made anew. */
const PRIORS_MAX = 4096;

/** A model, with what is made of it once for all agents. */
interface InForce {
  readonly model: KindModel;
  readonly vocabulary: KindVocabulary;
  readonly forest: (agent: string) => ForestPrior | undefined;
}

function priorIn({ model, vocabulary, forest }: InForce, agent: string): KindPrior | undefined {
  const prior = priorFor(model, agent, vocabulary);
  return prior && { ...prior, forest: forest(agent) };
}

export function createKindModels(): KindModels {
  const models = new Map<string, InForce>();
  const priors = new Map<string, KindPrior | undefined>();
  const keyOf = (...parts: readonly string[]) => parts.join('\u0000');
  return {
    install(tenant, model) {
      const key = keyOf(tenant, model.kind);
      models.delete(key);
      if (models.size >= KINDS_MAX) models.delete(models.keys().next().value ?? '');
      const forest = createForestPriors(model.forest, model.members);
      models.set(key, { model, vocabulary: vocabularyOf(model), forest });
      priors.clear();
    },
    prior(tenant, kind, agent) {
      const known = kind === '' || models.size === 0 ? undefined : models.get(keyOf(tenant, kind));
      if (known === undefined) return undefined;
      const key = keyOf(tenant, kind, agent);
      if (!priors.has(key)) {
        if (priors.size >= PRIORS_MAX) priors.clear();
        priors.set(key, priorIn(known, agent));
      }
      return priors.get(key);
    },
  };
}
