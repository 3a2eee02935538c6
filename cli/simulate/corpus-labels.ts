/** What is known of each session of a corpus, as `picket evaluate` reads it. See docs/evaluate.md. */
import type { Corpus, CorpusAttack, CorpusMember } from './corpus.ts';

/** One line of the labels file. */
export interface CorpusLabel {
  readonly session_id: string;
  readonly phase: 'history' | 'test';
  readonly kind: 'benign' | 'attacked';
  readonly agent_age_days: number;
  /** Of the attack on the session's agent, whether or not the session is part of it. */
  readonly pace?: string;
  readonly changes?: readonly string[];
  readonly attack_succeeded?: true;
  readonly category?: string;
  readonly story_id?: string;
  readonly exposure_event_id?: string;
  readonly core_event_ids?: readonly string[];
}

/** In the order in which the sessions begin. */
export function corpusLabels(corpus: Corpus): CorpusLabel[] {
  const members = new Map(corpus.agents.map((member) => [member.id, member]));
  const attacked = new Map(corpus.attacks.flatMap((attack) => attack.sessions.map(({ session }) => [session, attack])));
  return startsOf(corpus).map(({ session, agent, startMs }) => {
    const member = members.get(agent) as CorpusMember;
    const changes = changesAt(corpus, agent, startMs);
    const basis = {
      session_id: session,
      phase: startMs < corpus.judgedFromMs ? ('history' as const) : ('test' as const),
      agent_age_days: member.ageDays,
      ...(member.role !== undefined && { pace: member.role.pace }),
      ...(changes.length > 0 && { changes }),
    };
    const attack = attacked.get(session);
    return attack === undefined ? { ...basis, kind: 'benign' } : { ...basis, ...attackFields(attack, session) };
  });
}

function attackFields({ id, story, sessions }: CorpusAttack, name: string) {
  const { exposureId, coreIds = [] } = sessions.find(({ session }) => session === name) ?? {};
  return {
    kind: 'attacked' as const,
    attack_succeeded: true as const,
    category: story,
    story_id: id,
    ...(exposureId !== undefined && { exposure_event_id: exposureId }),
    core_event_ids: coreIds,
  };
}

function startsOf({ events }: Corpus): { session: string; agent: string; startMs: number }[] {
  const starts = new Map<string, { session: string; agent: string; startMs: number }>();
  for (const { session, agent, time } of events) {
    const name = session?.id ?? '';
    if (!starts.has(name)) starts.set(name, { session: name, agent: agent.id, startMs: new Date(time).getTime() });
  }
  return [...starts.values()];
}

function changesAt({ changes }: Corpus, agent: string, timeMs: number): string[] {
  const during = changes.filter((one) => one.agents.includes(agent) && one.startMs <= timeMs && timeMs < one.endMs);
  return [...new Set(during.map(({ change }) => change))];
}
