/**
 * Families of secrets by their published shapes. A row is one family; adding one is adding a row.
 *
 * Every pattern is linear in the text: no nested repetition, and a repetition of more than a few hundred characters starts only
 * where a token starts (`TOKEN_START`), so that no character is scanned more than a fixed number of times.
 */

export interface SecretFamily {
  readonly id: string;
  /**
   * Where to look for `hint`. `run`: in a row of 20 token characters (`long-run.ts`) or the 8 characters before it. `lead`: in the
   * 48 characters before such a row. Anything else: in any text that holds these characters. Every secret of the family must be
   * found this way.
   */
  readonly near: 'run' | 'lead' | Needle;
  /** Source of a cheap regular expression. Must hold in JSON text too, where a line break is a backslash and an `n`. */
  readonly hint: string;
  /** Matches the secret alone; what stands before and after it is asserted, not matched. */
  readonly pattern: RegExp;
  /** Shannon entropy of the match in bits per character below which it is taken for a placeholder. */
  readonly entropyMin: number;
}

/** No pattern matches more characters than this. */
export const SECRET_CHARS_MAX = 17 * 1024;

export interface Needle {
  readonly needle: string;
}

/** A token starts here: nothing before it belongs to a word, save the letter of an escape such as `\n` in nested JSON. */
const WORD_START = '(?:(?<![A-Za-z0-9])|(?<=\\\\[nrt]))';
const TOKEN_START = '(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrt]))';
const WORD_END = '(?![A-Za-z0-9])';
/** Between the name of a header or variable and its value, also in JSON within JSON. */
const GAP = '["\'\\\\]{0,4}\\s{0,4}[:=]\\s{0,4}["\'\\\\]{0,4}';
const NOT_REPLACED = '(?!\\[secret:)';

/** A token of letters and digits. */
function word(id: string, hint: string, pattern: string, entropyMin = 3): SecretFamily {
  return { id, near: 'run', hint, pattern: new RegExp(`${WORD_START}${pattern}${WORD_END}`, 'g'), entropyMin };
}

/** A token of letters, digits, underscores and hyphens. */
function token(id: string, hint: string, pattern: string, entropyMin = 3): SecretFamily {
  return { id, near: 'run', hint, pattern: new RegExp(`${TOKEN_START}${pattern}`, 'g'), entropyMin };
}

/** A value known only by what stands around it; case does not matter. */
function value(id: string, near: 'lead' | Needle, hint: string, pattern: string, entropyMin = 0): SecretFamily {
  return { id, near, hint, pattern: new RegExp(pattern, 'gi'), entropyMin };
}

