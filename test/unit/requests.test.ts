/** Goal: a request is remembered as a set of words with the acts that followed it, fades by event time, and takes bounded room. */
import { describe, expect, it } from 'vitest';
import { learnRequest, REQUEST_WORDS_MAX, type Requests, summariseRequests } from '../../baselines/requests.ts';
import { DAY_MS, MONDAY_MS } from '../support/agent-bench.ts';

const HALF_LIFE_MS = 14 * DAY_MS;
const learn = (requests: Requests, words: number[], acts: string[], tMs = MONDAY_MS) =>
  learnRequest(requests, new Set(words), new Set(acts), tMs, HALF_LIFE_MS);
const summary = (requests: Requests, tMs = MONDAY_MS) =>
  summariseRequests(requests, tMs, HALF_LIFE_MS).map(({ key: _, ...rest }) => rest);
const numbers = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('learnRequest', () => {
  it('changes nothing: what was known before stays as it was', () => {
    const before = learn(learn(new Map(), [1], ['mail']), [2], []);
    const text = JSON.stringify(summary(before));
    learn(learn(before, [1], ['mail', 'delete']), [3], ['mail'], MONDAY_MS + DAY_MS);
    expect(JSON.stringify(summary(before))).toBe(text);
  });

  it('counts the sessions of a request, and those of them that used an act', () => {
    let requests: Requests = new Map();
    requests = learn(requests, [3, 1, 2], ['mail']);
    requests = learn(requests, [2, 3, 1], ['mail', 'delete']);
    requests = learn(requests, [1, 2, 3], []);
    requests = learn(requests, [1, 2], ['invite']);
    expect(summary(requests)).toEqual([
      {
        words: [1, 2, 3],
        sessions: 3,
        acts: [
          ['mail', 2],
          ['delete', 1],
        ],
      },
      { words: [1, 2], sessions: 1, acts: [['invite', 1]] },
    ]);
  });

  it('keeps words of 32 bits apart, and requests that only their order or number tells apart', () => {
    let requests: Requests = new Map();
    for (const words of [[0], [0xffffffff], [0, 0xffffffff], [1, 2], [12], [0x80000000]])
      requests = learn(requests, words, []);
    expect(new Set(summariseRequests(requests, MONDAY_MS, HALF_LIFE_MS).map(({ key }) => key)).size).toBe(6);
    requests = learn(requests, [0xffffffff, 0], []);
    expect(summary(requests).at(-1)).toEqual({ words: [0, 0xffffffff], sessions: 2, acts: [] });
  });

  it('learns nothing where nothing was said', () => {
    let requests: Requests = new Map();
    requests = learn(requests, [], ['mail']);
    expect(requests.size).toBe(0);
  });

  it('fades sessions and acts by half in a half-life, so that what they led to stays the same', () => {
    let requests: Requests = new Map();
    requests = learn(requests, [1], ['mail']);
    requests = learn(requests, [1], [], MONDAY_MS + HALF_LIFE_MS);
    expect(summary(requests, MONDAY_MS + HALF_LIFE_MS)).toEqual([{ words: [1], sessions: 1.5, acts: [['mail', 0.5]] }]);
    expect(summary(requests, MONDAY_MS + 2 * HALF_LIFE_MS)).toEqual([
      { words: [1], sessions: 0.75, acts: [['mail', 0.25]] },
    ]);
  });

  it('keeps 48 words of a request, the same ones whatever their order', () => {
    let requests: Requests = new Map();
    requests = learn(requests, numbers(1, 60).reverse(), []);
    requests = learn(requests, numbers(1, 60), []);
    expect(REQUEST_WORDS_MAX).toBe(48);
    expect(summary(requests)).toEqual([{ words: numbers(1, 48), sessions: 2, acts: [] }]);
  });

  it('keeps 16 acts of a request, the first ones', () => {
    let requests: Requests = new Map();
    const acts = numbers(1, 20).map((n) => `tool${n}`);
    requests = learn(requests, [1], acts);
    requests = learn(requests, [1], ['tool20', 'tool16']);
    const [known] = summary(requests);
    expect(known?.acts).toEqual(acts.slice(0, 16).map((act) => [act, act === 'tool16' ? 2 : 1]));
  });

  it('keeps 32 requests: the one longest not made goes', () => {
    let requests: Requests = new Map();
    for (const n of numbers(1, 32)) requests = learn(requests, [n], []);
    requests = learn(requests, [1], []);
    expect(requests.size).toBe(32);
    requests = learn(requests, [33], []);
    expect(summary(requests).map(({ words }) => words[0])).toEqual([...numbers(3, 30), 1, 33]);
    expect(requests.size).toBe(32);
  });
});
