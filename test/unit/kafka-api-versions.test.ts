/** Goal: the table of what kafkajs speaks is what kafkajs speaks, and every gap between it and a broker is named. */
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { KAFKAJS_APIS, unsupportedApis } from '../../ingest/kafka/api-versions.ts';

const { requests } = createRequire(import.meta.url)('kafkajs/src/protocol/requests') as {
  requests: Record<string, { versions: string[] }>;
};

/** kafkajs's old name. */
const nameInKafkajs = (name: string) => (name === 'FindCoordinator' ? 'GroupCoordinator' : name);

const offering = (changes: Readonly<Record<number, { min: number; max: number } | undefined>>) => {
  const versions = new Map<number, { min: number; max: number }>(
    KAFKAJS_APIS.map(({ key, min, max }) => [key, { min, max }]),
  );
  for (const [key, range] of Object.entries(changes)) {
    if (range === undefined) versions.delete(Number(key));
    else versions.set(Number(key), range);
  }
  return versions;
};

describe('versions', () => {
  it.each(KAFKAJS_APIS.map((api) => [api.name, api] as const))(
    'the table knows what kafkajs has of %s',
    (name, { min, max }) => {
      const implemented = requests[nameInKafkajs(name)]?.versions.map(Number) ?? [];
      expect({ max: Math.max(...implemented), hasMin: implemented.includes(min) }).toEqual({ max, hasMin: true });
    },
  );

  it.each([
    ['the same versions', {}, []],
    ['ranges that touch at the top', { 1: { min: 11, max: 17 } }, []],
    ['a floor above', { 1: { min: 12, max: 17 } }, ['no longer speaks Fetch <= 11 (it offers 12..17)']],
    [
      'a broker from before Kafka 2.3',
      { 1: { min: 0, max: 10 } },
      ['does not speak Fetch >= 11 yet (it offers 0..10)'],
    ],
    ['a request that is gone', { 11: undefined }, ['does not speak JoinGroup']],
    [
      'several at once',
      { 0: { min: 8, max: 13 }, 3: { min: 7, max: 13 } },
      ['no longer speaks Produce <= 7 (it offers 8..13)', 'no longer speaks Metadata <= 6 (it offers 7..13)'],
    ],
  ])('%s', (_what, changes, expected) => {
    expect(unsupportedApis(offering(changes))).toEqual(expected);
  });
});
