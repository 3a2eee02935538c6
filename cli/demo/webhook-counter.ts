import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadPlaybooks, type Playbook } from '../../alerts/playbook.ts';

/** A receiver on this machine that stands in for a SOAR: counts distinct webhooks by their id. */
export interface WebhookCounter {
  readonly playbook: Playbook;
  delivered(): number;
  close(): Promise<void>;
}

export async function startWebhookCounter(): Promise<WebhookCounter> {
  const ids = new Set<string>();
  const server = createServer((request, response) => {
    const id = request.headers['webhook-id'];
    request.resume().once('end', () => {
      if (typeof id === 'string') ids.add(id);
      response.writeHead(204).end();
    });
  });
  const port = await listen(server);
  return {
    playbook: playbookTo(`http://127.0.0.1:${port}/soar`),
    delivered: () => ids.size,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

function playbookTo(url: string): Playbook {
  const text = [
    'name: demo-soar',
    'when: { severity_min: low }',
    `webhook: { url: "${url}", secret: "whsec_${Buffer.alloc(24, 7).toString('base64')}", allow_private_network: true }`,
  ].join('\n');
  const { playbooks, errors } = loadPlaybooks([{ path: 'demo', text }], () => undefined);
  const [playbook] = playbooks;
  if (playbook === undefined) throw new Error(`the demo's playbook is not valid: ${errors[0]?.message}`);
  return playbook;
}
