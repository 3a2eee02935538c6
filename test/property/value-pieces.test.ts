/**
 * Goal: a random value that was read, cut at random places and written in a random way, is seen to leave in pieces; random text of the same size
 * is not; whatever leaves and however much was read, what is kept stays within its limits, comes back from the store as it was, and is found
 * by work in proportion.
 */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { departuresOf } from '../../baselines/departing.ts';
import { encodedRuns, leavingRuns } from '../../baselines/leaving-runs.ts';
import { pack } from '../../baselines/packed/pack.ts';
import { unpack } from '../../baselines/packed/unpack.ts';
import { emptyProvenance, type Provenance, recordTexts, restoredProvenance } from '../../baselines/provenance.ts';
import { decodeTagged, encodeTagged } from '../../baselines/state-codec.ts';
import { type Departure, isGone, noteDepartures } from '../../baselines/value-log.ts';
import type { AuditEvent } from '../../ingest/event.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { COSTLY_TEXTS, costlyText } from '../support/texts-for-cost.ts';

const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const randomRun = (seed: number, length: number, signs: string): string =>
  [...createHash('shake256', { outputLength: length }).update(`${seed}`).digest()]
    .map((byte) => signs[byte % signs.length])
    .join('');
const runOf = (min: number, max: number, signs = SIGNS) =>
  fc.tuple(fc.nat(), fc.integer({ min, max })).map(([seed, length]) => randomRun(seed, length, signs));
/** A key, the number of a card or an account, a hash. Made from a seed: a value that is shrunk to one sign over and over is none. */
const value = fc.oneof(
  runOf(24, 120),
  runOf(16, 40, '0123456789'),
  runOf(24, 64, '0123456789abcdef'),
  runOf(20, 40, 'abcdefghijklmnopqrstuvwxyz'),
);

const base32 = (text: string): string => {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
};
const hex = (text: string): string => Buffer.from(text).toString('hex');
/** Ways to write a piece; encoded ones need some more signs to stand out. */
const WRITINGS: Readonly<Record<string, (piece: string) => string>> = {
  plain: (piece) => piece,
  capitals: (piece) => piece.toUpperCase(),
  percent: (piece) => hex(piece).replace(/../g, '%$&'),
  hexadecimal: hex,
  base64: (piece) => Buffer.from(piece).toString('base64url'),
  base32,
};
type Writing = keyof typeof WRITINGS & string;
const writing = fc.constantFrom(...Object.keys(WRITINGS));
/** How a piece travels: a query, a path, a label of a name, an argument. */
const CARRIERS: readonly ((piece: string, n: number) => Partial<AuditEvent>)[] = [
  (piece) => ({ destinations: [{ kind: 'url', value: `https://quayside.example/find?q=${piece}` }] }),
  (piece) => ({ content: { arguments: JSON.stringify({ url: `https://quayside.example/${piece}/pixel.gif` }) } }),
  (piece, n) => ({ destinations: [{ kind: 'host', value: `${n}.${piece}.quayside.example` }] }),
  (piece) => ({
    content: { arguments: JSON.stringify({ to: 'otto@lindenhof.example', body: `part: ${piece}, more soon` }) },
  }),
];
const carrier = fc.constantFrom(...CARRIERS);

/** Shorter pieces are not promised to be found. */
const PIECE_MIN = 8;
function cutAt(text: string, places: readonly number[]): string[] {
  const inside = places.map((place) => PIECE_MIN + (place % (text.length - 2 * PIECE_MIN + 1)));
  const pieces: string[] = [];
  let start = 0;
  for (const end of inside.sort((a, b) => a - b)) {
    if (end - start < PIECE_MIN) continue;
    pieces.push(text.slice(start, end));
    start = end;
  }
  return [...pieces, text.slice(start)];
}

function heard(...results: string[]): Provenance {
  const provenance = emptyProvenance();
  for (const [n, result] of results.entries())
    recordTexts(provenance, toolCall(`r${n}`, MONDAY_MS, { content: { result } }));
  return provenance;
}

function leave(provenance: Provenance, acts: readonly Partial<AuditEvent>[]): Departure[][] {
  return acts.map((act, n) => {
    const found = [...departuresOf(provenance, toolCall(`act${n}`, MONDAY_MS, act))];
    if (provenance.values !== undefined) noteDepartures(provenance.values, found);
    return found;
  });
}

const prose = fc
  .array(fc.constantFrom('the', 'oboe', 'plays', 'at', 'noon', '2026-03-04', 'row 17;'), { maxLength: 30 })
  .map((words) => words.join(' '));

