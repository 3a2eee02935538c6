/**
 * A worker's partition as a process of its own, over a store that others share, as a build that knows states up to some format:
 * `tsx partition-process.ts --url URL --database NAME --format N --upto POSITION`. Takes partition 0 of a log of the simulated fleet from
 * where the store says, judges it up to a position, gives it back, and prints where it is as JSON. Ends as `picket worker` would.
 */
import { parseArgs } from 'node:util';
import { createStateStore } from '../../baselines/state-store.ts';
import { explainFailure } from '../../cli/failures.ts';
import { slotCodec } from '../../cli/scorer.ts';
import { SMALL_FLEET, simulateFleet } from '../../cli/simulate/fleet.ts';
import { openServer } from '../../store/connection.ts';
import { entriesOf, openPartition, processInBatches, recordsOf, scoring } from './partition-run.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    database: { type: 'string', default: '' },
    format: { type: 'string', default: '' },
    upto: { type: 'string', default: '' },
  },
});

try {
  const { url, database, format, upto } = values;
  const store = await openServer({ url, database, requestTimeoutMs: 60_000 });
  const { partition } = openPartition(store, {
    states: () => createStateStore(store, slotCodec(scoring), 'test', { format: Number(format) }),
  });
  const next = await partition.assign(0);
  const entries = entriesOf('acme', simulateFleet({ seed: 'side-by-side', ...SMALL_FLEET }).events);
  await processInBatches(partition, recordsOf(0, entries).slice(next, Number(upto)), 100);
  const [at] = partition.positions();
  await partition.revoke(0);
  await store.close();
  process.stdout.write(JSON.stringify({ from: next, to: at?.position }));
} catch (error) {
  const { message, exitCode } = explainFailure(error);
  process.stderr.write(message);
  process.exit(exitCode);
}
