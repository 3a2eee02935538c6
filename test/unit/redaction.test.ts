/**
 * Goal: every family is recognised where secrets really stand, and what only looks like one stays. Secrets are put together here, so
 * that no scanner takes this file for a leak.
 */
import { describe, expect, it } from 'vitest';
import { createRedaction } from '../../ingest/redaction.ts';
import { SECRET_FAMILIES } from '../../ingest/secrets.ts';

const redaction = createRedaction(new Uint8Array(32).fill(7));
const { redact, mayHoldSecret } = redaction;

const ALNUM = 'q7Zr2Kd9Xw4Tb6Mn8Vc1Ls5Hj3Gf0PyAeRtUiOoBkDmCxWvNzEhSgJlYpFaQ';
const alnum = (chars: number) => ALNUM.repeat(Math.ceil(chars / ALNUM.length)).slice(0, chars);
const hex = (chars: number) => '9f3a1c7e5b2d8460'.repeat(20).slice(0, chars);
const upper = (chars: number) => 'Q7ZR2KD5XW4TB6MN3VC2LSHJ'.repeat(5).slice(0, chars);

/** Family and text; the part between the bars is the secret. */
const SAMPLES: [family: string, text: string][] = [
  [
    'private-key',
    `|-----BEGIN ${'RSA PRIVATE KEY'}-----\n${alnum(64)}\n${alnum(30)}==\n-----END ${'RSA PRIVATE KEY'}-----|`,
  ],
  ['jwt', `|${`ey${'J'}hbGciOiJIUzI1NiJ9`}.${`ey${'J'}zdWIiOiIxMjM0NTY3ODkwIn0`}.${alnum(43)}|`],
  ['aws-access-token', `|${'AK'}${'IA'}${upper(16)}|`],
  ['aws-secret-key', `aws_secret_access_key = |${alnum(38)}/+|`],
  ['aws-secret-key', `{"SecretAccessKey":"|${alnum(40)}|"}`],
  ['aws-bedrock-api-key', `|${'AB'}${'SK'}${alnum(120)}|`],
  ['gcp-api-key', `|${'AI'}za${alnum(35)}|`],
  ['google-oauth', `|${'GOC'}SPX-${alnum(28)}|`],
  ['google-oauth', `|${'ya'}29.${alnum(60)}|`],
  ['azure-ad-client-secret', `|aB.1${'Q'}~${alnum(12)}.${alnum(10)}~${alnum(8)}|`],
  ['anthropic-api-key', `|${'sk-'}ant-api03-${alnum(93)}AA|`],
  ['openai-api-key', `|${'sk-'}proj-${alnum(40)}_${alnum(40)}|`],
  ['openai-api-key', `|${'sk-'}${alnum(48)}|`],
  ['huggingface-access-token', `|${'hf'}_${alnum(34)}|`],
  ['groq-api-key', `|${'gs'}k_${alnum(52)}|`],
  ['perplexity-api-key', `|${'pp'}lx-${alnum(48)}|`],
  ['xai-api-key', `|${'xa'}i-${alnum(80)}|`],
  ['github-pat', `|${'gh'}p_${alnum(36)}|`],
  ['github-fine-grained-pat', `|${'github'}_pat_${alnum(22)}_${alnum(59)}|`],
  ['github-token', `|${'gh'}s_${alnum(36)}|`],
  ['gitlab-pat', `|${'gl'}pat-${alnum(20)}|`],
  ['npm-access-token', `|${'np'}m_${alnum(36)}|`],
  ['pypi-upload-token', `|${'py'}pi-AgEIcHlwaS5vcmc${alnum(70)}|`],
  ['docker-pat', `|${'dckr'}_pat_${alnum(27)}|`],
  ['vault-token', `|${'hv'}s.${alnum(90)}|`],
  ['slack-token', `|${'xo'}xb-123456789012-${alnum(24)}|`],
  ['slack-webhook', `https://hooks.slack.com/services/|T01234567/B01234567/${alnum(24)}|`],
  ['discord-webhook', `https://discord.com/api/webhooks/|123456789012345678/${alnum(68)}|`],
  ['telegram-bot-token', `|123456789:${'A'}A${alnum(33)}|`],
  ['stripe-access-token', `|${'sk'}_live_${alnum(24)}|`],
  ['webhook-secret', `|${'wh'}sec_${alnum(32)}|`],
  ['sendgrid-api-token', `|${'S'}G.${alnum(22)}.${alnum(43)}|`],
  ['twilio-api-key', `|${'S'}K${hex(32)}|`],
  ['shopify-token', `|${'sh'}pat_${hex(32)}|`],
  ['databricks-api-token', `|${'da'}pi${hex(32)}|`],
  ['digitalocean-token', `|${'do'}p_v1_${hex(64)}|`],
  ['grafana-token', `|${'gl'}sa_${alnum(32)}_${hex(8)}|`],
  ['age-secret-key', `|${'AGE'}-SECRET-KEY-1${upper(58)}|`],
  ['url-credentials', `postgres://app:|${'hun'}ter2!|@db.internal:5432/app`],
  ['url-credentials', `redis://:|${'s3'}cr3t|@cache`],
  ['connection-string', `Server=db;User Id=app;Password=|${'hun'}ter2!|;Encrypt=true`],
  ['connection-string', `AccountName=x;AccountKey=|${alnum(86)}==|;Suffix=core`],
  ['authorization-header', `curl -H "Authorization: Bearer |${alnum(40)}|"`],
  ['authorization-header', `{"Authorization":"Basic |${alnum(30)}==|"}`],
  ['authorization-header', `{\\"x-api-key\\": \\"|${alnum(32)}|\\"}`],
  ['authorization-header', `bearer |${hex(32)}|`],
];

