/** Fixes issues and watches builds: shell commands, repositories, and many web hosts it has not seen before. */

import type { Resource } from '../../../ingest/event.ts';
import type { Act, Tool } from '../act.ts';
import type { AgentKind } from '../agent-kind.ts';
import { COMPANY_DOMAIN, createContact } from '../company.ts';
import type { Desk } from '../desk.ts';
import { pickColleague, pickHost } from '../desk.ts';
import type { Random } from '../random.ts';
import type { SessionWriter } from '../session-writer.ts';
import { article, chatter, code, opening, topic } from '../texts.ts';

const toolbox = {
  getIssue: { server: 'issues', name: 'get', type: 'data_read', medianMs: 260 },
  comment: { server: 'issues', name: 'comment', type: 'data_write', medianMs: 300 },
  searchCode: { server: 'repository', name: 'search', type: 'data_read', medianMs: 420 },
  readFile: { server: 'repository', name: 'read_file', type: 'data_read', medianMs: 90 },
  writeFile: { server: 'repository', name: 'write_file', type: 'data_write', medianMs: 110 },
  push: { server: 'repository', name: 'push', type: 'send', medianMs: 1_500 },
  shell: { server: 'sandbox', name: 'run', type: 'execute', medianMs: 4_000 },
  fetchPage: { server: 'http', name: 'get', type: 'data_read', medianMs: 800 },
  upload: { server: 'http', name: 'post', type: 'send', medianMs: 900 },
  buildStatus: { server: 'builds', name: 'status', type: 'data_read', medianMs: 200 },
  traces: { server: 'telemetry', name: 'query_traces', type: 'data_read', medianMs: 1_200 },
} as const satisfies Record<string, Tool>;

const COMMANDS = [
  'npm test',
  'make check',
  'go test ./...',
  'pytest -q',
  'cargo build',
  'git log --oneline -20',
  'terraform plan',
  'npm run lint',
];
const FILES = [
  'src/main.ts',
  'src/orders/price.ts',
  'README.md',
  'deploy/values.yaml',
  'src/http/router.ts',
  'test/price.test.ts',
  'Makefile',
  'src/jobs/nightly.ts',
];
const SECRETS: Resource = {
  name: 'deploy/credentials.yaml',
  kind: 'file',
  classification: 'restricted',
  origin: 'internal',
  rows_total: 400,
};

export const coder: AgentKind = {
  owner: 'platform-team',
  clearance: 'confidential',
  rhythm: 'long-days',
  sessionsPerDay: [3, 9],
  followUp: 0.35,
  toolbox,
  tasks: {
    fix: { weight: 4, run: fixIssue, next: { build: 2, fix: 1 } },
    build: { weight: 2, run: lookAtBuild, next: { fix: 2 } },
    research: { weight: 2, run: research },
    publish: { weight: 0.8, run: publish },
  },
  upcoming: { traces: { weight: 2, run: lookAtTraces } },
  abilities: {
    carriers: ['issues.get', 'http.get'],
    read: (_desk, rows, random, offset) => readSecrets(rows, random, offset),
    exit: { kind: 'url', send: (_desk, to, body, bytes) => ({ ...upload(to.value, body), bytesSent: bytes }) },
    loop: (_desk, random) => runCommand(random.pick(COMMANDS), random),
  },
};

function fixIssue(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const repository = random.pick(desk.agent.repositories);
  const issue = random.int(100, 4_000);
  session.say(`${opening(random)}please fix #${issue} in ${repository}. ${chatter(random, 0, 2)}`);
  session.act(getIssue(repository, issue, random));
  session.act(searchCode(repository, random));
  for (let left = 1 + random.poisson(1.8); left > 0; left -= 1) session.act(readFile(repository, random));
  if (random.chance(0.3)) session.act(fetchPage(pickHost(desk, random), random));
  for (let round = 1 + random.poisson(0.8); round > 0; round -= 1) {
    session.act(writeFile(repository, random));
    session.act(runCommand(random.pick(COMMANDS), random));
  }
  if (random.chance(0.75)) session.act(push(repository, random));
  if (random.chance(0.5))
    session.act({ tool: toolbox.comment, arguments: { issue, text: chatter(random, 1, 2) }, result: 'posted' });
}

function lookAtBuild(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const repository = random.pick(desk.agent.repositories);
  session.say(`${opening(random)}why is the build of ${repository} red?`);
  session.act({
    tool: toolbox.buildStatus,
    arguments: { repository },
    result: `failed: ${chatter(random, 2, 4)}`,
    rows: random.int(1, 30),
  });
  if (random.chance(0.06)) session.act(readSecrets(random.int(1, 12), random));
  for (let left = 1 + random.poisson(1); left > 0; left -= 1) session.act(runCommand(random.pick(COMMANDS), random));
}

/** The links to read come from the page before: hosts nobody named. */
function research(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const host = pickHost(desk, random);
  session.say(`${opening(random)}read up on ${topic(random)}, start at https://${host}/guide and summarise.`);
  for (let left = 1 + random.poisson(1.5); left > 0; left -= 1)
    session.act(fetchPage(left === 1 ? host : pickHost(desk, random), random));
}

