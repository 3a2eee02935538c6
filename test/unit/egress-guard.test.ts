/**
 * Goal: no spelling of an address and no answer of a name server leads a webhook to a place that is not meant for it.
 * Method: tables of URLs and addresses with the outcome under both settings; a name server that lies.
 */
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkAddress, checkUrl, classifyAddress, EgressDenied, guardedLookup } from '../../alerts/egress-guard.ts';

function outcome(check: () => unknown): string {
  try {
    check();
    return 'ok';
  } catch (error) {
    if (error instanceof EgressDenied) return error.code;
    throw error;
  }
}

describe('URLs', () => {
  // Outcome by default, and with allow_private_network.
  const table: [url: string, byDefault: string, withPrivate: string][] = [
    ['https://soar.example.com/hook', 'ok', 'ok'],
    ['https://soar.example.com:8443/hook', 'ok', 'ok'],
    ['https://93.184.215.14/hook', 'ok', 'ok'],
    ['https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/hook', 'ok', 'ok'],
    ['HTTPS://SOAR.EXAMPLE.COM', 'ok', 'ok'],
    ['http://soar.example.com/hook', 'scheme', 'ok'],
    ['http://93.184.215.14/hook', 'scheme', 'scheme'],
    ['ftp://soar.example.com/', 'scheme', 'scheme'],
    ['file:///etc/passwd', 'scheme', 'scheme'],
    ['gopher://127.0.0.1:6379/_SET', 'scheme', 'scheme'],
    ['javascript:alert(1)', 'scheme', 'scheme'],
    ['//soar.example.com/', 'not_a_url', 'not_a_url'],
    ['soar.example.com/hook', 'not_a_url', 'not_a_url'],
    ['https://', 'not_a_url', 'not_a_url'],
    ['https://user@soar.example.com/', 'userinfo', 'userinfo'],
    ['https://user:secret@soar.example.com/', 'userinfo', 'userinfo'],
    ['https://soar.example.com@127.0.0.1/', 'userinfo', 'userinfo'],
    ['https://soar.example.com:80/', 'port', 'port'],
    ['https://soar.example.com:22/', 'port', 'port'],
    ['https://soar.example.com:6000/', 'port', 'port'],
    ['https://soar.example.com:0/', 'port', 'port'],
    ['https://soar.example.com:99999/', 'not_a_url', 'not_a_url'],
    ['http://10.0.0.1:25/', 'scheme', 'port'],
    ['http://10.0.0.1:80/', 'scheme', 'ok'],
    ['http://127.0.0.1:3000/', 'scheme', 'ok'],
    // Loopback in other spellings.
    ['https://127.0.0.1/', 'address', 'ok'],
    ['https://2130706433/', 'address', 'ok'],
    ['https://0x7f.1/', 'address', 'ok'],
    ['https://0x7f000001/', 'address', 'ok'],
    ['https://017700000001/', 'address', 'ok'],
    ['https://0177.0.0.1/', 'address', 'ok'],
    ['https://127.1/', 'address', 'ok'],
    ['https://127.0.0.1./', 'address', 'ok'],
    ['https://①②⑦.0.0.1/', 'address', 'ok'],
    ['https://127。0。0。1/', 'address', 'ok'],
    ['https://%31%32%37.0.0.1/', 'address', 'ok'],
    ['https://[::1]/', 'address', 'ok'],
    ['https://[0:0:0:0:0:0:0:1]/', 'address', 'ok'],
    // Addresses inside addresses never pass.
    ['https://[::ffff:7f00:1]/', 'address', 'address'],
    ['https://[::ffff:127.0.0.1]/', 'address', 'address'],
    ['https://[::127.0.0.1]/', 'address', 'address'],
    ['https://[64:ff9b::7f00:1]/', 'address', 'address'],
    ['https://[64:ff9b:1::7f00:1]/', 'address', 'address'],
    ['https://[2002:7f00:1::]/', 'address', 'address'],
    ['https://[2001:0:1::1]/', 'address', 'address'],
    // Unspecified, metadata, link-local.
    ['https://0/', 'address', 'address'],
    ['https://0.0.0.0/', 'address', 'address'],
    ['https://[::]/', 'address', 'address'],
    ['https://169.254.169.254/latest/meta-data/', 'address', 'address'],
    ['http://169.254.169.254/latest/meta-data/', 'scheme', 'address'],
    ['https://2852039166/', 'address', 'address'],
    ['https://[fe80::1]/', 'address', 'address'],
    ['https://[fe80::1%25eth0]/', 'not_a_url', 'not_a_url'],
    // Names pass here and are judged by their addresses.
    ['https://localhost/', 'ok', 'ok'],
    ['https://localhost./', 'ok', 'ok'],
    ['https://169.254.169.254.nip.io/', 'ok', 'ok'],
  ];
  it.each(table)('%s', (url, byDefault, withPrivate) => {
    const outcomes = [false, true].map((allow) => outcome(() => checkUrl(url, { allowPrivateNetwork: allow })));
    expect(outcomes).toEqual([byDefault, withPrivate]);
  });
});

