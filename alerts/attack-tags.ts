/** Tags of a detector in the two shapes OCSF has for them: `attacks[]` for ATT&CK and ATLAS, plain words for the rest. */
import { sanitise } from '../ingest/untrusted-text.ts';

const TAGS_MAX = 16;
const TAG_CHARS_MAX = 64;

/** `T1041`, `T1567.002`, `AML.T0086`, `TA0010`, `AML.TA0010`, each with or without a prefix such as `attack.` or `atlas:`. */
const TECHNIQUE = /(?:^|[.:/])((?:AML\.)?T\d{4})(\.\d{3})?$/i;
const TACTIC = /(?:^|[.:/])((?:AML\.)?TA\d{4})$/i;

type Named = { readonly uid: string; readonly src_url?: string };
export type Attack = { readonly technique: Named; readonly sub_technique?: Named } | { readonly tactic: Named };

/** One entry for each ATT&CK or ATLAS tag, in order, without repeats; at most 16, further tags are left out. */
export function attacksOf(tags: readonly string[]): Attack[] {
  const attacks = new Map<string, Attack>();
  for (const tag of tags) {
    const attack = attackOf(tag);
    if (attack !== null && attacks.size < TAGS_MAX) attacks.set(JSON.stringify(attack), attack);
  }
  return [...attacks.values()];
}

/** Tags of other catalogues, such as OWASP's; at most 16. */
export function otherTags(tags: readonly string[]): string[] {
  const others = tags.filter((tag) => attackOf(tag) === null).map((tag) => sanitise(tag, TAG_CHARS_MAX));
  return [...new Set(others)].slice(0, TAGS_MAX);
}

function attackOf(tag: string): Attack | null {
  const [, technique, sub] = TECHNIQUE.exec(tag) ?? [];
  if (technique !== undefined) {
    const uid = technique.toUpperCase();
    if (sub === undefined) return { technique: named(uid) };
    return { technique: named(uid), sub_technique: named(uid + sub) };
  }
  const [, tactic] = TACTIC.exec(tag) ?? [];
  return tactic === undefined ? null : { tactic: { uid: tactic.toUpperCase() } };
}

function named(uid: string): Named {
  const page = uid.startsWith('AML.')
    ? `https://atlas.mitre.org/techniques/${uid}`
    : `https://attack.mitre.org/techniques/${uid.replace('.', '/')}`;
  return { uid, src_url: page };
}
