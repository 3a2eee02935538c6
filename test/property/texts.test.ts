/**
 * Goal: texts are hostile, and reading them never fails, never costs more than in proportion to their length, and finds a value through every
 * disguise it is promised to; what results said stays within its limits and survives being stored, to the last bit.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../../baselines/act-values.ts';
import { DEFAULT_BASELINE_SETTINGS } from '../../baselines/baseline.ts';
import {
  appendResult,
  emptyResultLog,
  firstResult,
  holds,
  type ResultLog,
  restoredResults,
  type StoredResults,
  speaksMostOf,
} from '../../baselines/result-log.ts';
import { decodeState, decodeTagged, encodeState, encodeTagged, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { readText, tokensOf } from '../../baselines/tokens.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { DETECTORS } from '../../detectors/registry.ts';
import { createScoring } from '../../detectors/scoring.ts';
import { canonicalDestination } from '../../ingest/destinations.ts';
import { createAgentBench, MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { mail, write } from '../support/theatre.ts';

interface Read {
  readonly tokens: number[];
  readonly addresses: number[];
  readonly words: number[];
  readonly lengths: number[];
}

function read(text: string): Read {
  const found: Read = { tokens: [], addresses: [], words: [], lengths: [] };
  readText(text, {
    token(hash, address) {
      found.tokens.push(hash);
      if (address) found.addresses.push(hash);
    },
    word(stem, length) {
      found.words.push(stem);
      found.lengths.push(length);
    },
  });
  return found;
}

/** Signs that mean something to the reader, whole phrases of them, and whatever else there is. */
const spice = fc.constantFrom(
  ...[
    '\\',
    '\\u00',
    '\\u0041',
    '\\\n  \\',
    '%',
    '%4',
    '%41',
    '%ff',
    'www.',
    'mailto:',
    'https://',
    '.',
    '@',
    '"',
    "'",
    '+',
    '/',
    '-',
    '_',
    '=',
    ' ',
  ],
  ...[
    '\u200b',
    '\u202e',
    '\ufeff',
    '\uff41',
    '\ud83d',
    '\ude00',
    '\u{e0041}',
    '\u3002',
    '\u0000',
    'QUJDREVGR0hJSktM',
    '4142434445464748',
    'A',
    'aB',
    '9',
  ],
);
const hostile = fc
  .array(fc.oneof(spice, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 120 })
  .map((parts) => parts.join(''));
const is32Bits = (hash: number) => Number.isInteger(hash) && hash >= 0 && hash <= 0xffffffff;

describe('readText', () => {
  it('never throws, and tells 32-bit numbers and whole lengths', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { tokens, words, lengths } = read(text);
        expect([...tokens, ...words].every(is32Bits)).toBe(true);
        expect(lengths.every((length) => Number.isInteger(length) && length > 0)).toBe(true);
      }),
    );
  });

  it('tells at most two words and one token for each character: of the text, and of what runs in it stand for', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 40 }), (text, times) => {
        const long = text.repeat(times);
        const { tokens, words } = read(long);
        expect(tokens.length).toBeLessThanOrEqual(2 * long.length);
        expect(words.length).toBeLessThanOrEqual(2 * long.length);
      }),
    );
  });

  it('tells of a text said twice what it tells of it said once, twice', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        // A break that no disguise reaches over; runs are decoded behind the plain text, so as a multitude. 16 runs are the limit.
        const once = read(`${text}\u3000\n"`);
        const twice = read(`${text}\u3000\n"${text}\u3000\n"`);
        fc.pre((text.match(/[\w+/-]{16}/g) ?? []).length <= 4);
        const doubled = (all: number[]) => [...all, ...all].sort((a, b) => a - b);
        expect(twice.tokens.sort((a, b) => a - b)).toEqual(doubled(once.tokens));
        expect(twice.words.sort((a, b) => a - b)).toEqual(doubled(once.words));
      }),
    );
  });

  it('reads 64 KiB of any phrase a hundred times well within the limit of a test', () => {
    // Were the work to grow with the square of the length, one would take seconds.
    for (const phrase of [
      '\\',
      '\\\n ',
      '\\u00',
      '%4',
      'www.',
      'A',
      'QUJD',
      '4142 ',
      '@.',
      '"\\"',
      '\u200b',
      'aB1',
      '\ud83d',
      'a.B',
    ])
      for (let i = 0; i < 8; i++) read(phrase.repeat(65_536 / phrase.length));
    expect(read('www.'.repeat(16_384)).tokens).toEqual([]);
  });
});

const label = fc.stringMatching(/^[a-z][a-z0-9]{1,8}$/);
const address = fc.tuple(label, label, label).map(([user, host, zone]) => `${user}@${host}.${zone}`);
const host = fc
  .tuple(label, label)
  .map(([name, zone]) => `${name}.${zone}`)
  .filter((name) => !name.startsWith('www.'));
const value = fc.oneof(
  address,
  host,
  fc.tuple(host, label).map(([name, path]) => `https://${name}/${path}`),
);

