/** Sites at which no crash of the sweep has met a process, by what stands in the way. `not met yet`: a gap, not a reason. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'the store is opened and migrated before the simulation begins': [
    'cli/storage.ts: await openUnmigrated(config)',
    'cli/storage.ts: await migrate(store, { now, sleep })',
  ],
  'a command of an operator': [
    "api/key-store.ts: await store.insert('api_keys', [row])",
    'api/key-store.ts: await write(store, record)',
    'api/key-store.ts: await write(store, ended)',
  ],
  'the server is put together before the process listens: no port call comes in between': [
    'api/routes/intake.ts: await app.register(async (scoped: ApiApp) => {',
    'api/server.ts: await addRoutes(scoped, routeDeps)',
  ],
  'nobody writes any more: a worker closes its store when all it had in hand was waited for': [
    'store/batch-writer.ts: await sending',
    'store/batch-writer.ts: await flush()',
    'store/batched-store.ts: await Promise.all([...writers.values()].map((writer) => writer.close()))',
  ],
};

/** The same of an intake stage, in files that are a worker's as well. */
const GROUPS_OF_STAGE: typeof GROUPS = {
  'it asks nobody where to go on': ['ingest/kafka/partitioned-consumer.ts: await sleep(ASK_AGAIN_MS)'],
};

const bySite = (groups: typeof GROUPS): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(groups).flatMap(([why, sites]) => sites.map((site) => [site, why])));

/** Site to reason. */
export const UNREACHED = bySite(GROUPS);
export const UNREACHED_BY_STAGE = { ...UNREACHED, ...bySite(GROUPS_OF_STAGE) };
