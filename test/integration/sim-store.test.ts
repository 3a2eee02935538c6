/**
 * Goal: the store of the simulator is no fiction. The same calls of the store files go to tables in memory and to the engine, and have to
 * give the same answers: what a simulated crash finds out is then also true of ClickHouse.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeliveryStore, type DeliveryRow } from '../../alerts/delivery-store.ts';
import { createHitStore } from '../../alerts/hit-store.ts';
import { createKey, findKey } from '../../api/key-store.ts';
import { findAlert } from '../../api/queries/find-alert.ts';
import { createTenantReaders } from '../../api/tenant-reader.ts';
import { createContentStore } from '../../baselines/content-store.ts';
import { createEventLogStore, type JudgedRecord } from '../../baselines/event-log-store.ts';
import { decodeState, encodeState, STATE_FORMAT } from '../../baselines/state-codec.ts';
import { createStateStore } from '../../baselines/state-store.ts';
import { lettersOf, placedChange, placedHits } from '../../cli/outcomes.ts';
import { createPipeline, emptyPipelineState, type Repeat } from '../../cli/pipeline.ts';
import { createRandom } from '../../cli/simulate/random.ts';
import { createLogRows } from '../../cli/verify/log-rows.ts';
import { createStoredOutcomes } from '../../cli/verify/stored-outcomes.ts';
import { createDeadLetterStore } from '../../ingest/dead-letter-store.ts';
import { decodeEntry } from '../../ingest/kafka/envelope.ts';
import { agentOf, type LogRecord, logPartition } from '../../ingest/log.ts';
import { createLogEpochStore } from '../../ingest/log-epoch-store.ts';
import { takeBackLetters } from '../../ingest/unstored-letter-store.ts';
import type { Store } from '../../store/store.ts';
import { NO_FAULTS } from '../sim/faults.ts';
import { codec, scoring, settings, TENANT } from '../sim/lives.ts';
import { readSchemas } from '../sim/schema.ts';
import { createSimStore } from '../sim/sim-store.ts';
import { createTables } from '../sim/tables.ts';
import { planWorkload } from '../sim/workload.ts';
import { createWorld } from '../sim/world.ts';
import { openTemporaryStore, type TemporaryStore } from '../support/embedded-store.ts';

const SIZE = { agents: 3, partitions: 2, eventsMax: 16, odd: 0.4, format1: false };
const workload = planWorkload('conformance', SIZE);
const AGENTS = workload.past.map(({ agent }) => ({ tenant: TENANT, agent }));

let temporary: TemporaryStore;
let simulated: Store;

beforeAll(async () => {
  temporary = await openTemporaryStore();
  const random = createRandom('conformance');
  const tables = createTables(await readSchemas(), random, () => false);
  const world = createWorld({ seed: 1, startMs: 0, rates: NO_FAULTS });
  const process = { ...world.start('one'), call: async <T>(_port: string, effect: () => T) => effect() };
  simulated = createSimStore(process, tables, random);
});
afterAll(() => temporary.close());

/** The answers of both, one after the other. */
async function both<T>(ask: (store: Store) => Promise<T>): Promise<[simulated: T, real: T]> {
  return [await ask(simulated), await ask(temporary.store)];
}

async function agree<T>(ask: (store: Store) => Promise<T>): Promise<T> {
  const [one, other] = await both(ask);
  expect(one).toEqual(other);
  return other;
}

async function collected<T>(items: AsyncIterable<T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const some of items) all.push(...some);
  return all;
}

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Records of both partitions with their verdicts; some ids come again. */
function judgedRecords(): { judged: JudgedRecord[]; states: Map<string, string[]> } {
  const held = new Map(workload.past.map(({ agent, text, format }) => [agent, decodeState(text, format, codec)]));
  const states = new Map<string, string[]>();
  const agent = ({ agent: name }: { agent: string }) => {
    const known = held.get(name) ?? decodeState(workload.past[0]?.text ?? '', STATE_FORMAT, codec);
    held.set(name, known);
    return known;
  };
  const content = (hash: string) => workload.contents.get(hash);
  const pipeline = createPipeline({ ...emptyPipelineState(agent), content }, scoring, settings);
  const ends = [0, 0];
  const seen = new Set<string>();
  const judged = workload.records.map(({ partition, record, atMs }): JudgedRecord => {
    const headers = Object.fromEntries(Object.entries(record.headers).map(([name, text]) => [name, Buffer.from(text)]));
    const value = Buffer.from(record.value);
    const entry = decodeEntry({ key: null, value, headers, timestamp: String(atMs) });
    const position = ends[partition] ?? 0;
    ends[partition] = position + 1;
    const placed: LogRecord = { partition, position, entry };
    const id = entry.kind === 'event' ? entry.event.id : '';
    const repeat: Repeat = id !== '' && seen.has(id) ? (id.endsWith('twin') ? 'conflict' : 'duplicate') : 'new';
    seen.add(id);
    const one = pipeline.step(placed, repeat);
    const about = agentOf(entry)?.agent;
    if (about !== undefined)
      states.set(about, [...(states.get(about) ?? []), encodeState(agent({ agent: about }), codec)]);
    return one;
  });
  return { judged, states };
}

