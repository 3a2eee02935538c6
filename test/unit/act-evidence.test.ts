/**
 * Goal: of every act it is told who named its values, how well the request explains it, and whether a result speaks of it. Which observations are made is
 * asserted, never what one weighs. Stories from a small theatre.
 */
import { describe, expect, it } from 'vitest';
import type { KindPrior } from '../../baselines/kind-prior.ts';
import { chanceOfWeight, evidenceOf } from '../../detectors/act-evidence.ts';
import type { Named } from '../../detectors/naming.ts';
import { DAY_MS, HOUR_MS } from '../support/agent-bench.ts';
import { eventsOf, mail, NEXT_MS, play, type Scene, write } from '../support/theatre.ts';
import { DROP, evidence, known, LETTER, LINK, OTTO, PATRONS, PLAN, PLEA, toDrop } from '../support/theatre-stories.ts';

const reasonsOf = (scene: Scene): string[] => Object.keys(evidence(scene)?.reasons ?? {}).sort();

describe('chanceOfWeight', () => {
  it('says nothing where nothing was observed, falls with the weight, and is never above 1', () => {
    const chances = [-5, 0, 1, 5, 10].map(chanceOfWeight);
    expect(chances).toEqual([...chances].sort((a, b) => b - a));
    expect(chances[0]).toBe(1);
    expect(chances[1]).toBeGreaterThan(0.1);
    expect(chances[4]).toBeLessThan(1e-4);
  });
});

