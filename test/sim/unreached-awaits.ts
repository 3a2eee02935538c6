/** Sites at which no crash of the sweep has met a process, by what stands in the way. `not met yet`: a gap, not a reason. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'the store is opened and migrated before the simulation begins': [
    'cli/storage.ts: await openUnmigrated(config)',
    'cli/storage.ts: await migrate(store, { now, sleep })',
  ],
  'a turn of the event loop, in bodies of half a megabyte: no port call comes in between': [
    'ingest/acceptor.ts: await new Promise(setImmediate)',
  ],
  'nobody writes any more: a worker closes its store when all it had in hand was waited for': [
    'store/batch-writer.ts: await sending',
    'store/batch-writer.ts: await flush()',
    'store/batched-store.ts: await Promise.all([...writers.values()].map((writer) => writer.close()))',
  ],
};

/** Site to reason. */
export const UNREACHED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(GROUPS).flatMap(([why, sites]) => sites.map((site) => [site, why])),
);