const { judged, states } = judgedRecords();

it('every table has the columns that the migrations give it', async () => {
  const real = await temporary.store.query<{ table: string; names: string[] }>(
    'SELECT table, groupArray(name) AS names FROM system.columns WHERE database = currentDatabase() GROUP BY table',
  );
  const schemas = await readSchemas();
  const known = real.filter(({ table }) => schemas.has(table));
  expect(known.length).toBeGreaterThan(8);
  for (const { table, names } of known)
    expect([table, Object.keys(schemas.get(table)?.defaults ?? {}).sort()]).toEqual([table, names.sort()]);
});

describe('the log', () => {
  it('holds the same, also when rows were written twice', async () => {
    await both(async (store) => {
      const log = createEventLogStore(store);
      await log.write(judged);
      await log.write(judged.slice(0, 20));
    });
    expect(judged.length).toBeGreaterThan(40);
    for (const partition of [0, 1, 7]) {
      const last = await agree((store) => createEventLogStore(store).lastPosition(partition));
      for (const [after, upTo] of [
        [-1, last],
        [3, last - 2],
        [last, last],
      ] as const) {
        await agree((store) => collected(createEventLogStore(store).between(partition, after, upTo)));
      }
      await agree(async (store) => new Set(sorted(await collected(createEventLogStore(store).ids(partition, -1)))));
      await agree((store) => createEventLogStore(store).modelsAt(partition, 5));
      await agree((store) => createEventLogStore(store).modelsAt(partition, last));
      const ids = judged.flatMap(({ record: { entry } }) => (entry.kind === 'event' ? [entry.event.id] : []));
      for (const position of [0, 9, last + 1]) {
        const place = { partition, position };
        await agree(async (store) => new Set(sorted(await createEventLogStore(store).digests(TENANT, ids, place))));
      }
    }
  });

  it('ends in an epoch that is over where the next one says so', async () => {
    const ids = judged.flatMap(({ record: { entry } }) => (entry.kind === 'event' ? [entry.event.id] : []));
    const place = { partition: logPartition(1, 0), position: 5 };
    const known = () =>
      agree(async (store) => new Set(sorted(await createEventLogStore(store).digests(TENANT, ids, place))));
    const whole = await known();
    const next = { epoch: 1, topic: 'next', partitions: 1, cluster: 'c' };
    for (const [ends, startedMs] of [
      [[4, 3], 1_000],
      [[3, 7], 2_000],
    ] as const) {
      await both((store) => createLogEpochStore(store).begin(next, ends, startedMs));
      await agree((store) => createLogEpochStore(store).ends());
    }
    const cut = await known();
    expect(cut.size).toBeGreaterThan(0);
    expect(cut.size).toBeLessThan(whole.size);
    await agree((store) => createLogEpochStore(store).all());
    for (const position of [9, 4]) await both((store) => createLogEpochStore(store).noteForwarded(1, position, 1_000));
    for (const partition of [0, 1]) await agree((store) => createLogEpochStore(store).forwarded(partition));
  });

  it('refuses the same rows, and stores nothing of a batch with one of them', async () => {
    const [first] = judged.filter(({ record }) => record.entry.kind === 'event');
    if (first === undefined) throw new Error('no event');
    const bad = {
      ...first,
      record: { ...first.record, partition: 9 },
      verdict: { ...first.verdict, score: Number.NaN },
    };
    const batch = [{ ...first, record: { ...first.record, partition: 9, position: 1 } }, bad] as JudgedRecord[];
    expect(await agree((store) => createEventLogStore(store).refused(batch))).toEqual(new Set([bad.record.position]));
    await agree((store) =>
      createEventLogStore(store)
        .write(batch)
        .catch((error: Error) => error.name),
    );
    await agree((store) => createEventLogStore(store).lastPosition(9));
  });
});