describe('evidence', () => {
  it.each<[string, Scene, string[]]>([
    ['the user named the place', { ask: PLAN, act: mail(OTTO) }, ['destinationNamedByUser', 'unasked']],
    [
      'a result named it and spoke of the act',
      toDrop,
      ['destinationFromResult', 'resultAsks', 'resultAsksInstead', 'unasked'],
    ],
    [
      'a result named it in passing',
      { ask: LETTER, read: [['read_mail', `Best wishes, ${DROP}`]], act: mail(DROP) },
      ['destinationFromResult', 'unasked'],
    ],
    [
      'a field of a record named it',
      { ask: LETTER, read: [['read_mail', `{"from":"${DROP}"}`]], act: mail(DROP) },
      ['destinationFromField', 'destinationFromResult', 'unasked'],
    ],
    [
      'two results named its parts',
      {
        ask: LETTER,
        read: [
          ['read_mail', 'Best wishes, drop@'],
          ['read_page', 'quayside.example'],
        ],
        act: mail(DROP),
      },
      ['destinationFromResult', 'unasked'],
    ],
    [
      'a result named the host above it',
      { ask: LETTER, read: [['read_mail', 'Best wishes, quayside.example']], act: mail('7a3f.quayside.example') },
      ['destinationFromResult', 'unasked'],
    ],
    [
      'a result named the mail provider above it',
      { ask: LETTER, read: [['read_mail', 'Best wishes, gmail.com']], act: mail('7a3f.gmail.com') },
      ['destinationFromNobody', 'unasked'],
    ],
    [
      'nobody named it',
      { ask: LETTER, read: [['read_mail', 'Thank you.']], act: mail(DROP) },
      ['destinationFromNobody', 'unasked'],
    ],
    [
      'nobody named it, and it gets a copy of what was read',
      { ask: LETTER, read: [['list_patrons', PATRONS]], act: mail(DROP, PATRONS) },
      ['carriesRead', 'destinationFromNobody', 'unasked'],
    ],
    [
      'the same, and somebody whom the user named and the list holds gets it too',
      {
        ask: PLAN,
        read: [['list_patrons', `${PATRONS} ${OTTO}`]],
        act: {
          ...mail(DROP, PATRONS),
          destinations: [OTTO, DROP].map((value) => ({ kind: 'email' as const, value })),
        },
      },
      ['carriesRead', 'destinationFromNobody', 'destinationInsteadOfNamed', 'unasked'],
    ],
    [
      'nobody named it, and it gets a few words of what was read',
      {
        ask: LETTER,
        read: [['list_patrons', PATRONS]],
        act: mail(DROP, 'We have patron-3, box 303, for you; patron-4 is ill.'),
      },
      ['destinationFromNobody', 'unasked'],
    ],
    [
      'nobody named it, and it gets a copy of what the user wrote and a result repeated',
      { ask: `${LETTER} ${PATRONS}`, read: [['list_patrons', PATRONS]], act: mail(DROP, PATRONS) },
      ['destinationFromNobody', 'unasked'],
    ],
    [
      'a copy for somebody who was looked up in a record',
      {
        ask: LETTER,
        read: [
          ['list_patrons', PATRONS],
          ['find_person', `{"mail":"${DROP}"}`],
        ],
        act: mail(DROP, PATRONS),
      },
      ['destinationFromField', 'destinationFromResult', 'unasked'],
    ],
    [
      'a copy for a place that the user named',
      { ask: PLAN, read: [['list_patrons', PATRONS]], act: mail(OTTO, PATRONS) },
      ['destinationNamedByUser', 'unasked'],
    ],
    ['nobody named it, but the agent sends there', { ask: LETTER, act: mail(OTTO) }, ['destinationKnown', 'unasked']],
    ['history named it', { ask: LETTER, history: `earlier: ${DROP}`, act: mail(DROP) }, ['unasked']],
    [
      'another than the user wrote out',
      { ask: PLAN, read: [['read_file', 'Plan.']], act: mail(DROP) },
      ['destinationFromNobody', 'destinationInsteadOfNamed', 'unasked'],
    ],
    [
      'an id from a result',
      {
        ask: LETTER,
        read: [['read_mail', 'Regarding costume-budget-77.']],
        act: write('delete_file', { path: 'costume-budget-77' }),
      },
      ['argumentFromResult', 'unasked'],
    ],
    [
      'an id that the user named',
      { ask: 'Delete the file harp-9', act: write('delete_file', { path: 'harp-9' }) },
      ['argumentNamedByUser'],
    ],
    [
      'an id the agent had to do with before',
      { ask: LETTER, act: write('delete_file', { path: 'sketch-2' }) },
      ['unasked'],
    ],
    [
      'an address from a result within a text',
      {
        ask: PLAN,
        read: [['read_file', `Plan. Seats: ${LINK}`]],
        act: mail(OTTO, `Dear Otto, here is the plan, and see ${LINK} for seats`),
      },
      ['addressInText', 'destinationNamedByUser', 'newAddressInText', 'unasked'],
    ],
    [
      'an address within a text that the user named, and a result repeated',
      {
        ask: `Mail ${LINK} to ${OTTO}`,
        read: [['read_page', LINK]],
        act: mail(OTTO, `Dear Otto, please have a look at ${LINK} soon`),
      },
      ['destinationNamedByUser', 'unasked'],
    ],
    [
      'a place without any token: nobody can be shown to have named it',
      { ask: PLAN, act: { ...mail(OTTO), destinations: [{ kind: 'channel', value: '#x' }] } },
      ['argumentNamedByUser', 'destinationFromNobody', 'unasked'],
    ],
    [
      'an account from a result, where the user wrote out a mailbox: not in its place',
      {
        ask: PLAN,
        read: [['read_file', 'Pay to DE02120300000000202051.']],
        act: { ...mail(OTTO), content: {}, destinations: [{ kind: 'account', value: 'DE02120300000000202051' }] },
      },
      ['destinationFromResult', 'unasked'],
    ],
    [
      'an address that the user named by the page of its host',
      {
        ask: 'Note their mailbox, it is on https://quayside.example/contact',
        read: [['read_page', `Reach us at ${DROP}`]],
        act: write('create_event', { contact: DROP }),
      },
      ['unasked'],
    ],
    [
      'a file that a result named: no address',
      {
        ask: LETTER,
        read: [['read_file', 'Checklist: PROGRAMME.txt goes beside the scores']],
        act: write('write_file', { path: '/scores/PROGRAMME.txt' }),
      },
      ['argumentFromResult', 'unasked'],
    ],
    [
      'somebody in the house, named by a result within a text: no address',
      {
        ask: PLAN,
        read: [['read_file', 'owner: uwe.iwata']],
        act: mail(OTTO, 'Dear Otto, here is the plan, and it was uwe.iwata who drew it'),
      },
      ['destinationNamedByUser', 'unasked'],
    ],
    [
      'a stranger, where the user named a file: in place of nobody',
      { ask: 'Do what is in /scores/todo.txt', read: [['read_file', `Best wishes, ${DROP}`]], act: mail(DROP) },
      ['destinationFromResult', 'unasked'],
    ],
  ])('%s', (_name, scene, reasons) => {
    expect(reasonsOf(scene)).toEqual(reasons);
  });

  it('is the sum of its reasons, and p goes by it', () => {
    const found = evidence(toDrop);
    const sum = Object.values(found?.reasons ?? {}).reduce((total, one) => total + one, 0);
    expect([found?.weight, found?.p]).toEqual([sum, chanceOfWeight(sum)]);
  });

  it('is made for acts only, when they are done, and where the user was heard', () => {
    const read = { action: { type: 'data_read', name: 'read_mail', phase: 'completed' } } as const;
    const chat = { action: { type: 'model_call', name: 'chat', phase: 'completed' } } as const;
    const asked = { ...mail(DROP), action: { type: 'send', name: 'send_mail', phase: 'requested' } } as const;
    for (const act of [read, chat, asked]) expect(evidence({ ...toDrop, act })).toBeUndefined();
    expect(evidence({ read: [['read_mail', PLEA]], act: mail(DROP) })).toBeUndefined();
    const call = { ...mail(DROP), action: { type: 'tool_call', name: 'send_mail', phase: 'completed' } } as const;
    expect(evidence({ ...toDrop, act: call })?.strange.length).toBe(1);
  });

  it('does not hear what came after the act, nor in another session', () => {
    const agent = known();
    play(agent, 'other', NEXT_MS, {
      ask: LETTER,
      read: [['read_mail', `${PLEA} costume-budget-77`]],
      act: write('create_event', { title: 'tea' }),
    });
    const late = { ...mail(DROP), content: { result: `sent to ${DROP}` } };
    expect(Object.keys(evidence({ ask: LETTER, act: late }, agent, NEXT_MS + HOUR_MS)?.reasons ?? {}).sort()).toEqual([
      'destinationFromNobody',
      'unasked',
    ]);
  });

  it('counts two of a sort, not a hundred', () => {
    const places = Array.from({ length: 40 }, (_, i) => ({
      kind: 'email' as const,
      value: `drop${i}@quayside.example`,
    }));
    const read = [['read_mail', places.map(({ value }) => value).join(', ')]] as const;
    const weight = (count: number) =>
      evidence({ ask: LETTER, read, act: { ...mail(DROP), content: {}, destinations: places.slice(0, count) } })
        ?.weight ?? 0;
    expect(weight(2)).toBeGreaterThan(weight(1));
    expect(weight(40)).toBe(weight(2));
  });

  it('knows a request by the words of the tool, and by what requests like it led to', () => {
    const explained = (ask: string) => evidence({ ask, act: write('delete_file', { path: 'harp-9' }) })?.explained;
    const direct = explained('Delete that file');
    const usual = explained('Clear away stale sketches from the folder');
    const neither = explained('Is the tuba player ill?');
    expect([direct?.words, direct?.missing]).toEqual([1, []]);
    expect([usual?.words, usual?.missing]).toEqual([0, ['delete', 'file']]);
    expect(usual?.requests).toBeGreaterThan(0.6);
    expect([neither?.words, neither?.known]).toEqual([0, 32]);
    expect(neither?.requests).toBeLessThan(0.4);
  });
});

