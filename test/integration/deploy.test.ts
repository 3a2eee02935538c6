/**
 * Goal: what stands in deploy/ stays true. Files are read as their tools read them, and held against the commands and the configuration
 * of this build: every command line is one of `picket`, every variable is one that is read, every path exists, nothing is unpinned, no
 * secret has a default. Whether the containers and units run is for machines that can run them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUILD } from '../../cli/build.ts';
import { type Config, loadConfig } from '../../cli/config.ts';
import { type ComposeService, DEPLOY_FOLDER, readCompose } from '../support/container-compose.ts';
import { runPicket } from '../support/picket-process.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const manifest = JSON.parse(read('package.json')) as { version: string; bin: { picket: string } };

const compose = readCompose();
const services = Object.entries(compose.services);
const ofPicket = services.filter(([, { image }]) => image.startsWith('picket:'));
const PINNED = /^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*$/;
const SECRET = /KEY|PASSWORD|SECRET|TOKEN/;
const SECRET_KEY = 'ab'.repeat(32);
const VARIABLE = /\$\{(\w+)(:[?-][^}]*)?\}/g;

/** As Compose does it: `${NAME:?message}` from the file of secrets, `${NAME:-default}` by its default. */
const interpolated = (environment: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(VARIABLE, (_, variable: string, rest = '') =>
        variable === 'PICKET_SECRET_KEY' ? SECRET_KEY : rest.startsWith(':-') ? rest.slice(2) : `value-of-${variable}`,
      ),
    ]),
  );

/** What the configuration becomes, and which variables it has asked for. */
function configWith(env: Readonly<Record<string, string>>): { config: Config; asked: Set<string> } {
  const asked = new Set<string>();
  const watched = new Proxy(env, {
    get(target, name) {
      asked.add(String(name));
      return target[String(name)];
    },
  });
  return { config: loadConfig({ cwd: ROOT, env: watched }), asked };
}

/** Words up to the first flag are the command and its subcommands. */
async function expectCommand(command: readonly string[]): Promise<void> {
  const first = command.findIndex((word) => word.startsWith('--'));
  const words = first < 0 ? command : command.slice(0, first);
  const { code, stdout } = await runPicket([...words, '--help']);
  expect([code, stdout.split('\n', 1)[0]]).toEqual([0, expect.stringContaining(`picket ${words.join(' ')} `)]);
  for (const flag of command.filter((word) => word.startsWith('--'))) expect(stdout).toMatch(new RegExp(`${flag}\\b`));
}

