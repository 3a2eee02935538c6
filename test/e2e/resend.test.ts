/** Goal: an analyst sends an alert to a playbook once more, from a shell, and the receiver sees that it is the same message. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/embedded-store.ts';
import { runPicket, startPicket } from '../support/picket-process.ts';
import { status, webhookReceiver } from '../support/webhook-receiver.ts';

it('an alert is sent again, with the id that it had', async () => {
  const folder = await temporaryFolder();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const receiver = await webhookReceiver([status(204)]);
  onTestFinished(() => receiver.close());
  const playbooks = join(folder, 'playbooks');
  await mkdir(playbooks);
  const soar = [
    'name: soar',
    'when: { severity_min: info, on_backfill: true }',
    `webhook: { url: "${receiver.origin}/soar", allow_private_network: true }`,
  ];
  await writeFile(join(playbooks, 'soar.yaml'), soar.join('\n'));
  const env = { PICKET_PLAYBOOKS_DIR: playbooks };
  const server = await startPicket(join(folder, 'data'), { env });
  onTestFinished(async () => void (await server.kill('SIGTERM')));
  // The server on the data folder, with its admin key.
  const run = (...args: string[]) => runPicket(args, { cwd: folder, env: { PICKET_DATA_DIR: join(folder, 'data') } });

  const file = join(folder, 'events.jsonl.gz');
  await runPicket(['simulate', '--small', '--seed', 'chaos', '--out', file]);
  expect((await run('replay', file)).code).toBe(0);
  await receiver.arrived(1);
  const [first] = receiver.received;
  const id = String(first?.headers['webhook-id']);
  const alert = String(JSON.parse(first?.body ?? '').data.finding_info.uid);
  const sent = () => receiver.received.filter(({ headers }) => headers['webhook-id'] === id);
  expect(sent()).toHaveLength(1);

  expect(await run('alerts', 'resend', alert, 'soar')).toMatchObject({
    code: 0,
    stdout: `${alert} is sent to soar again.\n`,
  });
  await expect.poll(() => sent().length, { timeout: 60_000 }).toBe(2);
  expect(sent()[1]?.body).toBe(sent()[0]?.body);

  expect(await run('alerts', 'resend', alert, 'nothing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('never sent to a playbook of that name'),
  });
});
