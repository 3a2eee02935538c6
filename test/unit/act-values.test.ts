/**
 * Goal: what an act was told to do it to is found wherever it stands in its arguments, also in arguments that were cut, within stated limits
 * and at a cost in proportion to their length.
 */
import { describe, expect, it } from 'vitest';
import { type ActValue, rememberedTokens, valuesOf } from '../../baselines/act-values.ts';
import { fnv1a } from '../../baselines/statistics/bounded-key.ts';
import { type AuditEvent, type Destination, EVENT_LIMITS } from '../../ingest/event.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';

const act = (text: string | undefined, destinations?: readonly Destination[]): AuditEvent =>
  toolCall('e', MONDAY_MS, {
    action: { type: 'send', name: 'post_letter', phase: 'completed' },
    ...(text === undefined ? {} : { content: { arguments: text } }),
    ...(destinations === undefined ? {} : { destinations: [...destinations] }),
  });
const json = (value: unknown): AuditEvent => act(JSON.stringify(value));
const textsOf = (values: readonly ActValue[]): string[] => values.map(({ text }) => text);
const hashes = (...texts: string[]): number[] => texts.map((text) => fnv1a(text));
const SENTENCE = 'the chorus meets at ten in the small hall';

describe('valuesOf', () => {
  it.each<[string, AuditEvent, string[], string[]]>([
    ['no arguments', act(undefined), [], []],
    ['empty arguments', act(''), [], []],
    [
      'strings and numbers, not names or truths',
      json({ room: 'hall', seats: 40, open: true, note: null }),
      ['hall', '40'],
      [],
    ],
    [
      'lists and records within',
      json({ to: ['ada', { name: 'bert' }], deep: [[['cleo']]] }),
      ['ada', 'bert', 'cleo'],
      [],
    ],
    ['one value twice', json({ a: 'hall', b: 'hall' }), ['hall'], []],
    [
      'six tokens are a target, seven a text',
      json(['aa bb cc dd ee ff', 'aa bb cc dd ee ff gg']),
      ['aa bb cc dd ee ff'],
      ['aa bb cc dd ee ff gg'],
    ],
    ['what holds no token', json({ a: '', b: '!', c: 'x', d: 'https://' }), [], []],
    ['a bare string', json('hall'), ['hall'], []],
    ['a bare number', json(4711), ['4711'], []],
    ['no JSON at all: the whole text', act('rm -r hall'), ['rm -r hall'], []],
    ['no JSON, with a quoted word within: the whole text', act('echo "hall" > door'), ['echo "hall" > door'], []],
    ['no JSON, with a stray quote: the whole text', act('a 5" pipe for hall'), ['a 5" pipe for hall'], []],
  ])('%s', (_name, event, targets, texts) => {
    const values = valuesOf(event);
    expect([textsOf(values.targets), textsOf(values.texts)]).toEqual([targets, texts]);
  });

  it('does not tell a destination a second time as an argument', () => {
    const values = valuesOf(
      act('{"to":"ada@hall.example","cc":"bert@hall.example"}', [{ kind: 'email', value: 'ada@hall.example' }]),
    );
    expect(textsOf(values.destinations)).toEqual(['ada@hall.example']);
    expect(textsOf(values.targets)).toEqual(['bert@hall.example']);
  });

  it('reads a value into tokens, addresses, and words that tell it from others', () => {
    const [link] = valuesOf(json('https://www.hall.example.com/ada')).targets;
    expect(link).toEqual({
      text: 'https://www.hall.example.com/ada',
      tokens: hashes('hall.example.com', 'ada'),
      addresses: hashes('hall.example.com'),
      words: hashes('hall', 'exampl', 'ada'),
    });
    const [address] = valuesOf(json('mailto:ada.b@gmail.com')).targets;
    expect(address).toMatchObject({ tokens: hashes('ada.b@gmail.com'), words: hashes('ada') });
  });

  it.each(['lindenhof.sh', 'lindenhof.backstage'])('takes the field for it that %s is a host', (value) => {
    const { destinations } = valuesOf(act(undefined, [{ kind: 'host', value }]));
    expect(destinations).toMatchObject([{ text: value, addresses: hashes(value) }]);
  });

  it('says of a destination without a token that it has none, and keeps it', () => {
    const { destinations } = valuesOf(act(undefined, [{ kind: 'channel', value: '#a' }]));
    expect(destinations).toEqual([{ text: '#a', tokens: [], addresses: [], words: [] }]);
  });
});