const instructions = read('deploy/Dockerfile')
  .replaceAll(/^\s*#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '');
const argumentsOf = (instruction: string) =>
  instructions.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

const unitFolder = join(DEPLOY_FOLDER, 'systemd');
const units = readdirSync(unitFolder).filter((name) => name.endsWith('.service'));
const SHARED_UNIT = 'picket-.service.d/hardening.conf';
const unitLines = (unit: string, key: string) =>
  readFileSync(join(unitFolder, unit), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .map((line) => line.slice(key.length + 1));

describe('the compose file', () => {
  it('has the roles that make a Picket', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'api',
      'clickhouse',
      'intake',
      'kafka',
      'migrate',
      'topics',
      'worker',
    ]);
    expect(ofPicket.map(([name]) => name).sort()).toEqual(['api', 'intake', 'migrate', 'topics', 'worker']);
  });

  it.each(services)('%s: pinned, limited, and healthy or done', (_, service) => {
    expect(service.image).toMatch(PINNED);
    expect(service.deploy?.resources?.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) });
    const oneShot = service.restart === 'no';
    const checked = service.healthcheck?.test !== undefined;
    expect({ oneShot, checked }).toEqual({ oneShot, checked: !oneShot });
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      const done = compose.services[needed]?.restart === 'no';
      expect(condition).toBe(done ? 'service_completed_successfully' : 'service_healthy');
    }
  });

  it('publishes the API, on this machine only, and nothing else', () => {
    const published = services
      .filter(([, { ports = [] }]) => ports.length > 0)
      .map(([name, { ports }]) => [name, ports]);
    expect(published).toEqual([['api', ['127.0.0.1:8321:8321']]]);
    expect(compose.networks['data']).toEqual({ internal: true });
    for (const name of ['kafka', 'clickhouse']) expect(compose.services[name]?.networks).toEqual(['data']);
  });

  it.each(services)('%s: takes every secret from outside, without a default', (_, { environment = {} }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (SECRET.test(name)) expect(value).toMatch(/^\$\{\w+:\?.+\}$/);
    }
  });

  it('names the variables of .env.example, whose secrets are empty', () => {
    const asked = [...read('deploy/compose.yaml').matchAll(VARIABLE)].map(([, name]) => name ?? '');
    const lines = read('deploy/.env.example').split('\n');
    const offered = lines.flatMap((line) => /^(?:# )?([A-Z_]+)=(.*)$/.exec(line)?.slice(1, 2) ?? []);
    expect(offered.toSorted()).toEqual([...new Set(asked)].toSorted());
    for (const line of lines) if (!line.startsWith('#') && line !== '') expect(line).toMatch(/^[A-Z_]+=$/);
    expect(read('deploy/.gitignore').split('\n')).toContain('.env');
  });

  it.each(ofPicket)(
    '%s: runs a command of this build with variables that it reads',
    async (_, service: ComposeService) => {
      await expectCommand(service.command ?? []);
      const environment = interpolated(service.environment ?? {});
      const mounts = (service.volumes ?? []).map((volume) => volume.split(':'));
      const source = mounts.find(([, target]) => target === environment['PICKET_CONFIG'])?.[0] ?? 'not mounted';
      const { config, asked } = configWith({ ...environment, PICKET_CONFIG: join(DEPLOY_FOLDER, source) });
      expect(Object.keys(environment).filter((name) => !asked.has(name))).toEqual([]);
      expect(config).toMatchObject({
        clickhouse: { url: 'http://clickhouse:8123', username: 'picket', password: 'value-of-CLICKHOUSE_PASSWORD' },
        kafka: { brokers: ['kafka:9092'], replicationFactor: 1 },
        masterKey: Buffer.from(SECRET_KEY, 'hex'),
      });
      expect(service).toMatchObject({ image: `picket:${BUILD}`, read_only: true, stop_grace_period: '15s' });
    },
  );

  it('builds the image once, and asks no registry for it', () => {
    const policies = ofPicket.map(([name, service]) => {
      const { pull_policy: policy } = service as ComposeService & { readonly pull_policy?: string };
      return [name, service.build?.dockerfile, policy];
    });
    expect(policies.filter(([, dockerfile]) => dockerfile !== undefined)).toEqual([
      ['migrate', 'deploy/Dockerfile', 'build'],
    ]);
    for (const [name, , policy] of policies) if (name !== 'migrate') expect([name, policy]).toEqual([name, 'never']);
  });

  it('starts what reads topics when they are made, with a topic to read', () => {
    expect(compose.services['topics']?.command).toEqual(['topics', 'create', '--intake']);
    for (const name of ['intake', 'worker', 'api']) expect(compose.services[name]?.depends_on).toHaveProperty('topics');
    const { config } = configWith({ PICKET_CONFIG: join(DEPLOY_FOLDER, 'picket.yaml'), KAFKA_BROKERS: 'kafka:9092' });
    expect(config.kafka?.intake).not.toEqual([]);
  });

  it('mounts only what is there', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    for (const source of new Set(mounted)) {
      const there = source.startsWith('.') ? existsSync(join(DEPLOY_FOLDER, source)) : source in compose.volumes;
      expect([source, there]).toEqual([source, true]);
    }
  });

  it('is healthy when it is ready, and only then', async () => {
    let status = 200;
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/readyz' ? status : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const [, , flag = '', script = ''] = compose.services['worker']?.healthcheck?.test ?? [];
    const exitCode = async () => {
      const child = spawn(process.execPath, [flag, script.replace(':8321/', `:${port}/`)], { stdio: 'ignore' });
      return (await once(child, 'exit'))[0] as number;
    };
    expect(await exitCode()).toBe(0);
    status = 503;
    expect(await exitCode()).toBe(1);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await exitCode()).toBe(1);
  });
});