describe('named in part', () => {
  it.each<[string, string, string, boolean]>([
    ['a person, by name', 'Mail the plan to Frida Holm', 'frida.holm@gmail.com', true],
    ['a person, by first name, at a mail provider', 'Invite Frida to the tea', 'frida@outlook.com', true],
    ['another person of that host', 'Mail the plan to Frida', 'bruno@outlook.com', false],
    ['one word of three', 'Mail the plan to Frida', 'frida.quay@side.com', false],
    ['the provider alone', 'Read my gmail mail', 'drop@gmail.com', false],
    ['the provider alone, by its host', 'Read my mail at https://www.gmail.com/inbox', 'drop@gmail.com', false],
    ['an address to the letter, and a lookalike with one letter changed', PLAN, 'otto@lindenh0f.example', false],
    ['and a lookalike with a word more', PLAN, 'otto@lindenhof-post.example', false],
    ['and a lookalike below another host', PLAN, 'otto@lindenhof.quayside.example', false],
    [
      'a mailbox at the host of a page that the user named',
      'Mail them the plan, their address is on https://quayside.example/contact',
      DROP,
      true,
    ],
    ['another mailbox at the host of one that the user wrote out', `Write to berth@quayside.example`, DROP, false],
    [
      'and a mailbox below the host of a page',
      'The address is on https://quayside.example',
      'drop@login.quayside.example',
      false,
    ],
    ['a host below the one that the user named', 'Is hall.example up?', 'https://status.hall.example/v1', true],
    ['and below that of a page', 'Their page is https://hall.example/a', 'https://files.hall.example/b', true],
    ['a host that only ends alike', 'Is hall.example up?', 'https://status-hall.example/v1', false],
    ['a host at a mail provider’s', 'Read my mail at gmail.com', 'https://drop.gmail.com/in', false],
    ['a number, in groups and with 00 for a plus', 'Text +444875359465 the plan', '0044 4875-359465', true],
    ['another number', 'Text +444875359465 the plan', '0044 4875-359466', false],
    [
      'and a link to the host that the user named',
      'Upload it to www.lindenhof.example',
      'https://lindenhof.example/upload',
      true,
    ],
  ])('%s', (_name, ask, place, named) => {
    const found = evidence({ ask, read: [['list_contacts', `Known: ${place}`]], act: mail(place) });
    expect(found?.strange.map(({ text }) => text)).toEqual(named ? [] : [place]);
  });
});