describe('states', () => {
  it('come back the same, newest first, before and after old ones are deleted', async () => {
    await both(async (store) => {
      const stored = createStateStore(store, codec, 'test');
      for (const texts of states.values()) {
        for (const text of texts) await stored.save(0, [decodeState(text, STATE_FORMAT, codec)]);
      }
      for (const [position, at] of [
        [4, 100],
        [9, 200],
        [2, 300],
      ] as const) {
        await stored.writeCheckpoint(0, { position, lastTickMs: at }, 3, at);
      }
    });
    const load = (store: Store) =>
      createStateStore(store, codec, 'test')
        .load(0, AGENTS)
        .then((found) => sorted(found.map((state) => encodeState(state, codec))));
    const rows = (store: Store) =>
      store.query<object>('SELECT maxOrNull(position) AS last FROM event_log WHERE partition = {partition:UInt32}', {
        partition: 0,
      });
    await agree(rows);
    await agree(load);
    for (const before of [3, 9, 1_000]) {
      await both((store) => createStateStore(store, codec, 'test').prune(0, before));
      await agree(load);
    }
    await agree((store) => createStateStore(store, codec, 'test').latestCheckpoint(0));
    await agree((store) => createStateStore(store, codec, 'test').latestCheckpoint(5));
  });
});

describe('contents and dead letters', () => {
  it('are the same', async () => {
    const hash = createHash('sha256').update('content').digest('hex');
    await both((store) => createContentStore(store).put(TENANT, 'content', 5));
    await both((store) => createContentStore(store).put(TENANT, 'content', 6));
    await agree((store) => createContentStore(store).get(TENANT, [hash, 'f'.repeat(64)]));
    await agree((store) => createContentStore(store).get('other', [hash]));
    const letters = { sealKey: new Uint8Array(32), ttlMs: 1e12 };
    await both((store) => createDeadLetterStore(store, letters).write(lettersOf(judged)));
  });
});

describe('alerts and deliveries', () => {
  const delivery = (alertId: string, attempt: number, outcome: DeliveryRow['outcome'], error = ''): DeliveryRow => ({
    tenant: TENANT,
    alertId,
    playbook: 'soar',
    webhookId: `msg_${alertId}`,
    attempt,
    timeMs: 1_000 * attempt,
    target: 'https://soar.example.com',
    outcome,
    httpStatus: 0,
    error,
    durationMs: 1,
    nextAttemptMs: outcome === 'retry' ? 5_000 : 0,
  });

  it('wait for the same attempts', async () => {
    const hits = judged.flatMap(placedHits);
    const alerts = [...new Set(hits.map(({ hit }) => hit.alertId))];
    expect(alerts.length).toBeGreaterThan(1);
    await both(async (store) => {
      const written = createHitStore(store);
      await written.writeHits(hits);
      await written.writeHits(hits.slice(0, 3));
      await written.writeChanges(judged.flatMap(placedChange));
      const deliveries = createDeliveryStore(store);
      await deliveries.record(delivery(alerts[0] ?? '', 1, 'retry'));
      await deliveries.record(delivery(alerts[0] ?? '', 1, 'retry'));
      await deliveries.record(delivery(alerts[0] ?? '', 2, 'failed'));
      await deliveries.record(delivery(alerts[0] ?? '', 3, 'retry', 'replay requested'));
      await deliveries.record(delivery(alerts[1] ?? '', 1, 'delivered'));
    });
    const whole = await agree((store) => createDeliveryStore(store).pending({ sinceMs: 0, limit: 500 }));
    await agree((store) => createDeliveryStore(store).closings([...alerts, 'none']));
    const after = whole[0]?.notice;
    if (after === undefined) throw new Error('no alert');
    await agree((store) => createDeliveryStore(store).pending({ sinceMs: 0, limit: 2, after }));
    for (const partitions of [{ owned: [] }, { owned: [0] }, { owned: [1, 5] }, { owned: [9], before: 1 }]) {
      await agree((store) => createDeliveryStore(store).pending({ sinceMs: 0, limit: 3, partitions }));
    }
    await agree((store) => createDeliveryStore(store).pending({ sinceMs: after.receivedMs + 1, limit: 500 }));
    for (const sinceMs of [0, 3_000, 3_001]) await agree((store) => createDeliveryStore(store).replaysSince(sinceMs));
    for (const alertId of [...alerts.slice(0, 2), 'none'])
      await agree((store) =>
        createDeliveryStore(store).replay({ tenant: TENANT, alertId, playbook: 'soar' }, 'ann', 9_000),
      );
    await agree((store) => createDeliveryStore(store).replaysSince(0));
  });

  it('know since when a playbook is enabled', async () => {
    const activate = (names: readonly string[], condition: string, nowMs: number) =>
      agree((store) =>
        createDeliveryStore(store).activate(
          names.map((playbook) => ({ playbook, condition })),
          nowMs,
        ),
      );
    await activate(['soar', 'pager'], 'a', 1_000);
    await activate(['soar'], 'a', 2_000);
    await activate(['soar', 'pager'], 'b', 3_000);
    await activate(['soar', 'pager'], 'b', 4_000);
  });
});