describe('the image', () => {
  it('stands on pinned images and carries the version of this build', () => {
    const stages = argumentsOf('FROM').map((from) => from.split(' '));
    const named = new Set(stages.map(([, , name]) => name));
    for (const [image = ''] of stages) if (!named.has(image)) expect(image).toMatch(PINNED);
    expect(argumentsOf('LABEL').join()).toContain(`org.opencontainers.image.version="${manifest.version}"`);
    expect(manifest.version).toBe(BUILD);
  });

  it('copies what exists and what its ignore file lets through', () => {
    const copied = argumentsOf('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    const allowed = read('deploy/Dockerfile.dockerignore').split('\n');
    expect(allowed).toContain('*');
    for (const source of new Set(copied)) {
      expect([source, existsSync(join(ROOT, source)), allowed.includes(`!${source}`)]).toEqual([source, true, true]);
    }
    const { include } = JSON.parse(read('tsconfig.build.json')) as { include: string[] };
    const compiled = include.filter((folder) => readdirSync(join(ROOT, folder)).some((name) => name.endsWith('.ts')));
    expect(compiled.filter((folder) => !copied.includes(folder))).toEqual([]);
  });

  it('starts the command of the package, as a user with few rights, alone', () => {
    expect(argumentsOf('ENTRYPOINT').map((text): unknown => JSON.parse(text))).toEqual([
      ['node', `/app/${manifest.bin.picket}`],
    ]);
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
    expect(argumentsOf('RUN').filter((run) => run.startsWith('npm ci'))).toEqual([
      'npm ci --ignore-scripts',
      'npm ci --ignore-scripts --omit=dev --omit=optional',
    ]);
  });

  it('sets variables that are read, and looks for life on the port that it sets', () => {
    const env = Object.fromEntries(
      argumentsOf('ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
    );
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('PICKET_')));
    const { config, asked } = configWith(own);
    expect(Object.keys(own).filter((name) => !asked.has(name))).toEqual([]);
    expect({ host: config.host, dataDir: config.dataDir }).toEqual({ host: '0.0.0.0', dataDir: '/var/lib/picket' });
    expect(argumentsOf('HEALTHCHECK').join()).toContain(`http://127.0.0.1:${config.port}/healthz`);
    for (const [, { command = [] }] of ofPicket) {
      const at = command.indexOf('--port');
      if (at >= 0) expect(command[at + 1]).toBe(String(config.port));
    }
  });
});

describe('the systemd units', () => {
  it.each(units)('%s runs a command of this build', async (unit) => {
    const [start = ''] = unitLines(unit, 'ExecStart');
    const [node, main, ...command] = start.replaceAll('%i', '8331').split(' ');
    expect([node, main]).toEqual(['/usr/bin/node', `/opt/picket/${manifest.bin.picket}`]);
    await expectCommand(command);
  });

  it.each([...units, SHARED_UNIT])('%s sets variables that are read', (unit) => {
    const names = unitLines(unit, 'Environment').map((pair) => pair.split('=', 1)[0] ?? '');
    const { asked } = configWith({});
    expect(names.filter((name) => name !== 'NODE_ENV' && !asked.has(name))).toEqual([]);
  });

  it.each(units)('%s writes where systemd lets it', (unit) => {
    const [folder] = unitLines(unit, 'StateDirectory');
    expect(unitLines(unit, 'Environment')).toContain(`PICKET_DATA_DIR=%S/${folder}`);
  });

  it.each(units)('%s runs without root also when its drop-in is missing', (unit) => {
    expect([unitLines(unit, 'User'), unitLines(unit, 'Group')]).toEqual([['picket'], ['picket']]);
    expect(read('deploy/systemd/picket.sysusers.conf')).toMatch(/^u picket /m);
  });

  it('keeps secrets out of the units', () => {
    for (const unit of [...units, SHARED_UNIT]) {
      expect(unitLines(unit, 'Environment').filter((pair) => SECRET.test(pair))).toEqual([]);
    }
    expect(unitLines(SHARED_UNIT, 'EnvironmentFile')).toEqual(['/etc/picket/picket.env']);
  });
});

it('names in docs/deploy.md only variables that are read', () => {
  const named = new Set(read('docs/deploy.md').match(/\b(?:PICKET|KAFKA|CLICKHOUSE)_[A-Z_]*[A-Z]\b/g));
  const { asked } = configWith({});
  expect([...named].filter((name) => !asked.has(name))).toEqual(['PICKET_REQUIRE_CONTAINERS']);
});