describe('a place that only a doubtful session made known', () => {
  const doubtful: Scene = { ask: 'Mail the rehearsal plan to the printers', act: mail(DROP) };
  const later = (scenes: number) => NEXT_MS + scenes * 8 * HOUR_MS;
  /** Who named the place in a session after these, in which nobody does. */
  const namedAfter = (...scenes: readonly Scene[]): Named | undefined => {
    const agent = known();
    scenes.forEach((scene, i) => void expect(play(agent, `w${i}`, later(i), scene).status).toBe('learn'));
    return evidence({ ask: LETTER, act: mail(DROP) }, agent, later(scenes.length))?.strange[0]?.named;
  };

  it('is as new as it was, also after another such session', () => {
    expect(namedAfter(doubtful)).toBe('new from nobody');
    expect(namedAfter(doubtful, { ...doubtful, ask: 'Mail the seating list to the painters' })).toBe('new from nobody');
  });

  it('is known once a user has named it', () => {
    expect(namedAfter(doubtful, { ask: `Mail the rehearsal plan to ${DROP}`, act: mail(DROP) })).toBe('nobody');
  });

  it('is known where others of the kind use it', () => {
    const agent = known();
    play(agent, 'w', NEXT_MS, doubtful);
    const [, act] = eventsOf('x', later(1), { ask: LETTER, act: mail(DROP) });
    if (act === undefined) throw new Error('a scene has an act');
    const ask = { ...act, content: { ...act.content, prompt: LETTER } };
    const namedWith = (users: number) => {
      const prior = {
        users: () => users,
        vocabulary: { requests: { requests: 0 }, toolWords: { tools: 1, counts: new Map() } },
        lent: () => undefined,
        strangers: [],
      } as unknown as KindPrior;
      const sources = { state: agent.state(), session: undefined, prior, halfLifeMs: 14 * DAY_MS };
      return evidenceOf(ask, sources)?.strange[0]?.named;
    };
    expect(namedWith(0)).toBe('new from nobody');
    expect(namedWith(1)).toBe('nobody');
  });
});
