/** Crashes of one scenario at every port call in turn. */
import { waitedAtDeath } from './await-tracker.ts';
import { simulate, workloadOf } from './simulation.ts';
import type { SimulationOptions } from './simulation-options.ts';

export interface SweepResult {
  readonly runs: number;
  readonly calls: number;
  readonly findings: readonly string[];
  /** Sites at which a process that died was waiting. */
  readonly waitedAt: ReadonlySet<string>;
}

/** @param among lines of the history that are calls to crash at: `time process #number port digest` */
export async function sweep(options: SimulationOptions, among = /./): Promise<SweepResult> {
  const waitedAt = new Set<string>();
  const onDeath = () => {
    for (const site of waitedAtDeath()) waitedAt.add(site);
  };
  waitedAtDeath();
  const scenario = { ...options, workload: workloadOf(options) };
  const undisturbed = await simulate({ ...scenario, keepHistory: true });
  const findings = undisturbed.findings.map((finding) => `without a crash: ${finding}`);
  let runs = 1;
  for (const { number, port } of callsOf(undisturbed.history.filter((line) => among.test(line)))) {
    for (const when of CHANGES_NOTHING.test(port) ? AFTER : BEFORE_AND_AFTER) {
      waitedAtDeath();
      const result = await simulate({ ...scenario, crashAt: { call: number, when }, onDeath });
      findings.push(...result.findings.map((finding) => `crash ${when} call ${number}: ${finding}`));
      runs += 1;
    }
  }
  return { runs, calls: undisturbed.calls, findings, waitedAt };
}

/** Before such a call and after it the world is the same; after it the process has been waiting for the answer. */
const CHANGES_NOTHING = /^(?:store:(?:select|chunk|close)|kafka:(?:connect|disconnect|offsets|fetch|leader|configs))$/;
const AFTER = ['after'] as const;
const BEFORE_AND_AFTER = ['before', 'after'] as const;

/** Of the appends of ticks, which are all alike, only the first few. */
const TICKS_TRIED = 3;

interface Call {
  readonly number: number;
  readonly port: string;
}

function callsOf(history: readonly string[]): Call[] {
  const calls = history.flatMap((line) => {
    const [, number, port = ''] = /#(\d+) (\w+:\w+)/.exec(line) ?? [];
    return number === undefined ? [] : [{ number: Number(number), port }];
  });
  const ticks = calls.filter(({ port }) => port === 'kafka:produce').slice(TICKS_TRIED);
  return calls.filter((call) => !ticks.includes(call));
}
