/** Goal: what a request led to before is expected of requests like it, and of no others, in any language and however often it was made. */
import { describe, expect, it } from 'vitest';
import { indexOf, indexRequests } from '../../baselines/request-index.ts';
import { learnRequest, type RequestSummary, type Requests, summariseRequests } from '../../baselines/requests.ts';
import { decodeTagged, encodeTagged } from '../../baselines/state-codec.ts';
import { stemsOf } from '../../baselines/tokens.ts';
import { DAY_MS, MONDAY_MS } from '../support/agent-bench.ts';

const HALF_LIFE_MS = 14 * DAY_MS;

/** What is known after each of the requests was made `times`, in sessions that used the acts. */
function known(
  ...made: readonly (readonly [request: string, acts: readonly string[], times?: number])[]
): RequestSummary[] {
  let requests: Requests = new Map();
  for (const [text, acts, times = 1] of made)
    for (let i = 0; i < times; i++)
      requests = learnRequest(requests, stemsOf(text), new Set(acts), MONDAY_MS, HALF_LIFE_MS);
  return summariseRequests(requests, MONDAY_MS, HALF_LIFE_MS);
}

const office = known(
  ['please mail the cast list to Otto', ['send_mail']],
  ['please mail the budget to Frida', ['send_mail']],
  ['please clear the old sketches away', ['delete_file']],
  ['please clear the stale drafts away', ['delete_file']],
  ['please book the small hall for Monday', ['create_event']],
  ['what is on the bill tonight', []],
);
const chance = (text: string, act: string, from = office): number => indexRequests(from).chanceOf(stemsOf(text), act);

describe('indexOf', () => {
  it('is made once, and comes out the same to the bit from requests that were stored and read back', () => {
    let requests: Requests = new Map();
    for (let i = 0; i < 40; i++) {
      const acts = new Set(i % 3 === 0 ? ['send_mail'] : []);
      requests = learnRequest(
        requests,
        stemsOf(`mail part ${i % 7}`),
        acts,
        MONDAY_MS + i * 0.37 * DAY_MS,
        HALF_LIFE_MS,
      );
    }
    const made = indexOf(requests, HALF_LIFE_MS);
    expect(indexOf(requests, HALF_LIFE_MS)).toBe(made);
    const again = indexOf(decodeTagged(encodeTagged(requests)) as Requests, HALF_LIFE_MS);
    expect(again).not.toBe(made);
    expect(again.sessions).toBe(made.sessions);
    for (let part = 0; part < 9; part++) {
      const words = stemsOf(`mail part ${part}`);
      expect(again.chanceOf(words, 'send_mail')).toBe(made.chanceOf(words, 'send_mail'));
    }
  });
});

describe('chanceOf', () => {
  it.each<[string, string]>([
    ['please mail the score to Ada', 'send_mail'],
    ['clear away the torn posters', 'delete_file'],
    ['book a room for Tuesday', 'create_event'],
  ])('is highest for the act that requests like "%s" led to: %s', (text, act) => {
    const chances = ['send_mail', 'delete_file', 'create_event', 'never_used'].map(
      (one) => [chance(text, one), one] as const,
    );
    expect(chances.sort((a, b) => b[0] - a[0])[0]?.[1]).toBe(act);
  });

  it('is near 1 for a request that was made before, and near the share of all requests for one like no other', () => {
    expect(chance('please clear the old sketches away', 'delete_file')).toBeGreaterThan(0.7);
    expect(chance('please clear the old sketches away', 'send_mail')).toBeLessThan(0.1);
    const [sent, deleted, never] = ['send_mail', 'delete_file', 'never_used'].map((act) => chance('zebra quartz', act));
    // (2 + 1/2) / (6 + 10) for what two of six led to, 1/2 / 16 for what none did.
    expect([sent, deleted, never]).toEqual([2.5 / 16, 2.5 / 16, 0.5 / 16]);
  });

  it('is the same for no words at all, and with nothing known', () => {
    expect(chance('', 'send_mail')).toBe(2.5 / 16);
    expect(chance('please mail the score', 'send_mail', [])).toBe(0.05);
    expect(indexRequests([]).requests).toBe(0);
  });

  it('comes out as the formula says: two known requests, worked by hand', () => {
    const two = known(['oboe reed', ['mail']], ['oboe case', []]);
    const [both, one, none] = [2, 1, 0].map((n) => Math.log(3 / (n + 0.5)) ** 2) as [number, number, number];
    const like = (shared: number, own: number, other: number) => shared ** 2 / (own * other);
    const base = 1.5 / 12;
    // "oboe reed lamp": shares two words with the first, one with the second; "lamp" is new.
    const query = both + one + none;
    const first = like(both + one, query, both + one);
    const second = like(both, query, both + one);
    expect(chance('oboe reed lamp', 'mail', two)).toBeCloseTo((0.6 * base + first) / (0.6 + first + second), 12);
  });

  it('gives every distinct request one voice, however often it was made', () => {
    const once = known(['mail the list', ['send_mail']], ['mail the bill', ['post_letter']]);
    const often = known(['mail the list', ['send_mail'], 40], ['mail the bill', ['post_letter']]);
    expect(chance('mail the plan', 'send_mail', often)).toBe(chance('mail the plan', 'send_mail', once));
  });

  it('speaks for an act with the share of sessions that used it, also when they have faded', () => {
    const half = known(['tune the organ', ['run_job'], 3], ['tune the organ', [], 3]);
    const all = known(['tune the organ', ['run_job'], 6]);
    expect(chance('tune the organ', 'run_job', half)).toBeLessThan(chance('tune the organ', 'run_job', all));
    const faded = all.map((one) => ({ ...one, sessions: 0, acts: [['run_job', 0]] as const }));
    expect(chance('tune the organ', 'run_job', faded)).toBeLessThan(0.05);
  });

  it('lets words that all requests share say nothing: in any language', () => {
    const polite = Array.from(
      { length: 30 },
      (_, i) => [`prosz\u0119 bardzo s\u0142owo${'abcdefghij'[i % 10]}${'xyz'[i % 3]}`, ['wy\u015blij']] as const,
    );
    const learned = known(...polite, ['prosz\u0119 bardzo usu\u0144 szkice', ['usu\u0144']]);
    const common = chance('prosz\u0119 bardzo', 'usu\u0144', learned);
    expect(chance('prosz\u0119 bardzo usu\u0144 plakaty', 'usu\u0144', learned)).toBeGreaterThan(3 * common);
  });

  it('knows a request of more than 48 words again', () => {
    const long = Array.from({ length: 120 }, (_, i) => `item${String.fromCharCode(97 + (i % 26))}${i}x`).join(' ');
    const learned = known([long, ['run_job']], ['mail the list', ['send_mail']]);
    expect(chance(long, 'run_job', learned)).toBeCloseTo(chance('mail the list', 'send_mail', learned), 12);
  });

  it('stays within 0 and 1 whatever a model says', () => {
    const odd: RequestSummary[] = [
      { key: 'a', words: [], sessions: 1, acts: [['mail', 1]] },
      { key: 'b', words: [1, 1, 1], sessions: 1, acts: [['mail', 9]] },
      { key: 'c', words: [2], sessions: 0, acts: [['mail', 3]] },
    ];
    for (const words of [[], [1], [2], [1, 2, 3]]) {
      const chanceNow = indexRequests(odd).chanceOf(new Set(words), 'mail');
      expect(chanceNow).toBeGreaterThan(0);
      expect(chanceNow).toBeLessThan(1);
    }
  });
});