const betweenAll = (text: string, between: string) => [...text].join(between);
const hex4 = (char: string) => char.charCodeAt(0).toString(16).padStart(4, '0');
const middle = (text: string) => Math.floor(text.length / 2);
const split = (text: string, between: string) => `${text.slice(0, middle(text))}${between}${text.slice(middle(text))}`;
/** Of 16 characters and more, ending with a blank so that nothing is glued to the value. */
const padded = (text: string) => Buffer.from(`see ${text} and so on `);

const DISGUISES: Record<string, (value: string) => string> = {
  none: (text) => text,
  'capital letters': (text) => text.toUpperCase(),
  'a sentence around it': (text) => `Write to <${text}>.`,
  'a sentence without a blank': (text) => `Write to ${text}, or else`,
  'zero-width spaces': (text) => betweenAll(text, '\u200b'),
  'word joiners': (text) => betweenAll(text, '\u2060'),
  'marks of direction': (text) => `\u202a${betweenAll(text, '\u200e')}\u202c`,
  'isolates of direction': (text) => `\u2066${text}\u2069`,
  'soft hyphens': (text) => betweenAll(text, '\u00ad'),
  'byte order marks': (text) => split(text, '\ufeff'),
  'full-width signs': (text) => [...text].map((char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)).join(''),
  'percent encoding of what is no letter': encodeURIComponent,
  'percent encoding throughout': (text) => [...text].map((char) => `%${hex4(char).slice(2)}`).join(''),
  'escapes of JSON throughout': (text) => [...text].map((char) => `\\u${hex4(char)}`).join(''),
  'JSON within JSON': (text) => JSON.stringify(JSON.stringify({ to: text })),
  'an escaped line break before it': (text) => `see\\n${text}\\r\\n`,
  'a folded line of YAML': (text) => split(text, '\\\n    '),
  'a folded line of YAML with CRLF': (text) => split(text, '\\\r\n  \\'),
  base64: (text) => padded(text).toString('base64'),
  'base64 for URLs': (text) => padded(text).toString('base64url'),
  'hexadecimal digits': (text) => padded(text).toString('hex'),
  'hexadecimal digits in capitals': (text) => padded(text).toString('hex').toUpperCase(),
  'base64, parted by characters without width': (text) => betweenAll(padded(text).toString('base64'), '\u200b'),
  'percent encoding of base64': (text) => encodeURIComponent(padded(text).toString('base64')),
};

describe('a value is found through its disguise', () => {
  it.each(Object.entries(DISGUISES))('%s', (name, disguise) => {
    fc.assert(
      fc.property(value, (plain) => {
        // Capitals after a dot may begin a sentence: as a token it is found, as an address it may be doubted.
        const found = new Set(read(`Regarding it: ${disguise(plain)} thank you.`).tokens);
        for (const token of tokensOf(plain)) expect(found.has(token), `${name} of ${plain}`).toBe(true);
      }),
    );
  });

  it('also where a destination lost its characters without width before it was stored', () => {
    const invisible = fc.constantFrom(
      ...'\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2063\u2066\u206f\ufeff',
    );
    fc.assert(
      fc.property(address, fc.array(invisible, { minLength: 1, maxLength: 5 }), (plain, signs) => {
        const disguised = split(plain, signs.join(''));
        const { value: stored } = canonicalDestination({ kind: 'email', value: disguised });
        expect(stored).toBe(plain);
        expect(read(`send it to ${disguised} now`).tokens).toEqual(expect.arrayContaining(tokensOf(stored)));
      }),
    );
  });
});

describe('the arguments of an act', () => {
  it('never make reading them fail, cut or whole, and stay within their limits', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.json({ maxDepth: 20 })), fc.nat(), (text, at) => {
        for (const given of [text, text.slice(0, at % (text.length + 1))]) {
          const event = toolCall('e', MONDAY_MS, { content: { arguments: given } });
          const { targets, texts } = valuesOf(event);
          expect(targets.length + texts.length).toBeLessThanOrEqual(64);
          expect([...targets, ...texts].every(({ tokens }) => tokens.length > 0)).toBe(true);
        }
      }),
    );
  });

  it('tell the values before a cut, wherever it is', () => {
    const record = fc.dictionary(
      label,
      fc.oneof(
        value,
        fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('__proto__')),
      ),
      { minKeys: 2, maxKeys: 6, noNullPrototype: true },
    );
    fc.assert(
      fc.property(record, address, (others, first) => {
        const whole = JSON.stringify({ first, ...others });
        const from = whole.indexOf(first) + first.length + 2;
        fc.pre(!('first' in others));
        for (let end = from; end < whole.length; end++) {
          const cut = whole.slice(0, end);
          const { targets } = valuesOf(toolCall('e', MONDAY_MS, { content: { arguments: cut } }));
          expect(
            targets.map(({ text }) => text),
            cut,
          ).toContain(first);
        }
      }),
      { numRuns: 50 },
    );
  });
});

