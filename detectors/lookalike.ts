import { domainToUnicode } from 'node:url';
import { parse } from 'tldts';
import type { Baseline } from '../baselines/baseline.ts';
import { acquaintance, namesUsed } from '../baselines/familiarity.ts';
import type { KindPrior } from '../baselines/kind-prior.ts';
import { quote } from '../ingest/untrusted-text.ts';

/**
 * Whether a host that is new passes itself off as one that is known: who plants an address wants it to be taken for one that is trusted
 * (ATT&CK T1583.001, "Acquire Infrastructure: Domains").
 *
 * A host is read as the name that its owner chose, without what registries and services put behind and before it. It resembles another if
 * - both are spelled alike to the eye: letters of other scripts, accents, digits for letters, hyphens, another ending ("lindenhof.example" and
 *   "1indenh0f.example", "lindenhof.test");
 * - or one sign was left out, put in, changed, or changed places with the next;
 * - or it has the other's name among its parts ("lindenhof-login.example"), or all of it before its own ("lindenhof.example.login.test").
 * What stands before the name is the same, or nothing with one of them, or what a host is for ("mail").
 *
 * Names end where the list of public suffixes says (publicsuffix.org, by `tldts`), services that give names away included: their customers are strangers
 * to each other. Fails where honest names are as near: firms that have a name under several endings, each new once, those that are known for it left out. Short
 * names are near to many, numbered ones to their siblings: these resemble nothing. Below a service that is on no list ("lindenhof.service.test") nothing is looked
 * at. O(hosts known).
 */
export function resembledBy(host: string, known: Iterable<string>): string | undefined {
  const named = nameOf(host);
  if (named === undefined) return undefined;
  const name = { ...named, look: lookOf(named.label) };
  let found: string | undefined;
  for (const one of known) {
    const other = nameOf(one);
    if (other === undefined) continue;
    // Whoever owns the known name owns what lies below it.
    if (other.domain === name.domain) return undefined;
    // Of several the first by name: in which order they are known says nothing.
    if (!(found !== undefined && found <= other.domain) && isAlike(name, other, host)) found = other.domain;
  }
  return found;
}

/** Whom an agent hardly knows nobody need imitate, and names are near to each other by chance. */
const USES_WELL_KNOWN = 5;

/** Hosts that an attacker may want to be taken for: those that the agent often sends to, and those that several of its kind do. */
function* wellKnownHosts(baseline: Readonly<Baseline>, prior: KindPrior | undefined): Generator<string> {
  yield* namesUsed(baseline.familiar.hosts, USES_WELL_KNOWN, baseline.lastMs);
  yield* prior?.hosts ?? [];
}

/** The well-known domains that hosts of one act pass themselves off as. Most acts name no host that is new: then nothing is made. */
export class Guises {
  readonly #baseline: Readonly<Baseline>;
  readonly #prior: KindPrior | undefined;
  #found: Map<string, string | undefined> | undefined;

  constructor(baseline: Readonly<Baseline>, prior: KindPrior | undefined) {
    this.#baseline = baseline;
    this.#prior = prior;
  }

