/** Figures of attacks that stretch over several sessions: by story as well as by session, and precision beside recall. */
import { groupBy } from './group-by.ts';
import { alerted, type SessionOutcome } from './session-outcome.ts';
import { alertedShare, type Share, shareOf } from './share.ts';

export interface StoryRow {
  readonly name: string;
  /** Attacks of which at least one session alerted. */
  readonly stories: Share;
  /** Attacks of which at least one session alerted at or after the attacker's first act in it: an alert before it was luck. */
  readonly stories_since_act: Share;
  /** Attacked sessions that alerted. */
  readonly sessions: Share;
  /** Attacked sessions among all sessions that alerted. */
  readonly precision: Share;
  /** Benign sessions that alerted. */
  readonly benign: Share;
}

export interface ChangeRow {
  readonly name: string;
  /** Benign sessions during the change that alerted. */
  readonly benign: Share;
}

export interface StoryFigures {
  readonly all: StoryRow;
  /** By labelled age of the agent, days. */
  readonly age: readonly StoryRow[];
  /** By labelled pace; benign sessions go with the pace of the attack on their agent. */
  readonly pace: readonly StoryRow[];
  readonly age_and_pace: readonly StoryRow[];
  /** By category; of benign sessions nobody can say for what they were taken. */
  readonly category: readonly Omit<StoryRow, 'precision' | 'benign'>[];
  /** By category and pace. */
  readonly category_and_pace: readonly Omit<StoryRow, 'precision' | 'benign'>[];
  /** A session during two changes counts for both. */
  readonly change: readonly ChangeRow[];
}

/** Benign sessions of agents that nobody attacks, and outside of any change. */
const NONE = 'none';

/** Null when no attack names its story. */
export function storyFiguresOf(
  attacks: readonly SessionOutcome[],
  benign: readonly SessionOutcome[],
): StoryFigures | null {
  const told = attacks.filter(({ label }) => label.story !== undefined);
  if (told.length === 0) return null;
  const both = { attacks: told, benign };
  const ageOf = ({ label }: SessionOutcome) => (label.ageDays === undefined ? NONE : `${label.ageDays} d`);
  const paceOf = ({ label }: SessionOutcome) => label.pace ?? NONE;
  return {
    all: storyRow('all', told, benign),
    age: rowsBy(both, ageOf),
    pace: rowsBy(both, paceOf),
    age_and_pace: rowsBy(both, (one) => `${ageOf(one)}, ${paceOf(one)}`),
    category: attackRows(told, ({ label }) => label.category),
    category_and_pace: attackRows(told, (one) => `${one.label.category}, ${paceOf(one)}`),
    change: changeRows(benign),
  };
}

type KeyOf = (session: SessionOutcome) => string;

function rowsBy(
  { attacks, benign }: { readonly attacks: readonly SessionOutcome[]; readonly benign: readonly SessionOutcome[] },
  keyOf: KeyOf,
): StoryRow[] {
  const ofAttacks = groupBy(attacks, keyOf);
  const ofBenign = groupBy(benign, keyOf);
  return namesOf([...ofAttacks.keys(), ...ofBenign.keys()]).map((name) =>
    storyRow(name, ofAttacks.get(name) ?? [], ofBenign.get(name) ?? []),
  );
}

function storyRow(name: string, attacks: readonly SessionOutcome[], benign: readonly SessionOutcome[]): StoryRow {
  const caught = attacks.filter(alerted).length;
  return {
    name,
    stories: storiesCaught(attacks, alerted),
    stories_since_act: storiesCaught(attacks, alertedSinceAct),
    sessions: alertedShare(attacks),
    precision: shareOf(caught, caught + benign.filter(alerted).length),
    benign: alertedShare(benign),
  };
}

const alertedSinceAct = ({ lastAlertAt, coreAt }: SessionOutcome): boolean =>
  lastAlertAt !== undefined && coreAt !== undefined && lastAlertAt >= coreAt;

function storiesCaught(attacks: readonly SessionOutcome[], caught: (session: SessionOutcome) => boolean): Share {
  const stories = [...groupBy(attacks, ({ label }) => label.story).values()];
  return shareOf(stories.filter((sessions) => sessions.some(caught)).length, stories.length);
}

const attackRows = (attacks: readonly SessionOutcome[], keyOf: KeyOf): StoryFigures['category'] => {
  const groups = groupBy(attacks, keyOf);
  return namesOf(groups.keys()).map((name) => {
    const sessions = groups.get(name) ?? [];
    return {
      name,
      stories: storiesCaught(sessions, alerted),
      stories_since_act: storiesCaught(sessions, alertedSinceAct),
      sessions: alertedShare(sessions),
    };
  });
};

function changeRows(benign: readonly SessionOutcome[]): ChangeRow[] {
  const during = benign.flatMap((session) => {
    const { changes } = session.label;
    return (changes.length === 0 ? [NONE] : changes).map((name) => ({ name, session }));
  });
  const groups = groupBy(during, ({ name }) => name);
  return namesOf(groups.keys()).map((name) => ({
    name,
    benign: alertedShare((groups.get(name) ?? []).map(({ session }) => session)),
  }));
}

/** Numbers in them by their value: 7 days before 30. */
const namesOf = (names: Iterable<string>): string[] =>
  [...new Set(names)].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
