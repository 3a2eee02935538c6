/** Goal: whatever the input, intake neither throws nor changes its mind. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeRecord } from '../../ingest/decode.ts';
import { canonicalDestination } from '../../ingest/destinations.ts';
import { DESTINATION_KINDS } from '../../ingest/event.ts';
import { splitBody } from '../../ingest/http-body.ts';
import { createIntake } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { createRedaction } from '../../ingest/redaction.ts';
import { fullestEvent, RECEIVED_MS, smallestEvent } from '../support/wire-event.ts';

const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
const { admit } = createIntake({ normalise });
const { redact, mayHoldSecret } = createRedaction(new Uint8Array(32));
const context = { tenant: 't', receivedMs: RECEIVED_MS, source: 'http', sourcePosition: '0', fallbackId: 'f' };

/** Pieces of secrets, of markers and of what surrounds them, in every order. */
const fragments = fc.constantFrom(
  'AKIA',
  'Q7ZR2KD5XW4TB6MN',
  'ghp_',
  'q7Zr2Kd9Xw4Tb6Mn8Vc1Ls5Hj3Gf0PyAeRtU',
  'sk-ant-api03-',
  'eyJhbGciOiJIUzI1NiJ9',
  '.',
  '-',
  '_',
  ' ',
  '\\n',
  '\n',
  ':',
  '@',
  '/',
  '://',
  'https://user:',
  'Bearer ',
  'Authorization: Basic ',
  'x-api-key: ',
  '"',
  '[secret:jwt:0123456789ab]',
  'Password=',
  ';',
  '-----BEGIN PRIVATE KEY-----',
  '-----END PRIVATE KEY-----',
  'hooks.slack.com/services/',
);
const secretive = fc
  .array(fc.oneof(fragments, fc.string({ maxLength: 8 })), { maxLength: 14 })
  .map((parts) => parts.join(''));
const text = fc.oneof(fc.string({ unit: 'binary' }), secretive);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, false, 'send', 'host', 2 ** 60),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'id', 'name', 'kind', 'value')),
      tie('value'),
      { maxKeys: 5 },
    ),
  ),
})).value;
/** Events with known and unknown fields, some of them wrong. */
const nearEvent = fc
  .tuple(
    fc.constantFrom(smallestEvent(), fullestEvent()),
    fc.dictionary(
      fc.oneof(fc.constantFrom(...Object.keys(fullestEvent()), 'content_cut', 'attributes_dropped'), fc.string()),
      json,
      { maxKeys: 3 },
    ),
    fc.record(
      {
        destinations: fc.array(fc.record({ kind: fc.constantFrom(...DESTINATION_KINDS), value: text })),
        content: fc.record({ prompt: text, result: text }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([event, wild, tame]) => ({ ...event, ...tame, ...wild }));

it('admits or refuses any bytes', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => typeof admit(raw, context).ok === 'boolean'));
});

it('admits or refuses any JSON, and the same way each time', () => {
  fc.assert(
    fc.property(fc.oneof(json, nearEvent), (value) => {
      const raw = Buffer.from(JSON.stringify(value) ?? '');
      expect(admit(raw, context)).toEqual(admit(raw, context));
    }),
    { numRuns: 1000 },
  );
});

it('decodes what JSON.parse reads when no rule is broken', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const written = JSON.stringify(value);
      const decoded = decodeRecord(Buffer.from(written));
      if (decoded.ok) expect(decoded.value).toEqual(JSON.parse(written));
      else expect(['forbidden_key', 'number_range', 'lone_surrogate']).toContain(decoded.rejection.code);
    }),
  );
});

it('finds a key repeated anywhere', () => {
  const path = fc.array(fc.oneof(fc.string(), fc.nat(3)), { maxLength: 5 });
  fc.assert(
    fc.property(path, fc.string(), json, (steps, key, value) => {
      fc.pre(key !== '__proto__' && steps.every((step) => step !== '__proto__'));
      const member = `${JSON.stringify(key)}:${JSON.stringify(value) ?? 'null'}`;
      const twice = steps.reduceRight<string>(
        (inner, step) =>
          typeof step === 'number' ? `[${'0,'.repeat(step)}${inner}]` : `{${JSON.stringify(step)}:${inner}}`,
        `{${member},${member}}`,
      );
      const decoded = decodeRecord(Buffer.from(`{"x":${twice}}`));
      expect(decoded).toMatchObject({ ok: false, rejection: { code: 'duplicate_key' } });
    }),
  );
});

it('an accepted event comes back the same when its own JSON is sent', () => {
  let accepted = 0;
  fc.assert(
    fc.property(nearEvent, (value) => {
      const first = admit(Buffer.from(JSON.stringify(value)), context);
      if (!first.ok) return;
      accepted += 1;
      const second = admit(Buffer.from(JSON.stringify(first.entry.event)), context);
      expect(second).toEqual(first);
    }),
    { numRuns: 2000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

it('redaction changes nothing the second time', () => {
  fc.assert(
    fc.property(secretive, (value) => {
      expect(redact(redact(value))).toBe(redact(value));
    }),
    { numRuns: 5000 },
  );
});

it('the prefilter sees in JSON what it sees in text', () => {
  fc.assert(
    fc.property(secretive, (value) => {
      if (redact(value) !== value) expect(mayHoldSecret(JSON.stringify({ content: value }))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

it('a canonical destination is canonical, bounded and never empty', () => {
  const value = fc
    .oneof(text, fc.webUrl({ withFragments: true }), fc.emailAddress(), fc.domain(), fc.ipV6())
    .filter((place) => place !== '');
  fc.assert(
    fc.property(fc.constantFrom(...DESTINATION_KINDS), value, (kind, place) => {
      const once = canonicalDestination({ kind, value: place });
      expect(once.value).not.toBe('');
      expect([...once.value].length).toBeLessThanOrEqual(2048);
      expect(canonicalDestination(once)).toEqual(once);
    }),
    { numRuns: 3000 },
  );
});

it('splitting loses no element of a list and no line', () => {
  fc.assert(
    fc.property(fc.array(json, { maxLength: 8 }), fc.constantFrom(0, 2), (values, indent) => {
      const body = Buffer.from(JSON.stringify(values, null, indent));
      const split = splitBody(body, 'application/json');
      const records = split.ok ? split.records.map((record) => JSON.parse(Buffer.from(record).toString())) : [];
      expect(records).toEqual(JSON.parse(body.toString()));
    }),
  );
});