describe('what the API asks', () => {
  it('of keys, also of one that was revoked', async () => {
    const deps = { now: () => 5_000, randomBytes: (count: number) => Buffer.alloc(count, 7) };
    const { keyId } = await agree((store) => createKey(store, deps, { tenant: TENANT, name: 'k', scopes: ['ingest'] }));
    await agree((store) => findKey(store, keyId));
    const row = { tenant: TENANT, key_id: keyId, key_sha256: 'f', name: 'k', scopes: ['read', 'triage'] };
    await both((store) =>
      store.insert('api_keys', [{ ...row, created: 5_000, expires: 9_000, revoked: 1, version: 6_000 }]),
    );
    expect(await agree((store) => findKey(store, keyId))).toMatchObject({ revoked: true, expiresMs: 9_000 });
    expect(await agree((store) => findKey(store, '0'.repeat(16)))).toBeUndefined();
  });

  it('of an alert', async () => {
    const alerts = [...new Set(judged.flatMap(placedHits).map(({ hit }) => hit.alertId))];
    expect(alerts.length).toBeGreaterThan(1);
    for (const alert of [...alerts, 'none'])
      await agree((store) => findAlert(createTenantReaders(store, 1)(TENANT), alert));
    await agree((store) => findAlert(createTenantReaders(store, 1)('other'), alerts[0] ?? ''));
  });
});

describe('what verification asks', () => {
  it('of the log', async () => {
    await agree((store) => createLogRows(store).partitions());
    for (const partition of [0, 1, 7]) {
      await agree((store) => createLogRows(store).checkpoint(partition));
      for (const [first, last] of [
        [0, 5],
        [2, 90],
        [500, 600],
      ] as const) {
        await agree((store) => createLogRows(store).holes({ partition, first, last }));
        await agree((store) => createLogRows(store).consequential({ partition, first, last }));
        await agree((store) => createLogRows(store).letters({ partition, first, last }));
      }
      const times = judged.map(({ record }) => record.entry.receivedMs).sort((a, b) => a - b);
      const [early = 0, late = 0] = [times[10], times[30]];
      for (const [sinceMs, untilMs] of [
        [0, late],
        [early, late],
        [early, 4e12],
        [1, 2],
      ] as const) {
        await agree((store) => createLogRows(store).received({ partition, last: 900 }, sinceMs, untilMs));
        await agree((store) => createLogRows(store).received({ partition, first: 0, last: 900 }, sinceMs, untilMs));
      }
    }
  });

  it('of what followed from it, and finds what is not there or says something else', async () => {
    const hits = judged.flatMap(placedHits);
    const [one, other, ...rest] = hits;
    if (one === undefined || other === undefined) throw new Error('no hits');
    const altered = { ...other, hit: { ...other.hit, score: other.hit.score / 2 } };
    const foreign = { ...one, entry: { ...one.entry, event: { ...one.entry.event, id: 'of another event' } } };
    const faults = await agree((store) => createStoredOutcomes(store).hitFaults([foreign, altered, ...rest]));
    expect(faults).toEqual({ missing: [foreign], altered: [altered] });
    const changes = judged.flatMap(placedChange);
    const elsewhere = changes.map((change) => ({ ...change, position: change.position + 5_000 }));
    expect(await agree((store) => createStoredOutcomes(store).missingChanges([...changes, ...elsewhere]))).toEqual(
      elsewhere,
    );
    const letters = lettersOf(judged);
    expect(letters.length).toBeGreaterThan(0);
    const times = letters.map(({ receivedMs }) => receivedMs);
    const sources = [...letters.map(({ sourcePosition }) => sourcePosition), '0:999999'];
    for (const tenant of new Set(letters.map((letter) => letter.tenant)))
      for (const lastMs of [Math.max(...times), Math.min(...times)])
        await agree((store) => createStoredOutcomes(store).lettersAt(tenant, sources, Math.min(...times), lastMs));
  });
});

it('takes back the same letters, from a position of a partition on', async () => {
  const letters = lettersOf(judged);
  const places = letters.map(({ sourcePosition }) => sourcePosition);
  const left = (store: Store) =>
    Promise.all(
      [...new Set(letters.map(({ tenant }) => tenant))].map((tenant) =>
        createStoredOutcomes(store).lettersAt(tenant, places, 0, 4e12),
      ),
    );
  const before = await agree(left);
  await both((store) => takeBackLetters(store, 0, 0));
  await both((store) => takeBackLetters(store, 7, 1));
  expect(await agree(left)).toEqual(before);
  await both((store) => takeBackLetters(store, 0, 12));
  const isKept = (place: string) => !place.startsWith('0:') || Number(place.slice(2)) < 12;
  expect(places.filter((place) => !isKept(place)).length).toBeGreaterThan(0);
  expect((await agree(left)).flatMap((found) => [...found]).sort()).toEqual(places.filter(isKept).sort());
});