describe('a value that was read', () => {
  it('is seen to leave in pieces, wherever it was cut and however each piece is written and sent', () => {
    fc.assert(
      fc.property(
        value,
        fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(writing, carrier), { minLength: 8, maxLength: 8 }),
        prose,
        (secret, places, ways, around) => {
          const pieces = cutAt(secret, places);
          const acts = pieces.map((piece, n) => {
            const [how, carry] = ways[n] ?? ways[0] ?? ['plain', CARRIERS[0]];
            return (carry as (typeof CARRIERS)[number])(
              (WRITINGS[how as Writing] as (piece: string) => string)(piece),
              n,
            );
          });
          const all = leave(heard(`${around} key=${secret}; ${around}`), acts);
          const last = all.at(-1)?.find(({ value: { signs } }) => signs >= secret.length - 1);
          expect([last !== undefined && isGone(last), last?.value.source.event]).toEqual([true, 'r0']);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('is seen when it was encoded as a whole and the code cut in pieces', () => {
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('hexadecimal', 'base64', 'base32'),
        fc.nat(5),
        carrier,
        (secret, how, more, carry) => {
          const code = (WRITINGS[how] as (text: string) => string)(secret);
          const length = 24 + more;
          const pieces = code.match(new RegExp(`.{1,${length}}`, 'g')) ?? [];
          // The rest of it is too short to be known again.
          fc.pre(code.length >= 2 * length);
          const all = leave(heard(`key=${secret}`), pieces.map(carry));
          expect(all.flat().some(isGone)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is not taken for another: random pieces of the same size and writing', () => {
    fc.assert(
      fc.property(
        value,
        fc.array(fc.tuple(runOf(8, 40), writing, carrier), { minLength: 2, maxLength: 8 }),
        (secret, others) => {
          const acts = others.map(([run, how, carry], n) =>
            carry((WRITINGS[how] as (piece: string) => string)(run), n),
          );
          expect(
            leave(heard(`key=${secret}`), acts)
              .flat()
              .filter(isGone),
          ).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('does not leave in pieces when it leaves whole', () => {
    fc.assert(
      fc.property(value, fc.array(fc.tuple(writing, carrier), { minLength: 2, maxLength: 6 }), (secret, ways) => {
        const acts = ways.map(([how, carry], n) => carry((WRITINGS[how] as (piece: string) => string)(secret), n));
        expect(
          leave(heard(`key=${secret}`), acts)
            .flat()
            .filter(isGone),
        ).toEqual([]);
      }),
    );
  });
});

describe('what a call carries', () => {
  const signsIn = (body: string): number => {
    const act = toolCall('act', MONDAY_MS, { content: { arguments: JSON.stringify({ body }) } });
    const encoded = encodedRuns(act).reduce((sum, { text }) => sum + text.length, 0);
    return Math.max(
      encoded,
      leavingRuns(act).reduce((sum, run) => sum + run.length, 0),
    );
  };

  it.each([...COSTLY_TEXTS])('is looked at in proportion, and no further than its beginning: %s', (sort) => {
    const text = costlyText(sort, 64 * 1024, 1);
    for (const length of [256, 1024, 4096, 16_384]) {
      // Once as it stands, and at each place where an encoded one may begin.
      expect(signsIn(text.slice(0, length))).toBeLessThanOrEqual(12 * Math.min(length, 4096));
    }
    expect(signsIn(text)).toBe(signsIn(text.slice(0, 16_384)));
  });
});

describe('what is kept of values', () => {
  const listing = fc.array(runOf(12, 700), { maxLength: 12 }).map((runs) => runs.join(', '));

  it('stays within its limits, whatever is read', () => {
    fc.assert(
      fc.property(fc.array(listing, { maxLength: 12 }), (results) => {
        const { values } = heard(...results);
        if (values === undefined) return;
        const kept = [...values.values].reduce((sum, one) => sum + one.stretches, 0);
        expect(values.stretches.length).toBe(kept);
        expect(kept).toBeLessThanOrEqual(2048);
        expect(values.values.length).toBeLessThanOrEqual(256);
      }),
    );
  });

  it('comes back from the store as it was, and finds the same', () => {
    fc.assert(
      fc.property(fc.array(listing, { minLength: 1, maxLength: 3 }), carrier, (results, carry) => {
        const provenance = heard(...results);
        const runs = results.join(' ').match(/[A-Za-z0-9]{24,}/g) ?? [];
        leave(
          provenance,
          runs.slice(0, 3).map((run, n) => carry(run.slice(0, 12), n)),
        );
        const json = restoredProvenance(decodeTagged(encodeTagged(provenance)) as Provenance);
        const packed = restoredProvenance(unpack(pack(provenance)) as Provenance);
        for (const again of [json, packed]) {
          expect(again.values).toEqual(provenance.values);
          const act = toolCall('act', MONDAY_MS, carry((runs[0] ?? '').slice(12, 24), 9));
          expect(departuresOf(again, act)).toEqual(departuresOf(provenance, act));
        }
      }),
    );
  });
});
