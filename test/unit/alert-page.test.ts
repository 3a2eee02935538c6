/** Goal: what a terminal shows of an alert. Whole lines are compared. */
import { describe, expect, it } from 'vitest';
import type { AlertDetailBody } from '../../api/schemas/alert.ts';
import { alertList, alertPage } from '../../cli/alerts/page.ts';
import { alertDetail } from '../support/alert-detail.ts';

const linesOf = (fact: string, change: Partial<AlertDetailBody>): string[] =>
  alertPage(alertDetail(change))
    .split('\n')
    .flatMap((line) => (line.startsWith(fact) ? [line.slice(10)] : []));

const [attempt] = alertDetail().deliveries;
if (attempt === undefined) throw new Error('the alert has no delivery');

describe('deliveries', () => {
  const { next_attempt: _, error: __, ...ended } = attempt;
  const cases: [what: string, change: Partial<AlertDetailBody>, lines: string[]][] = [
    ['nobody was told', { deliveries: [] }, ['none']],
    [
      'to be tried again',
      {},
      ['soar: to be tried again, 1 attempt, next attempt at 2026-03-01T00:00:31Z; ECONNREFUSED'],
    ],
    [
      'the newest attempt of each playbook counts',
      {
        deliveries: [
          attempt,
          { ...ended, playbook: 'mail', outcome: 'failed', attempt: 1, http_status: 400 },
          { ...ended, attempt: 2, outcome: 'delivered', time: '2026-03-01T00:00:31Z', http_status: 204 },
        ],
      },
      [
        'soar: delivered at 2026-03-01T00:00:31Z, 2 attempts',
        'mail: given up at 2026-03-01T00:00:01Z, 1 attempt; HTTP 400',
      ],
    ],
    [
      'waiting, tried or not',
      {
        waiting: [
          { playbook: 'soar', target: 'https://soar.example', not_before: '2026-03-01T00:01:00Z' },
          { playbook: 'mail', target: 'https://mail.example' },
          { playbook: 'pager', target: 'https://pager.example', not_before: '2026-03-01T00:02:00Z' },
        ],
      },
      [
        'soar: to be tried again, 1 attempt, next attempt at 2026-03-01T00:00:31Z (nothing goes to its target before 2026-03-01T00:01:00Z); ECONNREFUSED',
        'mail: waiting, not tried yet',
        'pager: waiting, not tried yet (nothing goes to its target before 2026-03-01T00:02:00Z)',
      ],
    ],
  ];
  it.each(cases)('%s', (_what, change, lines) => expect(linesOf('delivery', change)).toEqual(lines));
});

it('counts one and many', () => {
  expect(linesOf('seen', { hit_count: 1, session_count: 1 })).toEqual([
    '2026-03-01T00:00:00Z to 2026-03-01T01:00:00Z, 1 hit in 1 session',
  ]);
  expect(linesOf('seen', {})).toEqual(['2026-03-01T00:00:00Z to 2026-03-01T01:00:00Z, 2 hits in 2 sessions']);
});

it('a change without disposition and note has no gaps', () => {
  expect(linesOf('change', { changes: [{ time: 'T', state: 'acknowledged', by: 'ann (k1)' }] })).toEqual([
    'T acknowledged by ann (k1)',
  ]);
});

it('a list has a line to scan by, the id and the sentence', () => {
  expect(alertList([alertDetail({ hit_count: 1 })], 100).split('\n')).toEqual([
    '2026-03-01 00:00  high      closed  novel-endpoint  bot-7  1 hit',
    '                  al_1',
    '                  The agent used an endpoint that is new.',
  ]);
});
