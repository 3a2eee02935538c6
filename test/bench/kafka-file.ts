/**
 * A file of events through real Kafka, with and without kills, against the same file through the embedded engine:
 * `npm run kafka:file -- FILE`. Prints one line of JSON a run.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { FolderContents } from '../support/folder-contents.ts';
import { startKafka } from '../support/kafka/cluster.ts';
import { type JourneyOptions, throughEmbedded, throughKafka } from '../support/kafka-journey.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Usage: npm run kafka:file -- FILE.jsonl[.gz]');

async function linesOf(path: string): Promise<number> {
  const raw = createReadStream(path);
  let lines = 0;
  for await (const line of createInterface({ input: path.endsWith('.gz') ? raw.pipe(createGunzip()) : raw })) {
    if (line !== '') lines += 1;
  }
  return lines;
}

const equalMaps = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): number =>
  [...a].filter(([key, value]) => b.get(key) === value).length;

function compare(reference: FolderContents, found: FolderContents) {
  const opened = new Set(reference.opened);
  return {
    eventIdsEqual: [...reference.events.keys()].every((id) => found.events.has(id)),
    verdictsEqual: `${equalMaps(reference.events, found.events)}/${reference.events.size}`,
    alertIdsEqual: `${found.opened.filter((id) => opened.has(id)).length}/${opened.size} (found ${new Set(found.opened).size})`,
  };
}

const events = await linesOf(file);
const reference = await throughEmbedded(file);
process.stdout.write(
  `${JSON.stringify({ run: 'embedded', events: reference.events.size, alerts: reference.opened.length })}\n`,
);
const kafka = await startKafka({ nodes: 1 });
try {
  const runs: Pick<JourneyOptions, 'keyed' | 'kill' | 'name' | 'partitions'>[] = [
    { name: 'unkeyed-1', keyed: false, partitions: 1, kill: false },
    { name: 'unkeyed-1-killed', keyed: false, partitions: 1, kill: true },
    { name: 'keyed-6', keyed: true, partitions: 6, kill: false },
    { name: 'keyed-6-killed', keyed: true, partitions: 6, kill: true },
    { name: 'unkeyed-6', keyed: false, partitions: 6, kill: false },
  ];
  for (const run of runs) {
    const { contents, ...figures } = await throughKafka({ brokers: kafka.brokers, file, events, ...run });
    process.stdout.write(`${JSON.stringify({ run: run.name, ...figures, ...compare(reference, contents) })}\n`);
  }
} finally {
  await kafka.stop();
}
