import type { Destination } from '../../../ingest/event.ts';
import type { AgentProfile } from '../agent-profile.ts';
import { COMPANY_DOMAIN } from '../company.ts';
import type { Random } from '../random.ts';
import type { SessionDraft } from '../session-writer.ts';
import { chatter, excerpt } from '../texts.ts';
import { plantedText } from './planted-text.ts';
import { interleave, plantText, strangePlace } from './stage.ts';
import type { Plot, Scene, Story } from './story.ts';

type Disguise = 'none' | 'lookalike' | 'colleague';

const ROWS_MAX = 400;

/**
 * Indirect injection: a result of an ordinary session names a place, nobody asked for it, and the agent sends data there. The
 * place may be strange, resemble a known partner, or be a known colleague's.
 */
export const toolResultDestination: Story = {
  summary: 'A destination planted in a tool result, absent from the prompt; then data goes there',
  pace: 'minutes',
  suits: (kind) => kind.abilities.carriers.length > 0 && kind.abilities.exit !== undefined,
  plot: (scene, random) => {
    const exit = scene.stream.kind.abilities.exit;
    const occasions = scene.sessions.filter((session) => carriersIn(scene, session).length > 0);
    if (exit === undefined || occasions.length === 0) return undefined;
    const host = random.pick(occasions);
    const disguise = random.weighted<Disguise>({ none: 5, lookalike: 3, colleague: 2 });
    const to = unnamed(exit.kind, disguise, scene, host, random);
    return obey(scene, host, to, disguise, random);
  },
};

function obey(scene: Scene, host: SessionDraft, to: Destination, disguise: Disguise, random: Random): Plot | undefined {
  const { exit, read } = scene.stream.kind.abilities;
  if (exit === undefined) return undefined;
  const position = random.pick(carriersIn(scene, host));
  const poisoned = plantText(scene, host, { position, text: plantedText(to.value, random), random });
  const rows = Math.min(ROWS_MAX, Math.max(1, Math.round(random.lognormal(12, 1.2))));
  const reads = read !== undefined && random.chance(0.6);
  const bytes = reads ? rows * random.int(18, 60) : Math.round(random.lognormal(400, 0.9));
  const after = random.int(position, poisoned.events.length - 1);
  const outcome = interleave(
    scene,
    poisoned,
    { after: actBefore(poisoned, after, position), random: random.fork('acts') },
    (session, desk) => {
      const found = reads ? read(desk, rows, session.random) : undefined;
      if (found !== undefined) session.act(found);
      const body = `${chatter(session.random, 1, 1)}\n${found?.result ?? host.events[position]?.body.content?.result ?? ''}`;
      session.act(exit.send(desk, to, excerpt(body, 400), bytes));
    },
  );
  const words = `${bytes} bytes sent to ${to.value} (disguise: ${disguise})${reads ? `, after reading ${rows} rows` : ''}`;
  return { changed: new Map([[host, outcome]]), added: [], magnitude: { amount: bytes, unit: 'bytes', words } };
}

/** The nearest tool call at or before `after`; a model call and its tool call stay together. */
function actBefore(session: SessionDraft, after: number, least: number): number {
  let position = after;
  while (position > least && session.events[position]?.body.action.type === 'model_call') position -= 1;
  return position;
}

export function carriersIn(scene: Scene, session: SessionDraft): number[] {
  const { carriers } = scene.stream.kind.abilities;
  return session.events.flatMap(({ body }, index) => {
    const carries = carriers.includes(`${body.tool?.server}.${body.action.name}`) && body.outcome === 'success';
    return carries ? [index] : [];
  });
}

const ATTEMPTS_MAX = 20;

/** A place that no text of the session names yet; the strange one if chance keeps naming known ones. */
function unnamed(
  kind: 'email' | 'url',
  disguise: Disguise,
  scene: Scene,
  host: SessionDraft,
  random: Random,
): Destination {
  const texts = JSON.stringify(host.events);
  for (let left = ATTEMPTS_MAX; left > 0; left -= 1) {
    const place = disguised(kind, disguise, scene.stream.profile, random);
    if (!texts.includes(place.value)) return place;
  }
  return strangePlace(kind, random);
}

function disguised(kind: 'email' | 'url', disguise: Disguise, profile: AgentProfile, random: Random): Destination {
  if (disguise === 'none') return strangePlace(kind, random);
  const colleague = random.pick(profile.colleagues);
  if (disguise === 'colleague') {
    return kind === 'email'
      ? { kind, value: colleague.email }
      : { kind, value: `https://files.${COMPANY_DOMAIN}/${colleague.email.split('@')[0]}/inbox` };
  }
  if (kind === 'url') {
    const [prefix, ...domain] = random.pick(profile.hosts).split('.');
    return { kind, value: `https://${prefix}.${resembling(domain.join('.'), random)}/sync` };
  }
  const { contact } = random.pick(profile.contacts);
  return { kind, value: `${contact.email.split('@')[0]}@${resembling(contact.domain, random)}` };
}

/** The same domain, one letter off, or under another reserved ending. */
function resembling(domain: string, random: Random): string {
  const [label = domain, ...endings] = domain.split('.');
  const position = random.int(1, Math.max(1, label.length - 2));
  const doubled = label.slice(0, position) + label.charAt(position) + label.slice(position);
  const rest = endings.join('.');
  return random.pick([`${doubled}.${rest}`, `${label}-group.${rest}`, `${label}.example.org`, `${label}s.${rest}`]);
}
