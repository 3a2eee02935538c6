/**
 * Goal: `docker compose up` with deploy/compose.yaml builds the image and starts a Picket that takes an event over HTTP and shows it
 * judged, without root, on a read-only root; and its processes end in order. Needs Docker Compose and the port 8321 of this machine.
 */
import { randomBytes } from 'node:crypto';
import { DockerComposeEnvironment, type StartedDockerComposeEnvironment, Wait } from 'testcontainers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEPLOY_FOLDER } from '../support/container-compose.ts';
import { describeWithContainers } from '../support/container-describe.ts';
import { untilEqual } from '../support/kafka-fleet.ts';

const START_TIMEOUT_MS = 600_000;
const API = 'http://127.0.0.1:8321';
const secret = (bytes: number) => randomBytes(bytes).toString('hex');

describeWithContainers('deploy/compose.yaml', () => {
  let compose: StartedDockerComposeEnvironment | undefined;
  const inApi = async (...command: string[]) => {
    const { exitCode, output } = (await compose?.getContainer('api-1').exec(command)) ?? { exitCode: -1, output: '' };
    return { exitCode, output: output.trim() };
  };

  beforeAll(async () => {
    compose = await new DockerComposeEnvironment(DEPLOY_FOLDER, 'compose.yaml')
      .withEnvironment({ PICKET_SECRET_KEY: secret(32), CLICKHOUSE_PASSWORD: secret(24) })
      .withBuild()
      .withDefaultWaitStrategy(Wait.forHealthCheck())
      .withWaitStrategy('topics-1', Wait.forOneShotStartup())
      .withWaitStrategy('migrate-1', Wait.forOneShotStartup())
      .withStartupTimeout(START_TIMEOUT_MS)
      .up();
  }, START_TIMEOUT_MS);

  afterAll(async () => void (await compose?.down({ removeVolumes: true })));

  it('judges an event that was sent over HTTP', async () => {
    const key = (await inApi('cat', '/var/lib/picket/admin.key')).output;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const event = {
      id: 'e1',
      time: Date.now(),
      agent: { id: 'a1' },
      action: { type: 'tool_call', name: 'crm.search' },
    };

    const sent = await fetch(`${API}/v1/events`, { method: 'POST', headers, body: JSON.stringify(event) });
    const shown = async () => {
      const answer = await fetch(`${API}/v1/events`, { headers });
      return ((await answer.json()) as { items: { id: string }[] }).items.map(({ id }) => id).join();
    };

    expect(sent.status).toBe(202);
    expect(await untilEqual(shown, 'e1', 30_000)).toBe('e1');
  });

  it('runs as process 1, without root and without the embedded engine', async () => {
    expect(await inApi('id', '-u')).toEqual({ exitCode: 0, output: '1000' });
    expect((await inApi('ls', '/app/node_modules/chdb')).exitCode).not.toBe(0);
    expect((await inApi('touch', '/app/written')).exitCode).not.toBe(0);
    expect((await inApi('cat', '/proc/1/cmdline')).output).toContain('/app/dist/cli/main.js');
  });

  it('makes keys from inside', async () => {
    expect(await inApi('node', '/app/dist/cli/main.js', 'keys', 'create', 'test', '--scope', 'read')).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining('pk_'),
    });
  });
});
