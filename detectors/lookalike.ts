import { domainToUnicode } from 'node:url';
import { isProvider } from '../baselines/act-values.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { namesUsed } from '../baselines/familiarity.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import { quote } from '../ingest/untrusted-text.ts';

/**
 * Whether a host that is new passes itself off as one that is known: who plants an address wants it to be taken for one that is trusted
 * (ATT&CK T1583.001, "Acquire Infrastructure: Domains").
 *
 * A host is read as the name that its owner chose, without what registries and services put behind and before it. It resembles another if
 * - both are spelled alike to the eye: letters of other scripts, accents, digits for letters, hyphens, another ending ("hall.example" and
 *   "ha11.example", "hall.test");
 * - or one sign was left out, put in, changed, or changed places with the next;
 * - or it has the other's name among its parts ("hall-login.example"), or all of it before its own ("hall.example.login.test").
 * What stands before the name is the same, or nothing with one of them: where a service gives names away, its own says nothing.
 *
 * Fails where honest names are as near: firms that have a name under several endings, each new once. Short names are near to many, numbered ones to
 * their siblings, and many are customers of one mail provider: these resemble nothing. Below the name that a service gave away
 * ("hall.service.test") anybody may be meant, so that is not looked at. O(hosts known).
 */
export function resembledBy(host: string, known: Iterable<string>): string | undefined {
  const name = nameOf(host);
  if (name === undefined) return undefined;
  let found: string | undefined;
  for (const one of known) {
    const other = nameOf(one);
    if (other === undefined) continue;
    // Whoever owns the known name owns what lies below it.
    if (other.domain === name.domain) return undefined;
    if (found === undefined && (isInFrontOf(host, other) || (isSamePlace(name, other) && isAlike(name, other))))
      found = other.domain;
  }
  return found;
}

/** Whom an agent hardly knows nobody need imitate, and names are near to each other by chance. */
const USES_WELL_KNOWN = 5;

/** Hosts that an attacker may want to be taken for: those that the agent often sends to, and those that several of its kind do. */
export function* wellKnownHosts(baseline: Readonly<Baseline>, prior: KindPrior | undefined): Generator<string> {
  yield* namesUsed(baseline.familiar.hosts, USES_WELL_KNOWN, baseline.lastMs);
  yield* prior?.hosts ?? [];
}

/** A sentence with a blank before it; empty where there is nothing to say. */
export const resemblanceWords = (place: string, resembled: string | undefined): string =>
  resembled === undefined
    ? ''
    : ` ${quote(place)} looks like ${quote(resembled)}, which is well known, and is another.`;

/** A host by what its owner chose: `mail`, `hall` and `hall.co.example` of `mail.hall.co.example`. */
interface Name {
  readonly below: string;
  readonly label: string;
  readonly domain: string;
}

/** Undefined for what is registered nowhere: a name without dots, an address of digits, what registries keep for themselves. */
function nameOf(host: string): Name | undefined {
  const end = registrysEnd(host);
  if (end <= 0) return undefined;
  const start = host.lastIndexOf('.', end - 1);
  return { below: host.slice(0, Math.max(0, start)), label: host.slice(start + 1, end), domain: host.slice(start + 1) };
}

/** Where the end of a host begins that is its registry's; not above 0 for a host without one. */
function registrysEnd(host: string): number {
  const last = host.lastIndexOf('.');
  if (last <= 0 || /\d$/.test(host)) return -1;
  const before = host.lastIndexOf('.', last - 1);
  // "co" of "hall.co.example".
  const isShort = before > 0 && last - before - 1 <= REGISTRY_LABEL_MAX;
  return isShort || FOR_DOCUMENTS.test(host) ? before : last;
}

const REGISTRY_LABEL_MAX = 3;
/** Below these (RFC 2606) everybody has a name of his own, as below a registry's. */
const FOR_DOCUMENTS = /(?:^|\.)example\.(?:com|net|org)$/;

/** Shorter names are near to many others. */
const ALIKE_CHARS_MIN = 5;
const NEAR_CHARS_MIN = 6;

const isInFrontOf = (host: string, { label, domain }: Name): boolean =>
  label.length >= ALIKE_CHARS_MIN && host.includes(`${domain}.`) && `.${host}`.includes(`.${domain}.`);

const isSamePlace = (name: Name, other: Name): boolean =>
  name.below === other.below || name.below === '' || other.below === '';

function isAlike(name: Name, other: Name): boolean {
  if (other.label.length < ALIKE_CHARS_MIN || isProvider(other.domain)) return false;
  if (other.label.length >= NEAR_CHARS_MIN) {
    if (name.label.includes(other.label) && `-${name.label}-`.includes(`-${other.label}-`)) return true;
    if (isOneSignApart(name.label, other.label)) return !areSiblings(name.label, other.label);
  }
  return mayLookAlike(name.label, other.label) && lookOf(name.label) === lookOf(other.label);
}

/** Optimal string alignment distance of 1: one sign left out, put in, changed, or two neighbours that changed places. */
function isOneSignApart(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from += 1;
  const same = (i: number, j: number) => short.slice(i) === long.slice(j);
  if (long.length > short.length) return same(from, from + 1);
  if (from === short.length) return false;
  const areSwapped = short[from] === long[from + 1] && short[from + 1] === long[from];
  return same(from + 1, from + 1) || (areSwapped && same(from + 2, from + 2));
}

/** "mail-7" and "mail-8" */
const areSiblings = (one: string, other: string): boolean =>
  /\d/.test(one) && /\d/.test(other) && one.replace(/\d+/g, '') === other.replace(/\d+/g, '');

/** What is spelled otherwise is as long, but for hyphens, pairs of letters that look like one, and the code of other scripts. */
const mayLookAlike = (one: string, other: string): boolean =>
  one === other || Math.abs(one.length - other.length) <= SPELLED_APART_MAX || one.startsWith('xn--');
const SPELLED_APART_MAX = 3;

/** How a label looks at a glance, in a spelling of its own. */
function lookOf(label: string): string {
  const shown = label.startsWith('xn--') ? domainToUnicode(label) : label;
  return shown
    .normalize('NFKD')
    .replace(/[\p{M}-]/gu, '')
    .replace(/[^a-z]/g, (sign) => LOOKS.get(sign) ?? sign)
    .replace(/rn/g, 'm')
    .replace(/vv/g, 'w');
}

/** Letters of other scripts, and digits, that are drawn like a Latin letter in most typefaces (Unicode Technical Standard 39, confusables). */
const LOOKS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аɑα',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еҽ',
    g: 'ɡ',
    h: 'һ',
    i: 'іιɩı',
    j: 'ј',
    k: 'κк',
    l: '1ӏƖ',
    n: 'ո',
    o: '0оοօ',
    p: 'рρ',
    q: 'ԛ',
    s: 'ѕ',
    u: 'υս',
    v: 'ѵν',
    w: 'ԝ',
    x: 'хχ',
    y: 'уү',
  }).flatMap(([letter, signs]) => [...signs].map((sign) => [sign, letter])),
);