const filler = fc
  .tuple(fc.constantFrom('', 'oboe ', 'a.b.c.d ', 'a1b2c3', 'item '), fc.nat(9000))
  .map(([phrase, times]) => phrase.repeat(times));
const result = fc.oneof({ weight: 3, arbitrary: hostile }, { weight: 1, arbitrary: filler });
const logOf = (texts: readonly string[]): ResultLog => {
  const log = emptyResultLog();
  for (const [i, text] of texts.entries())
    appendResult(log, { event: `e${i}`, action: 'read', external: i % 2 === 0 }, text);
  return log;
};
const sum = (all: Iterable<number>) => [...all].reduce((total, one) => total + one, 0);

describe('the log of results', () => {
  it('keeps whole results within its limits, and what it counts adds up', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 12 }), fc.nat(300), (texts, short) => {
        const log = logOf([...texts, ...Array.from({ length: short }, (_, i) => `harp${i}`)]);
        const { tokens, wordCounts, words } = log;
        const results = [...log.results];
        expect(tokens.length).toBeLessThanOrEqual(6144);
        expect(words.length).toBeLessThanOrEqual(8192);
        expect(results.length).toBeLessThanOrEqual(256);
        expect(wordCounts.length).toBe(tokens.length);
        expect([sum(results.map((one) => one.tokens)), sum(results.map((one) => one.words))]).toEqual([
          tokens.length,
          words.length,
        ]);
        let at = 0;
        for (const one of results) {
          // Words behind the last token belong to none.
          expect(sum(wordCounts.subarray(at, at + one.tokens))).toBeLessThanOrEqual(one.words);
          at += one.tokens;
        }
        const newest = texts.length + short - 1;
        if (newest >= 0) expect(results.at(-1)?.source.event).toBe(`e${newest}`);
      }),
      { numRuns: 60 },
    );
  });

  it('names the first of the kept results that holds a token, and says of any words a share from 0 to 1', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 6 }), fc.nat(), (texts, pick) => {
        const log = logOf(texts);
        fc.pre(log.results.length === texts.length && log.tokens.length > 0);
        const token = (log.tokens[pick % log.tokens.length] ?? 0) >>> 0;
        expect(holds(log, token)).toBe(true);
        expect(firstResult(log, token)).toBe(1 + texts.findIndex((text) => read(text).tokens.includes(token)));
        const mention = speaksMostOf(
          log,
          new Set([token]),
          new Map([...log.words.slice(0, 5)].map((word) => [word, 1])),
        );
        expect(mention?.share).toBeGreaterThanOrEqual(0);
        expect(mention?.share).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('reads back from its stored form as it was, and goes on alike', () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 8 }), hostile, (texts, next) => {
        const log = logOf(texts);
        const text = encodeTagged(log);
        const restored = restoredResults(decodeTagged(text) as StoredResults);
        expect([...restored.results]).toEqual([...log.results]);
        expect(restored).toEqual(log);
        expect(encodeTagged(restored)).toBe(text);
        for (const one of [log, restored]) appendResult(one, { event: 'next', action: 'read', external: false }, next);
        expect(restored).toEqual(log);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a state with open sessions', () => {
  const codec = slotCodec(createScoring(DETECTORS, DEFAULT_BASELINE_SETTINGS));
  const step = fc.record({
    session: fc.constantFrom('s1', 's2', 's3'),
    prompt: fc.option(hostile, { nil: undefined }),
    context: fc.option(hostile, { nil: undefined }),
    result: fc.option(result, { nil: undefined }),
    act: fc.option(
      fc.oneof(
        value.map((to) => mail(to, to)),
        hostile.map((text) => write('store_note', { text })),
      ),
      { nil: undefined },
    ),
  });

  it('survives being stored bit for bit, and judges what follows alike', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
        const agent = createAgentBench();
        steps.forEach(({ session, prompt, context, result: said, act = {} }, i) => {
          const texts = Object.entries({ prompt, context, result: said }).filter(([, text]) => text !== undefined);
          const content = { ...act.content, ...Object.fromEntries(texts) };
          agent.event(toolCall(`e${i}`, MONDAY_MS + i * 1000, { ...act, session: { id: session }, content }));
        });
        const [text = ''] = Object.values(agent.texts());
        const restored = decodeState(text, STATE_FORMAT, codec);
        expect(restored.sessions.size).toBeGreaterThan(0);
        expect([...restored.sessions]).toEqual([...agent.state().sessions]);
        expect(encodeState(restored, codec)).toBe(text);
        const again = createAgentBench({ restored: { texts: agent.texts(), tickMs: 0 } });
        const last = toolCall('last', MONDAY_MS + 60_000, {
          ...mail('drop@quayside.example'),
          session: { id: steps[0]?.session ?? '' },
        });
        agent.event(last);
        expect(agent.log.slice(-1).map(({ record }) => again.step(record))).toEqual(agent.log.slice(-1));
        expect(again.texts()).toEqual(agent.texts());
      }),
      { numRuns: 40 },
    );
  });
});
