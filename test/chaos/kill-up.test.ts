/**
 * `picket up` is killed (-9) twenty times while a batch is in flight, restarted on the same folder, and sent again what it had not
 * acknowledged. Then everything must be as in a run that nobody disturbed: each event visible once with the same verdict, the same
 * hits on the same alerts, the same state of every agent, and a webhook for every alert.
 *
 * Two things may differ and are set to 0 before states are compared (see `folder-contents.ts`): positions in the log, because an
 * event that was stored but not acknowledged comes again and its repeat takes a position; and times of receipt.
 *
 * The second test proves that the comparison sees a restore that went wrong.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import type { WireEvent } from '../../ingest/event.ts';
import { temporaryFolder } from '../support/embedded-store.ts';
import { contentsOf, type FolderContents, withEngine } from '../support/folder-contents.ts';
import { type PicketServer, startPicket } from '../support/picket-process.ts';
import { status, type WebhookReceiver, webhookReceiver } from '../support/webhook-receiver.ts';

const KILLS = 20;
const BATCH_EVENTS = 50;
const CHECKPOINT_RECORDS = 300;
const WEBHOOK_MS_MAX = 20_000;

const { events } = simulateFleet({ seed: 'chaos', ...SMALL_FLEET });

interface World {
  readonly dataDir: string;
  readonly receiver: WebhookReceiver;
  start(): Promise<PicketServer>;
}

/** A data folder with frequent checkpoints and a playbook that sends every alert to a receiver of its own. */
async function createWorld(checkpointRecords = CHECKPOINT_RECORDS): Promise<World> {
  const folder = await temporaryFolder();
  const receiver = await webhookReceiver([status(204)]);
  onTestFinished(async () => {
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });
  await mkdir(join(folder, 'playbooks'));
  const webhook = `webhook: { url: "${receiver.origin}/soar", allow_private_network: true }`;
  const playbook = ['name: chaos', 'when: { severity_min: info, on_backfill: true }', webhook].join('\n');
  await writeFile(join(folder, 'playbooks', 'chaos.yaml'), playbook);
  const config = join(folder, 'picket.yaml');
  await writeFile(config, `limits: { checkpoint_records: ${checkpointRecords}, agents_in_memory: 10 }\n`);
  const dataDir = join(folder, 'data');
  const env = { PICKET_PLAYBOOKS_DIR: join(folder, 'playbooks') };
  return { dataDir, receiver, start: () => startPicket(dataDir, { args: ['--config', config], env }) };
}

function batchesOf(all: readonly WireEvent[]): string[] {
  const batches: string[] = [];
  for (let i = 0; i < all.length; i += BATCH_EVENTS) {
    batches.push(
      all
        .slice(i, i + BATCH_EVENTS)
        .map((event) => JSON.stringify(event))
        .join('\n'),
    );
  }
  return batches;
}

/** True when the batch was acknowledged; false when the server went away before it answered. Anything else is a failure. */
async function send({ url, key }: PicketServer, body: string): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  let answer: { status: number; body: unknown };
  try {
    const response = await fetch(`${url}/v1/events`, { method: 'POST', headers, body });
    answer = { status: response.status, body: await response.json() };
  } catch {
    return false;
  }
  expect(answer).toMatchObject({ status: 202, body: { rejected_count: 0 } });
  return true;
}

async function feed(server: PicketServer, batches: readonly string[]): Promise<void> {
  for (const batch of batches) expect(await send(server, batch)).toBe(true);
}

