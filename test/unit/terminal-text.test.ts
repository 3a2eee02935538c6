/**
 * Goal: nothing that an event, a label or a server says acts on the terminal of who reads it. Method: whole answers in which every single
 * text is hostile, and what is printed of them compared with what is printed of the same answers without the hostile part.
 */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { ApiProblem } from '../../api/client.ts';
import type { KeyBody } from '../../api/schemas/key.ts';
import type { AgentVerification, RangeReport } from '../../api/schemas/verify.ts';
import { alertList, alertPage } from '../../cli/alerts/page.ts';
import { explainFailure } from '../../cli/failures.ts';
import { keyList } from '../../cli/keys/page.ts';
import { logLines } from '../../cli/logger.ts';
import { agentText, rangeText } from '../../cli/verify/text-report.ts';
import { visible } from '../../ingest/untrusted-text.ts';
import { alertDetail } from '../support/alert-detail.ts';

/** Clears the screen, renames the window, colours, an 8-bit control sequence, hidden letters; the line feed would forge a line. */
const HOSTILE = '\u001b[2J\u001b[31m\u009b1m\u202e\u200b\u{e0041}\n';
const WORDS = new Set([
  'hit_missing',
  'different',
  'judge',
  'replay',
  'beginning',
  'high',
  'open',
  'closed',
  'retry',
  'delivered',
]);

/** Every text of it ends hostile, but for words that the printed page is looked up by. */
function poisoned<T>(value: T): T {
  if (typeof value === 'string') return (WORDS.has(value) ? value : value + HOSTILE) as T;
  if (Array.isArray(value)) return value.map(poisoned) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, poisoned(one)])) as T;
}

const alert = alertDetail();

const verification: AgentVerification = {
  agent: 'bot-7',
  mode: 'judge',
  outcome: 'different',
  start: { from: 'beginning', partition: 0, position: -1 },
  end: { partition: 0, position: 9 },
  events: 10,
  snapshots: { compared: 2, equal: 1, other_format: 1 },
  differences: 1,
  listed: [{ partition: 0, position: 3, what: 'verdict', field: 'hits', stored: '"a"', recomputed: '"b"' }],
  notes: ['The first state is missing.'],
};

const key: KeyBody = {
  id: 'a1b2',
  name: 'forwarder',
  scopes: ['ingest'],
  created: '2026-01-01T00:00:00.000Z',
  state: 'active',
};

const part = { expected: 1, missing: 1, repaired: 0 };
const range: RangeReport = {
  stretches: [{ partition: 0, first: 0, last: 0 }],
  positions: 1,
  parts: { rows: part, hits: part, changes: part, dead_letters: part, deliveries: part },
  findings: [
    { part: 'hits', code: 'hit_missing', partition: 0, first: 0, last: 0, tenant: 'acme', id: 'al_1', repaired: false },
  ],
  not_sent: { none_matches: 0, backfill: 0, before_playbook: 0, too_recent: 0, too_old: 0 },
  no_record: 0,
  waiting: 0,
  notes: ['One.'],
};

describe('what a command prints of an answer is the same with and without hostile text in it', () => {
  const pages: [name: string, page: (change: <T>(value: T) => T) => string][] = [
    ['alerts list', (change) => alertList([change(alert)], 120)],
    ['keys list', (change) => keyList([{ ...change(key), state: 'active' }])],
    ['alerts show', (change) => alertPage(change(alert))],
    ['verify --agent', (change) => agentText(change(verification), 'here')],
    [
      'verify --range',
      (change) =>
        rangeText({ ...range, findings: change(range.findings), notes: change(range.notes) }, '', true).replace(
          /\n\nhit_missing,.*/,
          '',
        ),
    ],
    [
      'a refusal of the API',
      (change) => explainFailure(new ApiProblem(409, change({ detail: 'It is busy.', action: 'Wait.' }))).message,
    ],
  ];
  it.each(pages)('%s', (_name, page) => {
    expect(page((value) => value)).not.toBe('');
    expect(page(poisoned)).toBe(page((value) => value));
  });
});

describe('what nobody cleaned', () => {
  it.each([
    ['an escape', 'e\u001b[31m1', 'e\\u001b[31m1'],
    ['a bell and a window title', '\u001b]0;PWN\u0007', '\\u001b]0;PWN\\u0007'],
    ['8-bit controls and delete', '\u009b31m\u007f', '\\u009b31m\\u007f'],
    ['what turns the text around', 'a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
    ['letters that are not seen', 'a\u200b\u{e0041}', 'a\\u200b\\udb40\\udc41'],
    ['a carriage return', 'real\rfake', 'real\\u000dfake'],
    ['our own lines and columns', 'a\tb\nc', 'a\tb\nc'],
    ['letters of any language', 'Grüße, 東京 🙂', 'Grüße, 東京 🙂'],
  ])('is written out: %s', (_name, text, printed) => expect(visible(text)).toBe(printed));

  it('is written out in logs, too', () => {
    const lines: string[] = [];
    const url = '/v1/\u009b2J\u202eevents';
    pino({}, logLines({ write: (line) => lines.push(line) })).info({ url }, 'request');
    expect(lines.join('')).toContain('/v1/\\u009b2J\\u202eevents');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ url, msg: 'request' }]);
  });

  it('stays the same JSON', () => {
    const value = { id: 'e\u001b[31m\u009b1\u202e\u{e0041}', lines: ['a\nb'] };
    expect(JSON.parse(visible(JSON.stringify(value, null, 2)))).toEqual(value);
  });
});
