import type { LearnedEvent } from '../../baselines/learned-event.ts';
import { emptySums } from '../../baselines/measures.ts';

/** A call that touched nothing and carried nothing, but for what is given. */
export const learnedCall = (timeMs: number, extra: Partial<LearnedEvent> = {}): LearnedEvent => ({
  timeMs,
  receivedMs: timeMs,
  type: 'tool_call',
  endpoint: 'desk.search',
  tool: 'search',
  after: '',
  destinations: [],
  hosts: [],
  resources: [],
  flows: [],
  values: [],
  sums: emptySums(),
  ...extra,
});
