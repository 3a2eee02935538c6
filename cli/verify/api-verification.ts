/** The same as the API's port: one at a time, and with its problems. */
import type { Verification } from '../../api/ports.ts';
import { Problem, type ProblemCode } from '../../api/problems.ts';
import { DEFAULT_TENANT } from '../tenant.ts';
import { CannotVerify } from './agent-run.ts';
import type { LocalVerification } from './verification.ts';

/** What can be read and judged within the time a client waits. */
const EVENTS_MAX = 200_000;

const PROBLEM_OF: Record<CannotVerify['code'], ProblemCode> = {
  nothing_stored: 'not_found',
  no_start: 'cannot_verify',
  too_many: 'too_much_history',
};

/** @param stop ends what is under way when the process does */
export function createApiVerification(local: LocalVerification, stop: AbortSignal): Verification {
  let busy = false;

  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (busy) throw new Problem('busy', 'Another verification is under way.', { retryAfterSeconds: 5 });
    busy = true;
    try {
      return await work();
    } catch (error) {
      throw error instanceof CannotVerify ? new Problem(PROBLEM_OF[error.code], error.message) : error;
    } finally {
      busy = false;
    }
  }

  return {
    operator: DEFAULT_TENANT,
    agent: (tenant, agent, mode, from) =>
      alone(() => local.agent({ tenant, agent, mode, from }, { eventsMax: EVENTS_MAX, onProgress: () => {}, stop })),
    plan: (range) => alone(() => local.plan(range)),
    check: (stretch, repair) => alone(() => local.check(stretch, repair, stop)),
  };
}
