/** Goal: a record becomes an entry of its tenant, or a dead letter with everything needed to find and read it. */
import { expect, it } from 'vitest';
import { createIntake } from '../../ingest/intake.ts';
import { createNormaliser } from '../../ingest/normalise.ts';
import { RECEIVED_MS, smallestEvent } from '../support/wire-event.ts';

const normalise = createNormaliser({ redactionKey: new Uint8Array(32) });
const intake = createIntake({ normalise });
const context = { tenant: 't1', receivedMs: RECEIVED_MS, source: 'http', sourcePosition: 'r1:3', fallbackId: 'r1:3' };

it('admits an event under the tenant of the context, whatever the event says', () => {
  const value = { ...smallestEvent(), tenant: 't2' };
  const normalised = normalise(value, context);
  if (!normalised.ok) throw new Error('refused');
  const { event, digest } = normalised;
  expect(intake.admit(Buffer.from(JSON.stringify(value)), context)).toEqual({
    ok: true,
    entry: { kind: 'event', tenant: 't1', receivedMs: RECEIVED_MS, event, digest },
  });
});

it.each([
  ['{', 'invalid_json', ''],
  ['{}', 'missing_field', 'time'],
])('turns %s into a dead letter', (text, code, field) => {
  const raw = Buffer.from(text);
  const { fallbackId: _, ...origin } = context;
  expect(intake.admit(raw, context)).toEqual({
    ok: false,
    letter: { ...origin, raw, code, field, message: expect.any(String) },
  });
});
