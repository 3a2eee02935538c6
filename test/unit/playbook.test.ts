/**
 * Goal: a playbook file is either understood completely or refused with place and advice, and never takes another file down.
 * Method: tables of files with whole results; the shipped example is among them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPlaybooks, matches, PLAYBOOKS_MAX } from '../../alerts/playbook.ts';
import { alertNotice } from '../support/alert-notice.ts';
import { playbook } from '../support/playbook.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const environment: Record<string, string> = {
  SOAR_SECRET: SECRET,
  TOKEN: 'tok-123',
  BAD_SECRET: 'hunter2',
  TWO_LINES: 'a\r\nx-evil: 1',
  SOAR_URL: 'https://tines.example.com/webhook/abc/s3cr3t',
};
const lookup = (name: string) => environment[name];
const load = (text: string, detectors?: string[]) => loadPlaybooks([{ path: 'p.yaml', text }], lookup, detectors);
const minimal = 'name: soar\nwhen: {}\nwebhook:\n  url: https://soar.example.com/hook\n';

describe('a file that is right', () => {
  it('gets its defaults', () => {
    expect(load(minimal)).toEqual({
      errors: [],
      playbooks: [
        {
          name: 'soar',
          file: 'p.yaml',
          enabled: true,
          when: { severityMin: 1, detectors: [], agentKinds: [], tenants: [], onBackfill: false },
          webhook: {
            url: 'https://soar.example.com/hook',
            secrets: [],
            headers: {},
            timeoutMs: 15_000,
            allowPrivateNetwork: false,
          },
          target: 'https://soar.example.com',
          throttleMs: 0,
        },
      ],
    });
  });

  it('keeps every field and replaces references', () => {
    const text = `
name: all
when: { severity_min: high, detectors: [mass-read], agent_kinds: [support], tenants: [acme], on_backfill: true }
webhook:
  url: "\${SOAR_URL}"
  secret: ["\${SOAR_SECRET}", ${SECRET}]
  headers: { Authorization: "Bearer \${TOKEN}", x-fixed: "1" }
  timeout_ms: 3000
  allow_private_network: true
throttle: { per_agent_minutes: 30 }
`;
    expect(load(text, ['mass-read'])).toEqual({
      errors: [],
      playbooks: [
        {
          name: 'all',
          file: 'p.yaml',
          enabled: true,
          when: {
            severityMin: 4,
            detectors: ['mass-read'],
            agentKinds: ['support'],
            tenants: ['acme'],
            onBackfill: true,
          },
          webhook: {
            url: 'https://tines.example.com/webhook/abc/s3cr3t',
            secrets: [SECRET, SECRET],
            headers: { authorization: 'Bearer tok-123', 'x-fixed': '1' },
            timeoutMs: 3_000,
            allowPrivateNetwork: true,
          },
          target: 'https://tines.example.com',
          throttleMs: 30 * 60_000,
        },
      ],
    });
  });

  it('the shipped example loads without its environment, because it is disabled', () => {
    const text = readFileSync(new URL('../../playbooks/example-soar.yaml', import.meta.url), 'utf8');
    const { playbooks, errors } = loadPlaybooks([{ path: 'example-soar.yaml', text }], () => undefined);
    expect(errors).toEqual([]);
    expect(playbooks.map(({ name, enabled }) => ({ name, enabled }))).toEqual([
      { name: 'example-soar', enabled: false },
    ]);
    const enabled = loadPlaybooks(
      [{ path: 'e.yaml', text: text.replace('enabled: false', 'enabled: true') }],
      () => '',
    );
    expect(enabled.errors.map(({ line }) => line)).toHaveLength(2);
  });
});

describe('a file that is wrong', () => {
  const table: [what: string, text: string, line: number, column: number, message: RegExp][] = [
    ['broken YAML', 'name: [soar\nwhen: {}\n', 2, 1, /flow sequence/i],
    ['a key twice', 'name: a\nname: b\n', 2, 1, /unique/],
    ['two documents', `${minimal}---\n${minimal}`, 5, 1, /multiple documents/],
    ['an unknown tag', minimal.replace('soar\n', '!env soar\n'), 1, 7, /Unresolved tag/],
    ['an unknown alias', minimal.replace('{}', '*missing'), 2, 7, /alias/i],
    ['an empty file', '', 1, 1, /must be a mapping with name, when and webhook/],
    ['a list', '- a\n', 1, 1, /must be a mapping/],
    [
      'no url',
      'name: soar\nwhen: {}\nwebhook:\n  timeout_ms: 500\n',
      4,
      3,
      /^webhook\.url is missing; add an https URL/,
    ],
    ['an unknown field', `${minimal}  retries: 3\n`, 5, 3, /^webhook\.retries is not a field.*use one of url, secret/],
    ['an unknown condition', minimal.replace('{}', '{ min_severity: high }'), 2, 9, /use one of severity_min/],
    [
      'a bad severity',
      minimal.replace('{}', '{ severity_min: severe }'),
      2,
      23,
      /one of informational, low, medium, high/,
    ],
    ['a bad name', minimal.replace('soar\n', 'My SOAR\n'), 1, 7, /lower-case letters/],
    ['a timeout too long', `${minimal}  timeout_ms: 60000\n`, 5, 15, /from 100 to 30000/],
    ['a header that is a number', `${minimal}  headers:\n    x-a: 1\n`, 6, 10, /text in quotes/],
    ['a reserved header', `${minimal}  headers:\n    Webhook-Id: "1"\n`, 6, 17, /sets this header itself/],
    ['a header value of two lines', `${minimal}  headers:\n    x-a: "\${TWO_LINES}"\n`, 6, 10, /one line/],
    ['a header name with a blank', `${minimal}  headers:\n    "x a": "1"\n`, 6, 12, /header name/],
    ['a variable that is not set', `${minimal}  secret: "\${NOT_SET}"\n`, 5, 11, /NOT_SET\}, which is not set/],
    ['a secret of another kind', `${minimal}  secret: "\${BAD_SECRET}"\n`, 5, 11, /starts with whsec_/],
    ['a secret too short', `${minimal}  secret: whsec_c2hvcnQ=\n`, 5, 11, /holds 24 to 64 bytes.*holds 5/],
    ['http', minimal.replace('https', 'http'), 4, 8, /Only https/],
    ['a private address', minimal.replace('soar.example.com', '10.0.0.7'), 4, 8, /allow_private_network opens it/],
    ['a user in the URL', minimal.replace('https://', 'https://u:p@'), 4, 8, /use headers/],
    [
      'an unknown detector',
      minimal.replace('{}', '{ detectors: [mass-read, mass-red] }'),
      2,
      32,
      /no detector mass-red/,
    ],
    ['a file of 64 KiB', `${minimal}#${'x'.repeat(65_536)}`, 1, 1, /longer than 65536/],
  ];
  it('are all named, also several at one place', () => {
    const named = (text: string) => load(text).errors.map(({ message }) => message.split(/;| add/)[0]);
    expect(named('enabled: true\n')).toEqual(['name is missing', 'when is missing', 'webhook is missing']);
    const unset = [
      `webhook.url refers to \${NO_1}, which is not set`,
      `webhook.url refers to \${NO_2}, which is not set`,
    ];
    expect(named(`name: soar\nwhen: {}\nwebhook:\n  url: "\${NO_1}\${NO_2}"\nthrottel: 1\n`)).toEqual([
      ...unset,
      'throttel is not a field of a playbook',
    ]);
  });

  it.each(table)('%s', (_what, text, line, column, message) => {
    const { playbooks, errors } = load(text, ['mass-read']);
    expect({ playbooks, line: errors[0]?.line, column: errors[0]?.column, file: errors[0]?.file }).toEqual({
      playbooks: [],
      line,
      column,
      file: 'p.yaml',
    });
    expect(errors[0]?.message).toMatch(message);
  });

  it('shows all its faults at once, and no secret', () => {
    const { errors } = load(`${minimal}  secret: "\${BAD_SECRET}"\n  headers: { host: a, x-b: "\${NOT_SET}" }\n`);
    expect(errors.map(({ line }) => line)).toEqual([5, 6, 6]);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('of its shape and of its values alike', () => {
    const { playbooks, errors } = load(
      `name: My SOAR
when: { severity_min: severe, detectors: [mass-red], colour: red }
webhook:
  url: http://10.0.0.7/
  secret: "\${BAD_SECRET}"
  headers: { x-a: 1, host: "b" }
  timeout_ms: 5
`,
      ['mass-read'],
    );
    expect(playbooks).toEqual([]);
    expect(errors.map(({ line, column, message }) => `${line}:${column} ${message.split(/[;,:.]/, 1)[0]}`)).toEqual([
      '1:7 name must be a name of 1 to 64 lower-case letters',
      '2:23 when',
      '2:43 There is no detector mass-red',
      '2:54 when',
      '4:8 webhook',
      '5:11 webhook',
      '6:19 webhook',
      '6:28 webhook',
      '7:15 webhook',
    ]);
  });

  it.each(['[]', 'name: a\nwhen: 1\nwebhook: x\n', 'webhook: { url: 5, headers: [], secret: [1] }\n'])(
    'whatever its parts are: %j',
    (text) => expect(load(text).errors.length).toBeGreaterThan(0),
  );

  it('does not grow by repeated anchors', () => {
    const levels = Array.from({ length: 12 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
    const { playbooks, errors } = load(`a: &a-1 [x]\n${levels.join('\n')}\n`);
    expect([playbooks, errors.length > 0]).toEqual([[], true]);
  });
});

it('a bad file, a repeated name and too many files leave the others alone', () => {
  const files = [
    { path: 'bad.yaml', text: 'name: [' },
    { path: 'a.yaml', text: minimal },
    { path: 'same.yaml', text: minimal },
    ...Array.from({ length: PLAYBOOKS_MAX }, (_, i) => ({
      path: `${i}.yaml`,
      text: minimal.replace('soar\n', `p${i}\n`),
    })),
  ];
  const { playbooks, errors } = loadPlaybooks(files, lookup);
  expect(playbooks).toHaveLength(PLAYBOOKS_MAX - 2);
  expect([...new Set(errors.map(({ file }) => file))]).toEqual([
    'bad.yaml',
    'same.yaml',
    '253.yaml',
    '254.yaml',
    '255.yaml',
  ]);
});

describe('matches', () => {
  const when = { severityMin: 1, detectors: [], agentKinds: [], tenants: [], onBackfill: false } as const;
  const table: [
    what: string,
    playbook: Parameters<typeof playbook>[0],
    alert: Parameters<typeof alertNotice>[0],
    yes: boolean,
  ][] = [
    ['everything', {}, {}, true],
    ['disabled', { enabled: false }, {}, false],
    ['severity at the bound', { when: { ...when, severityMin: 4 } }, { severity: 4 }, true],
    ['severity below it', { when: { ...when, severityMin: 4 } }, { severity: 3 }, false],
    ['a listed detector', { when: { ...when, detectors: ['silence', 'exfiltration'] } }, {}, true],
    ['another detector', { when: { ...when, detectors: ['silence'] } }, {}, false],
    ['a listed kind', { when: { ...when, agentKinds: ['support'] } }, {}, true],
    ['another kind', { when: { ...when, agentKinds: ['support'] } }, { agentKind: '' }, false],
    ['another tenant', { when: { ...when, tenants: ['globex'] } }, {}, false],
    ['backfill, not asked for', {}, { backfill: true }, false],
    ['backfill, asked for', { when: { ...when, onBackfill: true } }, { backfill: true }, true],
  ];
  it.each(table)('%s', (_what, overrides, alert, yes) => {
    expect(matches(playbook(overrides), alertNotice(alert))).toBe(yes);
  });
});
