/** Goal: one place has one spelling, and nothing that was said about a place is lost when it cannot be read. */
import { describe, expect, it } from 'vitest';
import { canonicalDestination, cutText, destinationHost } from '../../ingest/destinations.ts';
import type { Destination } from '../../ingest/event.ts';

const canonical = (kind: Destination['kind'], value: string) => canonicalDestination({ kind, value }).value;

describe('canonical spelling', () => {
  const cases: [kind: Destination['kind'], value: string, expected: string][] = [
    ['host', 'API.Example.COM', 'api.example.com'],
    ['host', 'api.example.com.', 'api.example.com'],
    ['host', 'api.example.com:443', 'api.example.com'],
    ['host', 'api.example.com:80', 'api.example.com'],
    ['host', 'api.example.com:8443', 'api.example.com:8443'],
    ['host', 'BÜCHER.example', 'xn--bcher-kva.example'],
    ['host', 'xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['host', 'ｅｘａｍｐｌｅ.com', 'example.com'],
    ['host', 'exa\u200bmple\ufeff.com', 'example.com'],
    ['host', 'https://user:pw@Example.com/x', 'example.com'],
    ['host', '192.168.0.1', '192.168.0.1'],
    ['host', '0x7f.1', '127.0.0.1'],
    ['host', '[2001:DB8:0:0::1]:443', '[2001:db8::1]'],
    ['host', 'my_host.internal', 'my_host.internal'],
    ['host', 'not a host', 'not a host'],
    ['host', 'localhost', 'localhost'],
    ['url', 'HTTPS://Example.COM:443/A/../b?q=1#frag', 'https://example.com/b?q=1'],
    ['url', 'https://user:pw@example.com/', 'https://example.com/'],
    ['url', 'https://example.com.', 'https://example.com/'],
    ['url', 's3://Bucket/Key', 's3://bucket/Key'],
    ['url', 'mailto:bob@example.com', 'mailto:bob@example.com'],
    ['url', '/relative/path', '/relative/path'],
    ['url', '  https://example.com/a b\n', 'https://example.com/a%20b'],
    ['email', 'Bob Smith <BOB@Example.COM.>', 'bob@example.com'],
    ['email', 'mailto:Bob@Example.com?subject=hi', 'bob@example.com'],
    ['email', 'bob@bücher.example', 'bob@xn--bcher-kva.example'],
    ['email', 'no address', 'no address'],
    ['email', 'a@x.com, b@y.com', 'a@x.com, b@y.com'],
    ['user', '  Ada\t\u0000 Lovelace\u200b ', 'Ada Lovelace'],
    ['channel', '#Général', '#Général'],
    ['file', 'ﬁle.txt', 'file.txt'],
    ['other', '\u200b\u200c', '%E2%80%8B%E2%80%8C'],
    ['host', '\u200b', '%E2%80%8B'],
  ];
  it.each(cases)('%s %j', (kind, value, expected) => {
    expect(canonical(kind, value)).toBe(expected);
    expect(canonical(kind, expected)).toBe(expected);
  });

  it('stays within 2048 code points when the spelling grows', () => {
    expect(canonical('url', `https://example.com/${'ü'.repeat(2000)}`)).toHaveLength(2048);
  });
});

it.each<[Destination['kind'], string, string | undefined]>([
  ['host', 'example.com:8443', 'example.com'],
  ['url', 'https://example.com:8443/x', 'example.com'],
  ['url', 'example.com/x', 'example.com'],
  ['email', 'bob@example.com', 'example.com'],
  ['email', 'bob', undefined],
  ['user', 'bob@example.com', undefined],
  ['file', 'example.com', undefined],
  ['host', 'not a host', undefined],
])('the host of %s %s is %s', (kind, value, expected) => expect(destinationHost({ kind, value })).toBe(expected));

it('cuts between code points', () => {
  expect(cutText('a😀b', 2)).toBe('a😀');
  expect(cutText('a😀b', 1)).toBe('a');
  expect(cutText('😀😀', 2)).toBe('😀😀');
});
