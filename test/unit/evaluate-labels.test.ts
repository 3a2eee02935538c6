/** Goal: labels are read as documented and bad ones are named; files whose sessions do not match are refused before anything is scored. */
import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../../cli/context.ts';
import { cohortOf, type Label, labelOf } from '../../cli/evaluate/label.ts';
import { readLabel } from '../../cli/evaluate/label-file.ts';
import { survey } from '../../cli/evaluate/survey.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { DAY_MS, HOUR_MS, MONDAY_MS, TENANT, toolCall } from '../support/agent-bench.ts';

const read = (line: unknown) => readLabel(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)));
const benign = { session_id: 's1', phase: 'test', kind: 'benign' } as const;
const attacked = { session_id: 's1', phase: 'test', kind: 'attacked', attack_succeeded: true } as const;

describe('readLabel', () => {
  it('takes what it knows, null as absent, and passes over other fields', () => {
    const line = { ...attacked, category: null, core_event_ids: ['e2', 'e3'], exposure_event_id: 'e1', pipeline: 'x' };
    expect(read({ ...line, user_task_fresh: true, utility: 7 })).toEqual({
      ok: true,
      label: {
        session: 's1',
        phase: 'test',
        kind: 'attacked',
        succeeded: true,
        visible: true,
        category: '-',
        exposure: 'e1',
        core: new Set(['e2', 'e3']),
        fresh: true,
        story: undefined,
        pace: undefined,
        ageDays: undefined,
        changes: [],
      },
    });
  });

  it('takes the story, the pace, the age and the changes of a corpus', () => {
    const corpus = { story_id: 'theft-1', pace: 'ramp', agent_age_days: 7, changes: ['holiday'] };
    expect(read({ ...attacked, ...corpus })).toMatchObject({
      label: { story: 'theft-1', pace: 'ramp', ageDays: 7, changes: ['holiday'] },
    });
    expect(read({ ...attacked, agent_age_days: 1.5 })).toMatchObject({
      fault: 'agent_age_days must be a whole number of days, 0 to 36,500.',
    });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{"session_id":', 'The record is not valid JSON: it ends too early.'],
    ['no object', '[]', 'The record is not a JSON object.'],
    [
      'no session',
      { phase: 'test', kind: 'benign' },
      'session_id is missing; it must be a session id of 1 to 256 characters.',
    ],
    ['an empty session', { ...benign, session_id: '' }, 'session_id must be a session id of 1 to 256 characters.'],
    ['no phase', { session_id: 's', kind: 'benign' }, 'phase is missing; it must be history, test or episode.'],
    ['another phase', { ...benign, phase: 'train' }, 'phase must be history, test or episode.'],
    ['another kind', { ...benign, kind: 'odd' }, 'kind must be benign, attacked or direct_request.'],
    [
      'a list that is none',
      { ...attacked, core_event_ids: 'e1' },
      'core_event_ids must be a list of at most 10,000 event ids.',
    ],
    [
      'a list of numbers',
      { ...attacked, core_event_ids: [1] },
      'core_event_ids must be a list of at most 10,000 event ids.',
    ],
    ['a word for a truth', { ...attacked, attack_succeeded: 'yes' }, 'attack_succeeded must be true or false.'],
    [
      'an attack that nobody says succeeded',
      { session_id: 's', phase: 'test', kind: 'attacked' },
      'attack_succeeded is missing; an attacked session needs it, true or false.',
    ],
  ])('names what is wrong: %s', (_name, line, fault) => {
    expect(read(line)).toEqual({ ok: false, fault });
  });
});

describe('cohortOf', () => {
  it.each<[string, Parameters<typeof labelOf>[0], string]>([
    ['history, whatever else', { ...attacked, phase: 'history' }, 'history'],
    ['benign', benign, 'benign'],
    ['a benign episode', { ...benign, phase: 'episode' }, 'benign'],
    ['acts labelled', { ...attacked, core_event_ids: ['e'] }, 'attack'],
    ['said to be visible', { ...attacked, tool_visible: true }, 'attack'],
    ['said not to be visible', { ...attacked, tool_visible: false, core_event_ids: ['e'] }, 'unseen-attack'],
    ['no acts', attacked, 'unseen-attack'],
    ['failed', { ...attacked, attack_succeeded: false, core_event_ids: ['e'] }, 'failed-attack'],
    ['asked for by the user', { ...attacked, kind: 'direct_request' }, 'direct-request'],
  ])('%s', (_name, line, cohort) => {
    expect(cohortOf(labelOf(line))).toBe(cohort);
  });
});

describe('survey', () => {
  const inSession = (session: string, id: string, timeMs: number, agent = 'a1') =>
    toolCall(id, timeMs, { session: { id: session }, agent: { id: agent } });
  const labels = (...lines: Parameters<typeof labelOf>[0][]): Map<string, Label> =>
    new Map(lines.map((line) => [line.session_id, labelOf(line)]));
  const history = { ...benign, session_id: 'h', phase: 'history' } as const;
  const events = [
    inSession('h', 'e1', MONDAY_MS),
    inSession('s1', 'e2', MONDAY_MS + DAY_MS, 'a2'),
    inSession('h', 'e3', MONDAY_MS + DAY_MS + HOUR_MS),
    inSession('s1', 'e4', MONDAY_MS + 2 * DAY_MS),
  ];
  const look = (
    stream: AuditEvent[],
    known: Map<string, Label>,
    more: { untilMs?: number; episodes?: AuditEvent[] } = {},
  ) =>
    survey({
      events: entriesOf(stream),
      episodes: more.episodes === undefined ? undefined : entriesOf(more.episodes),
      labels: known,
      untilMs: more.untilMs,
    });

  it('begins where the first session labelled test begins, and knows what the figures need', async () => {
    const known = labels(history, { ...attacked, core_event_ids: ['e4', 'gone'], exposure_event_id: 'e2' });
    expect(await look(events, known)).toEqual({
      untilMs: MONDAY_MS + DAY_MS,
      testEndMs: MONDAY_MS + 2 * DAY_MS,
      agentsFromMs: new Map([
        ['a1', MONDAY_MS],
        ['a2', MONDAY_MS + DAY_MS],
      ]),
      namedMs: new Map([
        ['e2', MONDAY_MS + DAY_MS],
        ['e4', MONDAY_MS + 2 * DAY_MS],
      ]),
      historyTooLate: 0,
    });
  });

  it('learns all of the stream where only episodes are labelled', async () => {
    const known = labels(history, { ...benign, phase: 'episode' });
    const found = await look([inSession('h', 'e1', MONDAY_MS)], known, {
      episodes: [inSession('s1', 'e9', MONDAY_MS - DAY_MS)],
    });
    expect(found).toMatchObject({ untilMs: MONDAY_MS + 1, testEndMs: undefined });
  });

  it('counts sessions labelled history that begin too late, and asks no label of what is learned', async () => {
    const stream = [...events, inSession('t', 'e5', MONDAY_MS + 3 * DAY_MS)];
    const found = await look(stream, labels(benign, { ...history, session_id: 't' }));
    expect(found.historyTooLate).toBe(1);
  });

  it.each<[string, AuditEvent[], Map<string, Label>, { untilMs?: number; episodes?: AuditEvent[] }, string[]]>([
    [
      'sessions without labels',
      [...events, ...Array.from({ length: 7 }, (_, i) => inSession(`n${i}`, `x${i}`, MONDAY_MS + 3 * DAY_MS))],
      labels(benign),
      {},
      [
        'Sessions without a label: 7 (n0, n1, n2, n3, n4, ...). A session needs one when it begins at or after 2026-01-06T09:00:00.000Z or is an episode.',
        'was a file or --episodes left out?',
      ],
    ],
    [
      'episodes without labels',
      events,
      labels(benign),
      { episodes: [inSession('x', 'e9', 1e12)] },
      ['Sessions without a label: 1 (x).'],
    ],
    [
      'labels without sessions',
      events,
      labels(benign, { ...benign, session_id: 'gone' }),
      {},
      ['Labels without a session: 1 (gone). No such session begins at or after 2026-01-06T09:00:00.000Z'],
    ],
    [
      'a session that begins before',
      events,
      labels(benign),
      { untilMs: MONDAY_MS + 2 * DAY_MS },
      ['Labels without a session: 1 (s1).'],
    ],
    [
      'events that no label can name',
      [...events, nameless('e9', MONDAY_MS + 3 * DAY_MS)],
      labels(benign),
      {},
      ['(events without session.id)'],
    ],
  ])('refuses %s', async (_name, stream, known, more, words) => {
    const refusal = await look(stream, known, more).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CommandFailure);
    for (const one of words) expect((refusal as CommandFailure).message).toContain(one);
    expect((refusal as CommandFailure).exitCode).toBe(2);
  });

  it('learns from events without a session', async () => {
    const stream = [nameless('e0', MONDAY_MS - HOUR_MS), ...events];
    expect((await look(stream, labels(benign))).untilMs).toBe(MONDAY_MS + DAY_MS);
  });
});

async function* entriesOf(events: readonly AuditEvent[]): AsyncGenerator<EventEntry> {
  for (const event of events) yield { kind: 'event', tenant: TENANT, receivedMs: event.time, event, digest: event.id };
}

function nameless(id: string, timeMs: number): AuditEvent {
  const { session: _, ...rest } = toolCall(id, timeMs);
  return rest;
}