/** Uploads to a place the user names, or to a colleague's folder. */
function publish(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const repository = random.pick(desk.agent.repositories);
  const folder = pickColleague(desk, random).email.split('@')[0];
  const place = random.chance(0.5) ? `${pickHost(desk, random)}/upload` : `files.${COMPANY_DOMAIN}/${folder}/inbox`;
  session.say(
    `${opening(random)}upload the report of ${repository} to https://${place}, ${random.pick(['please', 'as usual', 'today'])}.`,
  );
  session.act(runCommand('npm run report', random));
  const bytesSent = Math.round(random.lognormal(4_000, 1.2));
  session.act({ ...upload(`https://${place}`, code(random)), bytesSent });
}

function lookAtTraces(desk: Desk, session: SessionWriter): void {
  const { random } = session;
  const repository = random.pick(desk.agent.repositories);
  session.say(`${opening(random)}find slow requests of ${repository} in the traces.`);
  session.act({
    tool: toolbox.traces,
    arguments: { service: repository },
    result: chatter(random),
    rows: random.int(20, 400),
  });
}

function getIssue(repository: string, issue: number, random: Random): Act {
  const author = createContact(random);
  const result = `#${issue} opened by ${author.name}\n${chatter(random, 2, 5)}\nContact: ${author.email}`;
  const resource: Resource = {
    name: `${repository}/issues`,
    kind: 'issue',
    classification: 'internal',
    origin: 'external',
  };
  return { tool: toolbox.getIssue, arguments: { repository, issue }, result, rows: 1, resources: [resource] };
}

function searchCode(repository: string, random: Random): Act {
  const hits = random.sample(FILES, random.int(1, 5));
  const result = hits.map((file) => `${file}: ${random.int(3, 300)}`).join('\n');
  return { tool: toolbox.searchCode, arguments: { repository, query: topic(random) }, result, rows: hits.length };
}

function readFile(repository: string, random: Random): Act {
  const path = random.pick(FILES);
  const bytesReceived = Math.round(random.lognormal(5_000, 1.1));
  return {
    tool: toolbox.readFile,
    arguments: { path },
    result: code(random),
    bytesReceived,
    resources: [sourceFile(repository, path)],
  };
}

function writeFile(repository: string, random: Random): Act {
  const path = random.pick(FILES);
  const content = code(random);
  return {
    tool: toolbox.writeFile,
    arguments: { path, content },
    result: 'written',
    resources: [sourceFile(repository, path)],
  };
}

function sourceFile(repository: string, path: string): Resource {
  return { name: `${repository}/${path}`, kind: 'file', classification: 'internal', origin: 'internal' };
}

function runCommand(command: string, random: Random): Act {
  const fine = random.chance(0.8);
  const bytesReceived = Math.round(random.lognormal(1_500, 1.4));
  const base = { tool: toolbox.shell, arguments: { command }, bytesReceived };
  if (fine) return { ...base, result: `exit 0\n${chatter(random, 1, 2)}`, outcome: 'success' };
  return { ...base, result: `exit 1\n${chatter(random, 1, 3)}`, outcome: 'failure', error: 'exit_code' };
}

function fetchPage(host: string, random: Random): Act {
  const title = topic(random);
  const page = title.replaceAll(' ', '-');
  const resource: Resource = {
    name: `https://${host}/${page}`,
    kind: 'page',
    classification: 'public',
    origin: 'external',
  };
  const bytesReceived = Math.round(random.lognormal(18_000, 1));
  const result = article(title, random);
  return {
    tool: toolbox.fetchPage,
    endpoint: `${host}/${page}`,
    arguments: { url: `https://${host}/${page}` },
    result,
    bytesReceived,
    resources: [resource],
  };
}

function push(repository: string, random: Random): Act {
  const branch = `fix/${random.int(100, 4_000)}`;
  const destinations = [{ kind: 'host', value: 'git.example.com' }] as const;
  const bytesSent = Math.round(random.lognormal(3_000, 1));
  return { tool: toolbox.push, arguments: { repository, branch }, result: 'pushed', destinations, bytesSent };
}

function upload(url: string, body: string): Act {
  const endpoint = url.replace(/^https?:\/\//, '').slice(0, 200);
  return {
    tool: toolbox.upload,
    endpoint,
    arguments: { url, body },
    result: 'HTTP 200',
    destinations: [{ kind: 'url', value: url }],
  };
}

function readSecrets(rows: number, random: Random, offset = 0): Act {
  const shown = Array.from(
    { length: Math.min(rows, 6) },
    () => `${topic(random).replaceAll(' ', '_')}_host: db${random.int(1, 40)}.example.com`,
  );
  const args = { path: SECRETS.name, from_line: offset + 1, lines: rows };
  return {
    tool: toolbox.readFile,
    arguments: args,
    result: shown.join('\n'),
    rows,
    bytesReceived: rows * 46,
    resources: [SECRETS],
  };
}