async function stop(server: PicketServer): Promise<void> {
  const { code, stderr } = await server.kill('SIGTERM');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

interface Kills {
  /** Came after the last moment: the batch was acknowledged, and must not be needed again. */
  readonly missed: number;
  readonly server: PicketServer;
}

/** How many batches are aimed at: enough for all kills, also when every second one comes too late. */
const AIMED_SHARE = 0.5;

/** Sends all batches in order. The server is killed while some are under way, at a random moment of their journey. */
async function feedWithKills(world: World, batches: readonly string[], seed: string): Promise<Kills> {
  const random = createRandom(seed);
  let server = await world.start();
  let [inFlight, missed, typicalMs] = [0, 0, 30];
  for (let next = 0; next < batches.length; ) {
    const startedMs = performance.now();
    const answered = send(server, batches[next] ?? '');
    if (inFlight === KILLS || !random.chance(AIMED_SHARE)) {
      expect(await answered).toBe(true);
      typicalMs = 0.8 * typicalMs + 0.2 * (performance.now() - startedMs);
      next += 1;
      continue;
    }
    await sleep(random.uniform() * 0.8 * typicalMs);
    await server.kill('SIGKILL');
    const acknowledged = await answered;
    next += acknowledged ? 1 : 0;
    missed += acknowledged ? 1 : 0;
    inFlight += acknowledged ? 0 : 1;
    server = await world.start();
  }
  expect(inFlight).toBe(KILLS);
  return { server, missed };
}

/** Alerts named in the webhooks that have arrived. */
const alertsDelivered = ({ received }: WebhookReceiver): Set<string> =>
  new Set(received.flatMap(({ body }) => /"uid":"(al_[0-9a-f]{32})"/.exec(body)?.[1] ?? []));

async function untilDelivered({ receiver }: World, alerts: readonly string[]): Promise<void> {
  const missing = () => alerts.filter((alert) => !alertsDelivered(receiver).has(alert));
  for (let waitedMs = 0; missing().length > 0 && waitedMs < WEBHOOK_MS_MAX; waitedMs += 50) await sleep(50);
  expect(missing()).toEqual([]);
}

/** What differs between two runs, by part; empty when nothing does. */
function differences(one: FolderContents, other: FolderContents): string[] {
  const ofMaps = (part: string, a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>) =>
    [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key)).map((key) => `${part} ${key}`);
  const asMap = (hits: readonly string[]) => new Map(hits.map((hit) => [hit, '']));
  return [
    ...ofMaps('event', one.events, other.events),
    ...ofMaps('hit', asMap(one.hits), asMap(other.hits)),
    ...ofMaps('opened', asMap(one.opened), asMap(other.opened)),
    ...ofMaps('state', one.states, other.states),
    ...[...one.doubled, ...other.doubled].map((id) => `doubled ${id}`),
  ];
}

it('ends as an undisturbed run does after twenty kills with a batch in flight', async () => {
  const batches = batchesOf(events);
  const calm = await createWorld();
  const rough = await createWorld();
  const [undisturbed, disturbed] = await Promise.all([
    calm.start().then(async (server) => {
      await feed(server, batches);
      return server;
    }),
    feedWithKills(rough, batches, 'kill-up'),
  ]);
  await stop(undisturbed);
  const expected = await contentsOf(calm.dataDir);
  expect(expected.events.size).toBe(events.length);
  expect(expected.opened.length).toBeGreaterThan(0);
  await untilDelivered(rough, expected.opened);
  await stop(disturbed.server);
  const found = await contentsOf(rough.dataDir);
  process.stderr.write(
    `${KILLS} kills hit a batch in flight, ${disturbed.missed} came too late; ${found.duplicates} events came again, ` +
      `${found.checkpoints} checkpoints, ${expected.hits.length} hits on ${expected.opened.length} alerts\n`,
  );
  expect(differences(expected, found)).toEqual([]);
  await untilDelivered(calm, expected.opened);
});

/** One before the kill, and well before it: states are written beside the batches, and may be later than their checkpoint. */
const ONE_CHECKPOINT = 300;

it('sees when a checkpoint claims more than the states hold', async () => {
  const batches = batchesOf(events.slice(0, 600));
  const [before, after] = [batches.slice(0, 11), batches.slice(11)];
  const calm = await createWorld(ONE_CHECKPOINT);
  const rough = await createWorld(ONE_CHECKPOINT);
  const undisturbed = await calm.start();
  await feed(undisturbed, batches);
  await stop(undisturbed);
  const killed = await rough.start();
  await feed(killed, before);
  await killed.kill('SIGKILL');
  await withEngine(rough.dataDir, async (store) => {
    const [last] = await store.query<{ position: number }>('SELECT max(position) AS position FROM event_log');
    const [checkpoint] = await store.query<{ position: number }>('SELECT max(position) AS position FROM checkpoints');
    expect(Number(last?.position)).toBeGreaterThan(Number(checkpoint?.position));
    const row = { partition: 0, time: 0, build: 'test', format: 1, agents: 0, last_tick: 0 };
    await store.insert('checkpoints', [{ ...row, position: Number(last?.position) }]);
  });
  const restarted = await rough.start();
  await feed(restarted, after);
  await stop(restarted);
  const found = differences(await contentsOf(calm.dataDir), await contentsOf(rough.dataDir));
  expect(found.filter((difference) => difference.startsWith('state ')).length).toBeGreaterThan(0);
});