  /** Undefined for a host that the agent has sent to before, for one that looks like nothing, and for all behind the first so many. */
  of(host: string | undefined): string | undefined {
    if (host === undefined || this.#found?.has(host)) return this.#found?.get(host ?? '');
    if (this.isFull || acquaintance(this.#baseline.familiar.hosts, host) !== 'new') return undefined;
    const guise = resembledBy(host, wellKnownHosts(this.#baseline, this.#prior));
    this.#found ??= new Map();
    this.#found.set(host, guise);
    return guise;
  }

  /** No further host is looked at. */
  get isFull(): boolean {
    return this.#found !== undefined && this.#found.size >= GUISES_MAX;
  }
}

/** New hosts of one act. */
const GUISES_MAX = 32;

/** A sentence with a blank before it; empty where there is nothing to say. */
export const resemblanceWords = (place: string, resembled: string | undefined): string =>
  resembled === undefined
    ? ''
    : ` ${quote(place)} looks like ${quote(resembled)}, which is well known, and is another.`;

/** A host by what its owner chose: `mail`, `lindenhof` and `lindenhof.co.uk` of `mail.lindenhof.co.uk`. */
interface Name {
  readonly below: string;
  readonly label: string;
  readonly domain: string;
}

/** The one that is compared with all others: how it looks is asked of it once. */
interface Looked extends Name {
  readonly look: string;
}

/** Undefined for what nobody has registered: a name without dots, an address of digits, what registries keep for themselves. */
function nameOf(host: string): Name | undefined {
  const kept = NAMES.get(host);
  if (kept !== undefined) return kept ?? undefined;
  if (NAMES.size >= NAMES_MAX) NAMES.clear();
  const name = readName(host);
  NAMES.set(host, name ?? null);
  return name;
}

/** What an agent knows is read again for every place that is new; null for no name. */
const NAMES = new Map<string, Name | null>();
const NAMES_MAX = 4096;

function readName(host: string): Name | undefined {
  const { domain, domainWithoutSuffix, subdomain } = parse(host, AS_A_HOST);
  if (!domain || !domainWithoutSuffix) return undefined;
  if (!FOR_DOCUMENTS.has(domain)) return { below: placeOf(subdomain ?? ''), label: domainWithoutSuffix, domain };
  const labels = (subdomain ?? '').split('.');
  const label = labels.pop() ?? '';
  return label === '' ? undefined : { below: placeOf(labels.join('.')), label, domain: `${label}.${domain}` };
}

/** Whoever has a page at a service is known by it ("lindenhof.github.io"): endings that services give away are endings. */
export const AS_A_HOST = { allowPrivateDomains: true, extractHostname: false, validateHostname: false };
/** Below these (RFC 2606) everybody has a name of his own, as below a registry's. */
const FOR_DOCUMENTS: ReadonlySet<string> = new Set(['example.com', 'example.net', 'example.org']);

/** What a host is for says nothing of whose it is. */
const placeOf = (below: string): string => (PURPOSES.has(below) ? '' : below);
const PURPOSES: ReadonlySet<string> = new Set(
  'www mail smtp imap mx api app apps web login portal files cdn m secure support help'.split(' '),
);

/** Shorter names are near to many others. */
const ALIKE_CHARS_MIN = 5;
const NEAR_CHARS_MIN = 6;

function isAlike(name: Looked, other: Name, host: string): boolean {
  if (other.label.length < ALIKE_CHARS_MIN) return false;
  return isInFrontOf(host, other) || (isSamePlace(name, other) && isSpelledAlike(name, other));
}

/** "lindenhof.example.login.test", and with a hyphen instead of the dot. */
const isInFrontOf = (host: string, { domain }: Name): boolean =>
  host.includes(domain) && (`.${host}`.includes(`.${domain}.`) || `.${host}`.includes(`.${domain}-`));

const isSamePlace = (name: Name, other: Name): boolean =>
  name.below === other.below || name.below === '' || other.below === '';

/** They have their names under many endings, of which each is new once: mail providers, above all. */
const MANY_ENDINGS: ReadonlySet<string> = new Set(
  (
    'gmail googlemail google outlook hotmail microsoft yahoo icloud apple amazon proton protonmail yandex fastmail github gitlab ' +
    'atlassian'
  ).split(' '),
);

function isSpelledAlike(name: Looked, other: Name): boolean {
  if (name.label === other.label) return !MANY_ENDINGS.has(other.label);
  if (other.label.length >= NEAR_CHARS_MIN) {
    if (name.label.includes(other.label) && `-${name.label}-`.includes(`-${other.label}-`)) return true;
    if (isOneSignApart(name.label, other.label)) return !areSiblings(name.label, other.label);
  }
  return mayLookLike(name.look, other.label) && name.look === lookOf(other.label);
}

/** Optimal string alignment distance of 1: one sign left out, put in, changed, or two neighbours that changed places. */
function isOneSignApart(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1 || short === long) return false;
  let before = 0;
  while (before < short.length && short[before] === long[before]) before += 1;
  let behind = 0;
  while (behind < short.length - before && short.at(-1 - behind) === long.at(-1 - behind)) behind += 1;
  const apart = long.length - before - behind;
  if (apart === 1) return true;
  return (
    apart === 2 &&
    short.length === long.length &&
    short[before] === long[before + 1] &&
    short[before + 1] === long[before]
  );
}

/** "mail-7" and "mail-8" */
const areSiblings = (one: string, other: string): boolean =>
  /\d/.test(one) && /\d/.test(other) && one.replace(/\d+/g, '') === other.replace(/\d+/g, '');

/** A look at the ends, which tells nearly all names apart: of most letters there the look is the letter. */
function mayLookLike(look: string, label: string): boolean {
  if (label.startsWith('xn--')) return true;
  const [first = '', last = ''] = [label[0], label.at(-1)];
  return (look.startsWith(first) || !ITSELF_IN_FRONT.test(first)) && (look.endsWith(last) || !ITSELF_BEHIND.test(last));
}

/** But those that make up another with the next, or with the one before. */
const ITSELF_IN_FRONT = /[a-qs-uw-z]/;
const ITSELF_BEHIND = /[a-mo-uw-z]/;

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
