/**
 * Writes the fixture of the present state format: once, when the format is new, by the build that brings it. `npx tsx
 * scripts/state-fixture.ts`. A file that is there is left alone: what builds have stored does not change any more.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { decodeState, STATE_FORMAT } from '../baselines/state-codec.ts';
import { slotCodec } from '../cli/scorer.ts';
import { SMALL_FLEET, simulateFleet } from '../cli/simulate/fleet.ts';
import { entriesOf, recordsOf, runInMemory, scoring } from '../test/support/partition-run.ts';
import { FIXTURES } from '../test/support/state-fixtures.ts';

/** In the middle of a day, with sessions open and some held. */
const SHARE = 0.85;
const AGENTS = 4;

const path = `${FIXTURES}state-format-${STATE_FORMAT}.jsonl.gz`;
if (existsSync(path)) throw new Error(`${path} is there, and stays as it is.`);
const fleet = simulateFleet({ seed: 'state-fixture', ...SMALL_FLEET });
const entries = entriesOf('acme', fleet.events.slice(0, Math.floor(fleet.events.length * SHARE)));
const { states } = runInMemory(recordsOf(0, entries));
const codec = slotCodec(scoring);
const held = (text: string): number => decodeState(text, STATE_FORMAT, codec).held.length;
const texts = [...states.values()].sort((a, b) => held(b) - held(a)).slice(0, AGENTS);
writeFileSync(path, gzipSync(`${texts.join('\n')}\n`, { level: 9 }));
process.stdout.write(`${path}: ${texts.length} states\n`);
