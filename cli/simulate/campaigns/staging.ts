/** How the doses of a campaign get into the sessions of an agent. */
import { writeSession } from '../agent-stream.ts';
import type { Random } from '../random.ts';
import { HOUR_MS } from '../rhythm.ts';
import type { SessionDraft } from '../session-writer.ts';
import { chooseMoment, interleave, plantText } from '../stories/stage.ts';
import type { Scene } from '../stories/story.ts';
import { carriersIn } from '../stories/tool-result-destination.ts';
import type { Campaign, Dose, Scheme } from './campaign.ts';
import type { CorpusPace, DoseTime } from './pace.ts';
import { scheduleOf } from './pace.ts';

export interface StagedCampaign {
  readonly words: string;
  readonly changed: ReadonlyMap<SessionDraft, SessionDraft>;
  readonly added: readonly SessionDraft[];
}

/** An ordinary session this near to a dose carries it; otherwise a session is opened for it. */
const NEAR_MS = 2 * HOUR_MS;
/** Sessions drawn until one has a result that outsiders write. */
const DRAWS_MAX = 20;

/** `scene.startMs`: the day on which it begins. */
export function stageCampaign(scene: Scene, campaign: Campaign, pace: CorpusPace, random: Random): StagedCampaign {
  const scheme = campaign.prepare(scene, random.fork('scheme'));
  const times = scheduleOf(pace, random.fork('times'));
  const changed = new Map<SessionDraft, SessionDraft>();
  const added: SessionDraft[] = [];
  for (const [step, time] of times.entries()) {
    const own = random.fork(`dose/${step}`);
    const needsCarrier = step === 0 && scheme.lure !== undefined;
    const free = scene.sessions.filter((session) => !changed.has(session) && fits(scene, session, needsCarrier));
    const timeMs = scene.startMs + time.afterMs;
    const host = nearest(free, timeMs);
    const session = host ?? openedSession(scene, timeMs, needsCarrier, own);
    const outcome = dosed(scene, session, scheme, doseOf(times, time, step), own);
    if (host === undefined) added.push(outcome);
    else changed.set(host, outcome);
  }
  return { words: scheme.words, changed, added };
}

const doseOf = (times: readonly DoseTime[], { size }: DoseTime, step: number): Dose => ({
  size,
  step,
  last: step === times.length - 1,
});

const fits = (scene: Scene, session: SessionDraft, needsCarrier: boolean): boolean =>
  !needsCarrier || carriersIn(scene, session).length > 0;

function nearest(sessions: readonly SessionDraft[], timeMs: number): SessionDraft | undefined {
  const far = (session: SessionDraft) => Math.abs(session.startMs - timeMs);
  const near = sessions.filter((session) => far(session) <= NEAR_MS);
  return near.sort((one, other) => far(one) - far(other))[0];
}

/** Without a carrier after all draws the attack has no exposure: somebody got at the agent by another way. */
function openedSession(scene: Scene, timeMs: number, needsCarrier: boolean, random: Random): SessionDraft {
  const draw = (attempt: number) => writeSession(scene.stream, timeMs, random.fork(`session/${attempt}`));
  for (let attempt = 0; attempt < DRAWS_MAX; attempt += 1) {
    const session = draw(attempt);
    if (fits(scene, session, needsCarrier)) return session;
  }
  return draw(0);
}

function dosed(scene: Scene, session: SessionDraft, scheme: Scheme, dose: Dose, random: Random): SessionDraft {
  const carriers = dose.step === 0 && scheme.lure !== undefined ? carriersIn(scene, session) : [];
  const acts = random.fork('acts');
  const [position] = carriers.length === 0 ? [] : [random.pick(carriers)];
  const lured =
    position === undefined ? session : plantText(scene, session, { position, text: scheme.lure ?? '', random });
  const after = position ?? chooseMoment(session, random);
  return interleave(scene, lured, { after, random: acts }, (writer, desk) => scheme.write(writer, desk, dose));
}
