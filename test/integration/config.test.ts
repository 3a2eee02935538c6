/**
 * Goal: what is wrong with settings is said with file, line, name and what is allowed, all of it at once; what is right is shown by the
 * names of the file. Files are in a folder of their own: reading them is what is tested.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Compile } from 'typebox/compile';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError, ConfigSchema, loadConfig, unknownVariables } from '../../cli/config.ts';
import { shownConfig } from '../../cli/config-shown.ts';
import { nearName } from '../../cli/near-name.ts';

const cwd = mkdtempSync(join(tmpdir(), 'picket-config-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

type Env = Readonly<Record<string, string>>;

const load = (yaml: string, env: Env = {}) => {
  writeFileSync(join(cwd, 'picket.yaml'), yaml);
  return loadConfig({ cwd, env });
};

/** What is said, without the path of the folder. */
function complaintOf(yaml: string, env: Env = {}): string[] {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${join(cwd, 'picket.yaml')}:`, '').split('\n');
    throw error;
  }
  return [];
}

describe('a file that is wrong', () => {
  const cases: [what: string, yaml: string, complaints: string[]][] = [
    [
      'a slip in the name of a group',
      'data_dir: x\nlistn:\n  port: 1\n',
      ['2: unknown setting "listn"; did you mean "listen"?'],
    ],
    ['a slip in a group', 'listen:\n  prot: 1\n', ['2: unknown setting "listen.prot"; did you mean "listen.port"?']],
    [
      'a setting in the wrong place',
      'half_life_days: 7\n',
      ['1: unknown setting "half_life_days"; did you mean "baseline.half_life_days"?'],
    ],
    ['a name that is like no other', 'colour: red\n', ['1: unknown setting "colour".']],
    [
      'a slip below a tenant',
      'tenants:\n  acme:\n    timezone: UTC\n',
      ['3: unknown setting "tenants.acme.timezone"; did you mean "tenants.acme.time_zone"?'],
    ],
    [
      'a slip within a list',
      'kafka:\n  intake:\n    - topic: t\n      tenent: a\n',
      [
        '3: kafka.intake.0.tenant is missing.',
        '4: unknown setting "kafka.intake.0.tenent"; did you mean "kafka.intake.0.tenant"?',
      ],
    ],
    [
      'a word that is not allowed',
      'log_level: loud\n',
      ['1: log_level must be one of trace, debug, info, warn, error, fatal, silent.'],
    ],
    ['another sort of value', 'listen:\n  port: high\n', ['2: listen.port must be a whole number.']],
    ['a number out of range', 'listen:\n  port: 70000\n', ['2: listen.port must be <= 65535.']],
    ['no settings at all', '- a\n', ['1: the file must be a group of settings.']],
    [
      'several, in the order of the file',
      'log_level: loud\nlisten: { port: x, hots: y }\n',
      [
        '1: log_level must be one of trace, debug, info, warn, error, fatal, silent.',
        '2: listen.port must be a whole number.',
        '2: unknown setting "listen.hots"; did you mean "listen.host"?',
      ],
    ],
    ['a key twice', 'data_dir: a\ndata_dir: b\n', ['2: Map keys must be unique.']],
  ];
  it.each(cases)('%s', (_what, yaml, complaints) => expect(complaintOf(yaml)).toEqual(complaints));

  it.each(['ftp://user:hunter2@db', 'db.example:8123', 'nonsense'])('a ClickHouse at %s', (url) => {
    const complaint = 'clickhouse.url (CLICKHOUSE_URL) must be an http or https URL, such as http://127.0.0.1:8123.';
    expect(complaintOf(`clickhouse: { url: "${url}" }\n`)).toEqual([complaint]);
    expect(complaintOf('', { CLICKHOUSE_URL: url })).toEqual([complaint]);
  });
});

describe('the environment', () => {
  it.each([
    [{ PICKET_PORT: 'high' }, 'environment: PICKET_PORT: listen.port must be a whole number.'],
    [
      { PICKET_LOG_LEVEL: 'loud' },
      'environment: PICKET_LOG_LEVEL: log_level must be one of trace, debug, info, warn, error, fatal, silent.',
    ],
    [{ KAFKA_BROKERS: 'a b' }, 'environment: KAFKA_BROKERS: kafka.brokers.0 must match pattern "^[^\\s,]+:\\d{1,5}$".'],
  ])('is complained of by the name of the variable: %j', (env, complaint) => {
    expect(complaintOf('', env)).toEqual([complaint]);
  });

  it.each(['', '  '])('an empty variable counts as not set: %j', (empty) => {
    const names = ['PICKET_PORT', 'PICKET_CONFIG'];
    const env = Object.fromEntries(names.map((name) => [name, empty]));
    expect(load('listen: { port: 4711 }\n', env).port).toBe(4711);
  });

  it('names of ours that nothing reads are known, with what may have been meant', () => {
    const env = { PICKET_PROT: '1', PICKET_COLOUR: 'x', PICKET_PORT: '1', PICKET_API_KEY: 'k', PATH: '/bin' };
    expect(unknownVariables(env)).toEqual([
      { name: 'PICKET_COLOUR', near: undefined },
      { name: 'PICKET_PROT', near: 'PICKET_PORT' },
    ]);
  });
});

describe('what is shown', () => {
  const KAFKA = `
kafka:
  brokers: [k:9092]
  sasl: { username: u, password: hunter2 }
  tls: { enabled: true }
`;

  it('is a file again: its names, and nothing that the file would refuse', () => {
    const { origin, engine, secret_key, ...file } = shownConfig(load(`baseline: { half_life_days: 7 }\n${KAFKA}`));
    expect([origin, engine, secret_key]).toEqual([join(cwd, 'picket.yaml'), 'embedded', 'file']);
    expect(file.baseline).toEqual({ half_life_days: 7, time_zone: 'UTC' });
    const plain = JSON.parse(JSON.stringify(file));
    expect([...Compile(ConfigSchema).Errors(plain)]).toEqual([]);
  });

  it('holds no credentials', () => {
    const env = { CLICKHOUSE_URL: 'http://u:hunter2@db:8123/?password=hunter2', CLICKHOUSE_PASSWORD: 'hunter2' };
    const shown = shownConfig(load(KAFKA, { ...env, PICKET_SECRET_KEY: 'ab'.repeat(32) }));
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|abab/);
    expect(shown).toMatchObject({
      engine: 'db:8123',
      secret_key: 'environment',
      clickhouse: { url: 'http://db:8123' },
    });
  });
});

it.each([
  ['listn', 'listen'],
  ['Listen', 'listen'],
  ['lsiten', 'listen'],
  ['hosts', 'host'],
  ['ab', undefined],
  ['colour', undefined],
])('near %s is %s', (word, near) => expect(nearName(word, ['listen', 'host', 'port'])).toBe(near));