describe('arguments that were cut', () => {
  it.each<[string, string, string[], string[]]>([
    ['within a text: the text too', `{"to":"ada@hall.example","body":"${SENTENCE}`, ['ada@hall.example'], [SENTENCE]],
    ['within an escape', '{"to":"ada","note":"hall\\', ['ada', 'hall'], []],
    ['within a name', '{"to":"ada","no', ['ada', 'no'], []],
    ['after a name', '{"to":"ada","note"', ['ada', 'note'], []],
    ['after a colon', '{"to":"ada","note":', ['ada'], []],
    ['after a value', '{"to":"ada","note":"hall"', ['ada', 'hall'], []],
    ['names are no values', '{"to" : "ada" , "cc" : ["bert" , "cleo"', ['ada', 'bert', 'cleo'], []],
    ['quotes within a value', '{"to":"ada \\"the\\" bee","x":', ['ada \\"the\\" bee'], []],
    ['line breaks within a value', '{"to":"ada\nbee","x":', ['ada\nbee'], []],
    ['the first value was cut: the whole text', '{"to":"ada@hall.exam', ['{"to":"ada@hall.exam'], []],
  ])('%s', (_name, text, targets, texts) => {
    const values = valuesOf(act(text));
    expect([textsOf(values.targets), textsOf(values.texts)]).toEqual([targets, texts]);
  });

  it('at 64 KiB by the normaliser are no JSON any more, and tell what came before the cut, and the text that it went through', () => {
    const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
    const body = `see desk.hall.example/a and ${'ten more words '.repeat(8000)}`;
    const wire = { time: MONDAY_MS, agent: { id: 'a1' }, action: { type: 'send', name: 'post_letter' } };
    const normal = normalise(
      { ...wire, content: { arguments: JSON.stringify({ to: 'ada@hall.example', body, cc: 'bert@hall.example' }) } },
      { receivedMs: MONDAY_MS, fallbackId: 'e' },
    );
    if (!normal.ok) throw new Error(normal.rejection.message);
    const { arguments: cut = '' } = normal.event.content ?? {};
    expect(Buffer.byteLength(cut)).toBe(EVENT_LIMITS.contentBytesMax);
    expect(() => JSON.parse(cut)).toThrow(SyntaxError);
    const { destinations, targets, texts } = valuesOf(normal.event);
    expect([textsOf(destinations), textsOf(targets)]).toEqual([['ada@hall.example'], []]);
    expect(texts.map(({ addresses }) => addresses)).toEqual([hashes('desk.hall.example')]);
  });
});

describe('limits', () => {
  it('looks at 64 values of an act, the first ones', () => {
    const items = Array.from({ length: 100 }, (_, i) => `item${i}`);
    expect(textsOf(valuesOf(json(items)).targets)).toEqual(items.slice(0, 64));
    const cut = JSON.stringify(items).slice(0, -1);
    expect(textsOf(valuesOf(act(cut)).targets)).toEqual(items.slice(0, 64));
  });

  it('looks 16 levels of JSON deep', () => {
    const within = (levels: number) => `${'['.repeat(levels)}"hall"${']'.repeat(levels)}`;
    expect(textsOf(valuesOf(act(within(16))).targets)).toEqual(['hall']);
    expect(textsOf(valuesOf(act(within(17))).targets)).toEqual([]);
    expect(textsOf(valuesOf(act(within(30_000))).targets)).toEqual([]);
  });

  it('reads 4,096 tokens of one value, and as many words', () => {
    const long = Array.from({ length: 5000 }, (_, i) => `item${i}`).join(' ');
    const [text] = valuesOf(json(`${long} ada@hall.example`)).texts;
    expect([text?.tokens.length, text?.words.length, text?.addresses.length]).toEqual([4096, 4096, 0]);
  });

  it('remembers 48 tokens of one event, destinations first, none of its texts', () => {
    const items = Array.from({ length: 100 }, (_, i) => `item${i}`);
    const event = act(JSON.stringify([SENTENCE, ...items]), [{ kind: 'email', value: 'ada@hall.example' }]);
    expect(rememberedTokens(valuesOf(event))).toEqual(hashes('ada@hall.example', ...items.slice(0, 47)));
  });

  it.each<[string, (size: number) => string]>([
    ['escaped quotes without an end', (size) => `{"a${'\\"'.repeat(size / 2)}`],
    ['escaped quotes in a name', (size) => `{"${'\\"'.repeat(size / 2)}":1,`],
    ['quotes', (size) => '"'.repeat(size)],
    ['blanks behind quotes', (size) => `"a"${' '.repeat(size)}x`],
    ['quoted blanks', (size) => `"${' '.repeat(15)}`.repeat(size / 16)],
    ['backslashes', (size) => `{"${'\\'.repeat(size)}`],
  ])('reads 40 arguments of 64 KiB well within the limit of a test: %s', (_name, textOf) => {
    // Were the work to grow with the square of the length, one would take seconds.
    for (let i = 0; i < 40; i++) valuesOf(act(`${textOf(65_000)}${i}`));
    expect(valuesOf(act(textOf(64))).destinations).toEqual([]);
  });
});
