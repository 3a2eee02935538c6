/** How attack acts get into sessions: within an ongoing one, or at the end of one opened for it. */
import type { Destination } from '../../../ingest/event.ts';
import type { Model } from '../agent-profile.ts';
import { deskAt, profileAt, writeSession } from '../agent-stream.ts';
import { createContact, createHost } from '../company.ts';
import type { Desk } from '../desk.ts';
import type { Random } from '../random.ts';
import type { DraftEvent, SessionDraft, SessionWriter } from '../session-writer.ts';
import { CHARS_PER_TOKEN, createSessionWriter } from '../session-writer.ts';
import type { Plot, Scene } from './story.ts';

/** The session in which the attack happens. */
export interface Venue {
  readonly session: SessionDraft;
  readonly isNew: boolean;
}

export type Writing = (session: SessionWriter, desk: Desk) => void;

/** Half of the attacks ride on a session that is under way anyway. */
export function chooseVenue(scene: Scene, random: Random): Venue {
  if (random.chance(0.5)) return { session: random.pick(scene.sessions), isNew: false };
  return { session: writeSession(scene.stream, chooseTime(scene, random), random.fork('session')), isNew: true };
}

/** Mostly at hours at which the agent works, sometimes at any hour. */
function chooseTime(scene: Scene, random: Random): number {
  const nearMs = random.pick(scene.sessions).startMs + random.int(5, 50) * 60_000 + random.int(0, 59_999);
  return random.chance(0.7) ? Math.min(nearMs, scene.endMs - 1) : random.int(scene.startMs, scene.endMs - 1);
}

export function staged(venue: Venue, outcome: SessionDraft): Pick<Plot, 'changed' | 'added'> {
  if (venue.isNew) return { changed: new Map(), added: [outcome] };
  return { changed: new Map([[venue.session, outcome]]), added: [] };
}

/** Position of some tool call: after it, the model would next decide what to do. */
export function chooseMoment(session: SessionDraft, random: Random): number {
  const moments = session.events.flatMap((event, index) => (isModelCall(event) ? [] : [index]));
  return moments.length === 0 ? session.events.length - 1 : random.pick(moments);
}

export interface InterleaveOptions {
  /** Acts follow the event at this position; what came after it in the session happens later. */
  readonly after: number;
  readonly random: Random;
  readonly contextChars?: number;
}

/** The session with attack acts in it. What follows them happens later, and with a longer context. */
export function interleave(
  scene: Scene,
  session: SessionDraft,
  options: InterleaveOptions,
  write: Writing,
): SessionDraft {
  const { after, random } = options;
  const agent = profileAt(scene.stream, session.startMs);
  const before = session.events.slice(0, after + 1);
  const startMs = before.at(-1)?.timeMs ?? session.startMs;
  const seenChars = contextAfter(before) ?? agent.systemChars;
  const contextChars = options.contextChars ?? seenChars;
  const writer = createSessionWriter({ agent, startMs, random, part: 'attack', continues: true, contextChars });
  write(writer, deskAt(scene.stream, startMs, random));
  const written = writer.events();
  const delayMs = (written.at(-1)?.timeMs ?? startMs) - startMs;
  const grownChars = options.contextChars === undefined ? writer.contextChars() - seenChars : 0;
  const rest = session.events.slice(after + 1).map((event) => postponed(event, delayMs, grownChars, agent.model));
  return { ...session, events: [...before, ...written, ...rest] };
}

function postponed(event: DraftEvent, delayMs: number, grownChars: number, model: Model): DraftEvent {
  const timeMs = event.timeMs + delayMs;
  const { usage, data, cost } = event.body;
  if (!isModelCall(event) || usage === undefined) return { ...event, timeMs };
  const tokens = Math.ceil(grownChars / CHARS_PER_TOKEN);
  const body = {
    ...event.body,
    data: { ...data, bytes_sent: (data?.bytes_sent ?? 0) + grownChars },
    usage: { ...usage, input_tokens: (usage.input_tokens ?? 0) + tokens },
    cost: { micro_usd: (cost?.micro_usd ?? 0) + Math.round(tokens * model.inputMicroUsd) },
  };
  return { ...event, timeMs, body };
}

/** The session with `text` in the result of one of its events, at the end or after some line. */
export function plantText(
  scene: Scene,
  session: SessionDraft,
  planting: { readonly position: number; readonly text: string; readonly random: Random },
): SessionDraft {
  const { position, text, random } = planting;
  const { model } = scene.stream.profile;
  const events = session.events.map((event, index) => {
    if (index === position) return withText(event, text, random);
    return index < position ? event : postponed(event, 0, text.length, model);
  });
  return { ...session, events };
}

function withText(event: DraftEvent, text: string, random: Random): DraftEvent {
  const { body } = event;
  const lines = (body.content?.result ?? '').split('\n');
  lines.splice(random.int(Math.min(2, lines.length), lines.length), 0, text);
  const received = (body.data?.bytes_received ?? 0) + text.length;
  const data = { ...body.data, bytes_received: received };
  return {
    ...event,
    part: 'exposure',
    body: { ...body, data, content: { ...body.content, result: lines.join('\n') } },
  };
}

function isModelCall(event: DraftEvent): boolean {
  return event.body.action.type === 'model_call';
}

/** What the model would be shown next: its last context, its answer, and the results since. Undefined before the first call. */
function contextAfter(events: readonly DraftEvent[]): number | undefined {
  const last = events.findLastIndex(isModelCall);
  const data = events[last]?.body.data;
  if (data === undefined) return undefined;
  const results = events.slice(last + 1).map((event) => event.body.content?.result?.length ?? 0);
  return (data.bytes_sent ?? 0) + (data.bytes_received ?? 0) + results.reduce((sum, length) => sum + length, 0);
}

/** The events that would not be there without the story. */
export function plantedEvents(session: SessionDraft): DraftEvent[] {
  return session.events.filter((event) => event.part !== 'benign');
}

/** A place to which this agent has never sent anything. */
export function strangePlace(kind: 'email' | 'url', random: Random): Destination {
  if (kind === 'email') return { kind, value: createContact(random).email };
  return {
    kind,
    value: `https://${createHost(random)}/${random.pick(['in', 'upload', 'collect', 'api/v1/items', 'share'])}`,
  };
}