const marker = (family: string) => new RegExp(`\\[secret:${family}:[0-9a-f]{12}\\]`);

describe('families', () => {
  it('has a sample of each', () => {
    expect(new Set(SAMPLES.map(([family]) => family))).toEqual(new Set(SECRET_FAMILIES.map(({ id }) => id)));
  });

  describe.each(SAMPLES)('%s', (family, sample) => {
    const [before = '', secret = '', after = ''] = sample.split('|');

    it.each([
      ['alone', '', ''],
      ['in a sentence', 'Use ', ' to log in, please.'],
      ['in quotes', '{"value":"', '"}'],
      ['behind an escaped line break', 'line one\\n', '\\nline two'],
    ])('%s', (_name, lead, tail) => {
      const redacted = redact(`${lead}${before}${secret}${after}${tail}`);
      expect(redacted).not.toContain(secret);
      expect(redacted.replace(marker(family), '|')).toBe(`${lead}${before}|${after}${tail}`);
      expect(redact(redacted)).toBe(redacted);
      expect(mayHoldSecret(JSON.stringify({ text: `${before}${secret}${after}` }))).toBe(true);
    });
  });
});

describe('markers', () => {
  const secret = `${'gh'}p_${alnum(36)}`;

  it('are equal for equal secrets, and only under one key', () => {
    const [first, second] = redact(`${secret} and ${secret}`).split(' and ');
    expect(first).toBe(second);
    expect(redact(`${secret.slice(0, -1)}0`)).not.toBe(first);
    expect(createRedaction(new Uint8Array(32).fill(8)).redact(secret)).not.toBe(first);
  });

  it('replace a secret that only the replacement of another bares', () => {
    const joined = `${'AI'}za${alnum(34)}-${'gh'}p_${alnum(36)}`;
    expect(redact(joined)).toMatch(/^\[secret:gcp-api-key:[0-9a-f]{12}\]\[secret:github-pat:[0-9a-f]{12}\]$/);
  });

  it('have no hash beyond 256 different secrets in one text', () => {
    const secrets = Array.from({ length: 300 }, (_, index) => `${'gh'}p_${alnum(32)}${1000 + index}`);
    const markers = redact(secrets.join(' ')).split(' ');
    expect(markers.filter((text) => marker('github-pat').test(text))).toHaveLength(256);
    expect(markers.slice(256)).toEqual(Array(44).fill('[secret:github-pat:xxxxxxxxxxxx]'));
  });

  it('replace every secret of a text', () => {
    const text = SAMPLES.map(([, sample]) => sample.replaceAll('|', '')).join(' \n ');
    const redacted = redact(text);
    for (const [, sample] of SAMPLES) expect(redacted).not.toContain(sample.split('|')[1]);
    expect(redact(redacted)).toBe(redacted);
  });
});

it('takes what looks like key material for a private key that was cut off, and no more', () => {
  const cut = `-----BEGIN ${'PRIVATE KEY'}-----\\n${alnum(64)}\\n${alnum(50)}`;
  expect(redact(`${cut} and more text`)).toMatch(/^\[secret:private-key:[0-9a-f]{12}\] and more text$/);
  const words = `-----BEGIN ${'PRIVATE KEY'}----- is how the block begins that nobody should send.`;
  expect(redact(words)).toBe(words);
});

describe('what stays', () => {
  it.each([
    'A task-force for risk-based, disk-backed desk-work.',
    '0f8fad5b-d9cb-469f-a165-70867728950e',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    `call_${alnum(24)}`,
    `toolu_01${alnum(22)}`,
    `chatcmpl-${alnum(29)}`,
    'claude-sonnet-4-20250514 and gpt-4o-mini-2024-07-18',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'Bearer authentication-is-described-in-RFC',
    'See https://docs.example.com/a/b?c=d, or mail bob@example.com; thanks.',
    `${'gh'}p_${'x'.repeat(36)}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder as people write it
    'postgres://app:${DB_PASSWORD}@db',
    'postgres://app:<password>@db',
    'postgres://app:xxxx@db',
    'postgres://app:********@db',
    `Authorization: Bearer ${'$'}{ACCESS_TOKEN_OF_THE_DAY}`,
    `${'AK'}${'IA'}${'A'.repeat(16)}`,
    '[secret:github-pat:0123456789ab]',
    'https://[secret:github-pat:0123456789ab]:x-oauth-basic@github.com/',
    `The words ${'PRIVATE KEY'} alone say nothing.`,
  ])('%s', (text) => expect(redact(text)).toBe(text));
});
