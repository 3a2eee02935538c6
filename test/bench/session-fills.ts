/** Ways to fill up a session: what takes most room in one list leaves less for others. */
import type { AuditEvent } from '../../ingest/event.ts';
import { MONDAY_MS, toolCall } from '../support/agent-bench.ts';
import { costlyText } from '../support/texts-for-cost.ts';

/** Events of one session of the agent. */
export type SessionFill = (agent: string) => Iterable<AuditEvent>;

/** Fills most of what a session keeps: words and tokens of all sources, results, resources, and events that wait to be learned. */
function* hostileSession(agent: string): Generator<AuditEvent> {
  const at = { agent: { id: agent }, session: { id: 'open' } };
  for (let n = 1; n <= 1100; n++) {
    const text = n <= 20 ? `${costlyText('short tokens', 64 * 1024, `${agent}/${n}`)} ${n}` : `${n}`;
    const name = (i: number) => `${agent}/${n}/${i}/`.padEnd(250, 'x');
    yield toolCall(`${agent}-${n}`, MONDAY_MS + n * 1000, {
      ...at,
      action: { type: 'send', name: name(1), phase: 'completed' },
      resources: [{ name: name(2), classification: 'restricted' }],
      destinations: [{ kind: 'email', value: `${n}@${agent}.example` }],
      content: {
        prompt: words(agent, n),
        context: words(`c${agent}`, n),
        arguments: `["${text.slice(0, 4000)}"]`,
        result: text,
      },
    });
  }
}

/** Many short results with values, fields, addresses and names of two bytes a character, and long ones in between. */
function* plantingSession(agent: string): Generator<AuditEvent> {
  const at = { agent: { id: agent }, session: { id: 'open' } };
  for (let n = 1; n <= 1500; n++) {
    const short = `id: q${n}@${agent}.example\nkey: ${(n * 7919).toString(36)}abcdefgh1234567${n}${agent}`;
    const addresses = Array.from({ length: n <= 20 ? 300 : 0 }, (_, i) => `u${n}x${i}@a${i}.example`);
    yield toolCall(`${agent}-${n}`, MONDAY_MS + n * 1000, {
      ...at,
      action: { type: 'send', name: `tool${n % 7}`, phase: 'completed' },
      resources: [{ name: `${n}/`.padEnd(150, 'ж'), classification: 'restricted' }],
      destinations: [{ kind: 'email', value: `${n}@${agent}.example` }],
      content: {
        prompt: addresses.join(' '),
        context: words(`c${agent}`, n),
        arguments: JSON.stringify(Array.from({ length: 20 }, (_, i) => `v${n} w${i}-${n}`)),
        result: n % 50 === 0 ? costlyText('short tokens', 64 * 1024, `${agent}/${n}`) : short,
      },
    });
  }
}

/**
 * Everything at once: names of two bytes a character wherever there is a name, requests, histories and results of tokens that come once, values that
 * leave in pieces, and whatever raises an alert.
 */
function* everything(agent: string): Generator<AuditEvent> {
  const at = { agent: { id: agent }, session: { id: 'open' } };
  for (let n = 1; n <= 1500; n++) {
    const wide = (i: number, length: number) => `${agent}/${n}/${i}/`.padEnd(length, 'ж');
    const key = `${(n * 7919).toString(36)}abcdefgh1234567${n}`;
    const addresses = Array.from({ length: n <= 20 ? 300 : 0 }, (_, i) => `u${n}x${i}@a${i}.example`);
    const plain = `id: q${n}@${agent}.example\nkey: ${key}`;
    const listing = Array.from({ length: 40 }, (_, i) => `i${i}: v${i}k${n}zz9876543210abcd${i}${n}x${agent}`).join(
      '\n',
    );
    yield toolCall(wide(0, 120), MONDAY_MS + n * 1000, {
      ...at,
      action: { type: 'send', name: wide(1, 250), phase: 'completed' },
      endpoint: wide(2, 250),
      resources: [{ name: wide(3, 250), classification: n % 2 === 0 ? 'restricted' : 'confidential' }],
      destinations: [{ kind: 'email', value: `${n}@${agent}${n}.example` }],
      data: { rows: n * 1000, bytes_sent: n * 1_000_000 },
      content: {
        prompt: `${addresses.join(' ')} ${words(agent, n)}`,
        context: words(`c${agent}`, n),
        arguments: JSON.stringify([key.slice(0, 9), ...Array.from({ length: 20 }, (_, i) => `v${n} w${i}-${n}`)]),
        result: n % 50 === 0 ? words(`r${agent}/${n}-`, 1) : n % 50 === 1 ? listing : plain,
      },
    });
  }
}

export const FILLS = {
  'as the bench did': hostileSession,
  'many short results': plantingSession,
  everything,
} satisfies Record<string, SessionFill>;

/** Many that are not in others. */
const words = (seed: string, n: number): string =>
  n > 20 ? '' : Array.from({ length: 1000 }, (_, i) => `${seed}w${n}x${i}`).join(' ');