export const SECRET_FAMILIES: readonly SecretFamily[] = [
  {
    id: 'private-key',
    near: { needle: 'PRIVATE KEY' },
    hint: '-----BEGIN',
    // Without its end line the block may have been cut; then only what looks like key material belongs to it.
    pattern:
      /-----BEGIN[ A-Z0-9]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:(?:(?!-----)[\s\S]){0,16384}-----END[ A-Z0-9]{0,40}-----|[A-Za-z0-9+/=\\\r\n]{40,16384})/g,
    entropyMin: 0,
  },
  token('jwt', 'eyJ', 'eyJ[\\w-]{8,2048}\\.eyJ[\\w-]{8,8192}\\.[\\w-]{20,2048}'),

  word('aws-access-token', 'A(?:KI|SI|BI|CC|3T)', 'A(?:KIA|SIA|BIA|CCA|3T[A-Z0-9])[A-Z0-9]{16}'),
  value(
    'aws-secret-key',
    'lead',
    '[Aa]ccess_?[Kk]ey|ACCESS_KEY',
    `(?<=secret_?access_?key${GAP})[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])`,
    3,
  ),
  token('aws-bedrock-api-key', 'ABSK|bedrock-api', '(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/]{60,300}={0,2}'),
  token('gcp-api-key', 'AIza', 'AIza[\\w-]{35}(?![\\w-])'),
  token('google-oauth', 'GOCSPX|ya29\\.', '(?:GOCSPX-|ya29\\.)[\\w-]{20,300}'),
  {
    id: 'azure-ad-client-secret',
    near: { needle: 'Q~' },
    hint: '\\dQ~',
    pattern: /(?:(?<![\w~.-])|(?<=\\[nrt]))[\w~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g,
    entropyMin: 3,
  },

  token('anthropic-api-key', 'sk-ant', 'sk-ant-[a-z0-9]{2,10}-[\\w-]{20,200}', 2),
  token(
    'openai-api-key',
    'sk-(?:proj|svca|admi|[A-Za-z0-9]{20})',
    'sk-(?:(?:proj|svcacct|admin)-[\\w-]{20,200}|[A-Za-z0-9]{20,100}(?![\\w-]))',
  ),
  word('huggingface-access-token', 'hf_[A-Za-z]|api_org_', '(?:hf_|api_org_)[A-Za-z0-9]{30,40}', 2),
  word('groq-api-key', 'gsk_', 'gsk_[A-Za-z0-9]{48,60}'),
  word('perplexity-api-key', 'pplx-', 'pplx-[A-Za-z0-9]{40,60}'),
  word('xai-api-key', 'xai-', 'xai-[A-Za-z0-9]{60,100}'),

  word('github-pat', 'ghp_', 'ghp_[A-Za-z0-9]{36,255}'),
  word('github-fine-grained-pat', 'github_pat_', 'github_pat_[A-Za-z0-9]{20,40}_[A-Za-z0-9]{30,100}'),
  word('github-token', 'gh[ousr]_', 'gh[ousr]_[A-Za-z0-9]{36,255}'),
  token(
    'gitlab-pat',
    'gl(?:pat|ptt|rt|dt|cbt|oas|agent|soat|imt|ft)-',
    'gl(?:pat|ptt|rt|dt|cbt|oas|agent|soat|imt|ft)-[\\w-]{20,300}(?:\\.[a-z0-9]{2}\\.[a-z0-9]{9})?',
  ),
  word('npm-access-token', 'npm_', 'npm_[A-Za-z0-9]{36}', 2),
  token('pypi-upload-token', 'pypi-AgE', 'pypi-AgE[\\w-]{50,300}'),
  token('docker-pat', 'dckr_pat_', 'dckr_pat_[\\w-]{20,60}'),
  token('vault-token', 'hv[sb]\\.', 'hv[sb]\\.[\\w-]{24,300}'),

  token('slack-token', 'xox[abeoprs]-|xapp-', '(?:xox[abeoprs]|xapp)-[\\w-]{15,250}', 2),
  value(
    'slack-webhook',
    'lead',
    'hooks\\.slack',
    '(?<=hooks\\.slack\\.com/(?:services|workflows|triggers)/)[\\w+/-]{20,200}',
    2,
  ),
  value('discord-webhook', 'lead', 'discord', '(?<=discord(?:app)?\\.com/api/webhooks/)\\d{15,22}/[\\w-]{40,120}', 2),
  word('telegram-bot-token', ':AA', '\\d{8,10}:AA[\\w-]{32,33}'),
  word('stripe-access-token', '[rs]k_(?:live|test|prod)', '[rs]k_(?:live|test|prod)_[A-Za-z0-9]{12,250}', 2),
  token('webhook-secret', 'whsec_', 'whsec_[A-Za-z0-9+/]{24,100}={0,2}'),
  token('sendgrid-api-token', 'SG\\.', 'SG\\.[\\w-]{20,32}\\.[\\w-]{32,64}', 2),
  word('twilio-api-key', 'SK[0-9a-f]{8}', 'SK[0-9a-f]{32}'),
  word('shopify-token', 'shp[acps]', 'shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}'),
  word('databricks-api-token', 'dapi[0-9a-f]', 'dapi[0-9a-f]{32}(?:-\\d)?'),
  word('digitalocean-token', 'do[opr]_v1', 'do[opr]_v1_[a-f0-9]{64}'),
  token('grafana-token', 'gl(?:sa|c)_', 'gl(?:sa|c)_[A-Za-z0-9+/_]{32,300}={0,2}'),
  word('age-secret-key', 'AGE-SEC', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),

  value(
    'url-credentials',
    { needle: '@' },
    '://[^\\s/?#@"]{1,400}@',
    `(?<=[a-z][a-z0-9+.-]{1,20}://[^\\s/?#:@"'<>[]{0,128}:)${NOT_REPLACED}[^\\s/?#@"'<>]{1,256}(?=@)`,
  ),
  value(
    'connection-string',
    { needle: ';' },
    '(?:[Pp]assword|[Pp]wd|PWD|[Aa]ccount[Kk]ey|[Aa]ccess[Kk]ey)=',
    `(?<=;\\s{0,2}(?:password|pwd|accountkey|sharedaccesskey)=)${NOT_REPLACED}[^;\\s"'\\\\]{4,256}`,
  ),
  value(
    'authorization-header',
    'lead',
    '[Bb]earer|BEARER|[Aa]uthorization|AUTHORIZATION|[Aa][Pp][Ii]-[Kk][Ee][Yy]',
    // A bare "bearer" also stands in prose: there the value must hold a digit.
    `(?:(?<=${WORD_START}authorization${GAP}(?:bearer|basic|token|apikey)\\s{1,4})|(?<=${WORD_START}x-api-key${GAP})|` +
      `(?<=${WORD_START}bearer\\s{1,4})(?=[a-z._~+/-]{0,64}\\d))[\\w.~+/-]{20,4096}={0,2}`,
    2.5,
  ),
];
