import type { Playbook } from '../../alerts/playbook.ts';

/** An enabled playbook that takes every alert and may reach loopback; `webhook` is merged, other fields are replaced. */
export function playbook(
  overrides: Partial<Omit<Playbook, 'webhook'>> & { webhook?: Partial<Playbook['webhook']> } = {},
): Playbook {
  const { webhook, ...rest } = overrides;
  const url = webhook?.url ?? 'https://soar.example.com/hook';
  return {
    name: 'soar',
    file: 'playbooks/soar.yaml',
    enabled: true,
    when: { severityMin: 1, detectors: [], agentKinds: [], tenants: [], onBackfill: false },
    target: new URL(url).origin,
    throttleMs: 0,
    ...rest,
    webhook: { url, secrets: [], headers: {}, timeoutMs: 5_000, allowPrivateNetwork: true, ...webhook },
  };
}
