/** At most one alert of an agent in a playbook's time span, by receipt time, so that a replay of the log throttles the same. */
import type { AlertNotice } from './notice.ts';
import type { Playbook } from './playbook-file.ts';

export interface Throttle {
  /** False when another alert of the agent went to the playbook within its span. The same alert may ask again. */
  admits(playbook: Playbook, notice: AlertNotice): boolean;
}

/**
 * Remembers `keysMax` pairs of playbook and agent; beyond that the pair admitted longest ago is forgotten, and a throttled alert
 * may pass. Memory only: the first alert after a restart passes too. Both err on the side of telling.
 */
export function createThrottle(keysMax: number): Throttle {
  const admitted = new Map<string, { alertId: string; receivedMs: number }>();
  return {
    admits(playbook, notice) {
      if (playbook.throttleMs === 0) return true;
      const { alertId, receivedMs } = notice;
      const key = JSON.stringify([playbook.name, notice.tenant, notice.agent]);
      const last = admitted.get(key);
      if (last?.alertId === alertId) return true;
      if (last !== undefined && receivedMs - last.receivedMs < playbook.throttleMs) return false;
      admitted.delete(key);
      admitted.set(key, { alertId, receivedMs });
      const [oldest] = admitted.keys();
      if (admitted.size > keysMax && oldest !== undefined) admitted.delete(oldest);
      return true;
    },
  };
}
