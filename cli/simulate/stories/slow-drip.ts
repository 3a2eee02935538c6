import type { Destination } from '../../../ingest/event.ts';
import type { Exit } from '../agent-kind.ts';
import type { Random } from '../random.ts';
import { DAY_MS } from '../rhythm.ts';
import type { SessionDraft } from '../session-writer.ts';
import { chatter, excerpt } from '../texts.ts';
import { chooseMoment, interleave, strangePlace } from './stage.ts';
import type { Scene, Story } from './story.ts';

const ROWS_MAX = 30;
const SENDS_MIN = 4;
const SENDS_MAX = 24;

/** A few rows at a time to one new destination, on top of ordinary sessions, over days. */
export const slowDrip: Story = {
  summary: 'Small amounts to one new destination, in many sessions over days',
  pace: 'days',
  suits: (kind) => kind.abilities.read !== undefined && kind.abilities.exit !== undefined,
  plot: (scene, random) => {
    const { exit } = scene.stream.kind.abilities;
    if (exit === undefined || scene.sessions.length < SENDS_MIN) return undefined;
    const to = strangePlace(exit.kind, random);
    const usual = Math.min(ROWS_MAX, Math.max(1, random.lognormal(6, 0.9)));
    const count = Math.round(scene.sessions.length * (0.35 + 0.5 * random.uniform()));
    const hosts = random.sample(scene.sessions, Math.min(SENDS_MAX, Math.max(SENDS_MIN, count)));
    const days = daysBetween(hosts);
    if (days < 1) return undefined;
    const changed = new Map<SessionDraft, SessionDraft>();
    let total = 0;
    for (const [index, host] of hosts.entries()) {
      const rows = Math.min(ROWS_MAX, Math.max(1, Math.round(random.lognormal(usual, 0.3))));
      total += rows;
      changed.set(host, drip(scene, host, { exit, to, rows, random: random.fork(`send/${index}`) }));
    }
    const words = `${hosts.length} sends of about ${Math.round(usual)} rows to ${to.value} over ${days.toFixed(1)} days`;
    return { changed, added: [], magnitude: { amount: total / hosts.length, unit: 'rows per send', words } };
  },
};

function daysBetween(sessions: readonly SessionDraft[]): number {
  const times = sessions.map((session) => session.startMs);
  return (Math.max(...times) - Math.min(...times)) / DAY_MS;
}

interface Drop {
  readonly exit: Exit;
  readonly to: Destination;
  readonly rows: number;
  readonly random: Random;
}

function drip(scene: Scene, host: SessionDraft, drop: Drop): SessionDraft {
  const { exit, to, rows, random } = drop;
  return interleave(scene, host, { after: chooseMoment(host, random), random }, (session, desk) => {
    const found = scene.stream.kind.abilities.read?.(desk, rows, random);
    if (found !== undefined) session.act(found);
    const body = excerpt(`${chatter(random, 1, 1)}\n${found?.result ?? ''}`, 800);
    session.act(exit.send(desk, to, body, rows * random.int(18, 60)));
  });
}
