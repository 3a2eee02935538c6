/** Goal: how the values of an act were named is kept for the act at hand, and no longer: what is learned or heard in between counts at once. */
import { expect, it } from 'vitest';
import { emptyAgentState } from '../../baselines/agent-state.ts';
import { recordTexts } from '../../baselines/provenance.ts';
import { openSession } from '../../baselines/session-state.ts';
import { remember } from '../../baselines/statistics/rotating-filter.ts';
import { tokensOf } from '../../baselines/tokens.ts';
import { NAMED, STRANGE, UNNAMED } from '../../detectors/act-habits.ts';
import { namingOf } from '../../detectors/naming.ts';
import { AGENT, MONDAY_MS, TENANT, toolCall } from '../support/agent-bench.ts';

const act = toolCall('act', MONDAY_MS, {
  action: { type: 'execute', name: 'close_account', phase: 'completed' },
  content: { arguments: '{"account":"ACC-7731"}' },
});
const heard = (prompt: string) => toolCall('heard', MONDAY_MS, { content: { prompt } });

it('is asked anew once the agent has learned of a value, and once the user has named it', () => {
  const state = emptyAgentState(TENANT, AGENT);
  const session = openSession('s', 0, MONDAY_MS, MONDAY_MS);
  recordTexts(session.provenance, heard('Close what has to be closed.'));
  const naming = () => namingOf(act, { state, session });
  expect([naming(), naming()]).toEqual([{ value: STRANGE }, { value: STRANGE }]);
  for (const token of tokensOf('ACC-7731')) remember(state.baseline.values, token);
  state.baseline.eventsEver += 1;
  expect(naming()).toEqual({ value: UNNAMED });
  recordTexts(session.provenance, heard('I mean ACC-7731.'));
  expect(naming()).toEqual({ value: NAMED });
});
