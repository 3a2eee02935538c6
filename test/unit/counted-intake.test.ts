/** Goal: whoever watches refused records sees those that came over HTTP, beside those of intake topics where one process reads both. */
import { expect, it } from 'vitest';
import type { IntakeResult } from '../../api/ports.ts';
import { countedIntake, withCounted } from '../../cli/counted-intake.ts';

const context = { requestId: 'r' };
const refusal = { code: 'not_json', field: '', message: 'It is no JSON.' };

function intakeOf(...results: (IntakeResult | Error)[]) {
  const intake = countedIntake({
    async accept() {
      const result = results.shift();
      if (result === undefined || result instanceof Error) throw result;
      return result;
    },
  });
  return { ...intake, send: () => intake.accept('acme', [], context) };
}

it('counts what was accepted and refused, and nothing of a request that the log could not take', async () => {
  const result = { accepted: 3, rejected: [{ index: 1, ...refusal }] };
  const { send, metrics } = intakeOf(result, new Error('away'), { accepted: 0, rejected: [{ index: 0, ...refusal }] });
  expect(metrics()).toEqual({ intake_accepted_total: 0, intake_rejected_total: 0 });
  expect(await send()).toBe(result);
  await expect(send()).rejects.toThrow('away');
  await send();
  expect(metrics()).toEqual({ intake_accepted_total: 3, intake_rejected_total: 2 });
});

it('adds to what the intake stage of the process counts, and changes no other number', async () => {
  const { send, metrics } = intakeOf({ accepted: 1, rejected: [{ index: 0, ...refusal }] });
  await send();
  const ready = async () => ({ ready: true, checks: [] });
  const stage = { intake_accepted_total: 10, intake_rejected_total: 20, log_lag: 5 };
  const status = withCounted({ ready, counters: () => stage }, { metrics });
  expect(status.counters()).toEqual({ intake_accepted_total: 11, intake_rejected_total: 21, log_lag: 5 });
  expect(stage.intake_accepted_total).toBe(10);
  expect(await status.ready()).toEqual({ ready: true, checks: [] });
});