describe('addresses', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['2606:4700::1111', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['127.255.255.254', 'private'],
    ['::1', 'private'],
    ['fd12:3456::1', 'private'],
    ['0.0.0.0', 'never'],
    ['0.1.2.3', 'never'],
    ['100.64.0.1', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['169.254.0.1', 'never'],
    ['192.0.0.192', 'never'],
    ['192.0.2.1', 'never'],
    ['198.18.0.1', 'never'],
    ['198.51.100.1', 'never'],
    ['203.0.113.1', 'never'],
    ['224.0.0.1', 'never'],
    ['240.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['::', 'never'],
    ['::ffff:8.8.8.8', 'never'],
    ['::8.8.8.8', 'never'],
    ['64:ff9b::808:808', 'never'],
    ['2002:808:808::', 'never'],
    ['2001:0:1::', 'never'],
    ['2001:db8::1', 'never'],
    ['2001:2::1', 'never'],
    ['3fff::1', 'never'],
    ['4000::1', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['100::1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fd20:ce::254', 'never'],
    ['', 'never'],
    ['soar.example.com', 'never'],
  ])('%s is %s', (address, reach) => {
    expect(classifyAddress(address).reach).toBe(reach);
  });

  it.each([
    ['8.8.8.8', 'https:', false, 'ok'],
    ['8.8.8.8', 'http:', true, 'scheme'],
    ['10.0.0.1', 'https:', false, 'address'],
    ['10.0.0.1', 'http:', true, 'ok'],
    ['169.254.169.254', 'http:', true, 'address'],
    ['fe80::1', 'https:', true, 'address'],
  ])('%s over %s with private %s: %s', (address, protocol, allowPrivateNetwork, expected) => {
    expect(outcome(() => checkAddress(address, protocol, { allowPrivateNetwork }))).toBe(expected);
  });
});

describe('names', () => {
  const PUBLIC = { address: '93.184.215.14', family: 4 };
  const answers = (...rounds: (LookupAddress[] | string)[]): LookupFunction => {
    let round = 0;
    return (_host, _options, callback) => callback(null, rounds[round++] ?? []);
  };
  const check = (address: string) => checkAddress(address, 'https:', { allowPrivateNetwork: false });
  const ask = (lookup: LookupFunction, all: boolean) =>
    new Promise<string>((resolve) => {
      lookup('soar.example.com', { all }, (error, address) => {
        resolve(error instanceof EgressDenied ? error.code : (error?.message ?? JSON.stringify(address)));
      });
    });

  it.each([
    ['a public address', [PUBLIC], '"93.184.215.14"'],
    ['an answer that is one string', '93.184.215.14', '"93.184.215.14"'],
    ['localhost.', [{ address: '127.0.0.1', family: 4 }], 'address'],
    ['a public and a private address', [PUBLIC, { address: '10.0.0.1', family: 4 }], 'address'],
    ['a private address behind v6', [PUBLIC, { address: '::ffff:10.0.0.1', family: 6 }], 'address'],
    ['metadata', [{ address: '169.254.169.254', family: 4 }], 'address'],
    ['no address', [], 'address'],
    ['nonsense', [{ address: 'localhost', family: 4 }], 'address'],
  ])('%s', async (_what, answer, expected) => {
    expect(await ask(guardedLookup(answers(answer), check), false)).toBe(expected);
  });

  it('all addresses are handed on when all are asked for', async () => {
    expect(await ask(guardedLookup(answers([PUBLIC]), check), true)).toBe(JSON.stringify([PUBLIC]));
  });

  it('rebinding: every connection is judged by its own answer', async () => {
    const lookup = guardedLookup(answers([PUBLIC], [{ address: '127.0.0.1', family: 4 }]), check);
    expect([await ask(lookup, false), await ask(lookup, false)]).toEqual(['"93.184.215.14"', 'address']);
  });

  it('a fault of the name server is handed on', async () => {
    const broken: LookupFunction = (_host, _options, callback) => callback(new Error('ENOTFOUND'), '');
    expect(await ask(guardedLookup(broken, check), false)).toBe('ENOTFOUND');
  });
});
