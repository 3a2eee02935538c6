/** Invented people, firms and addresses. Honest and hostile ones are drawn from the same pools, save where an attacker chooses a look-alike. */
import type { Random } from './random.ts';

const FIRST = (
  'Aroha Bastiaan Camila Dagny Eamon Farida Gethin Henrike Ikram Jorunn Kwame Liesbeth Matteo Nkechi Oisin Pilar ' +
  'Quirin Rosalind Svetlana Tadeusz Uwe Vesna Wilhelmina Xiomara Yannick Zainab Anselm Birgitta Cormac Delphine ' +
  'Emeka Fiona Giulia Hamish Ilse Joaquin Katarzyna Lorcan Mireille Niamh Ottilie Pascal Rasmus Solveig Tomasz ' +
  'Ursula Vikram Winifred Yusuf Zdenka Agnieszka Bram Ciara Dimitri Esme Florian Gudrun Hiroshi Imani Jasper ' +
  'Keiko Ludmila Magnus Noor Orla Priya Rafael Sabine Thandiwe Ulrich Violeta Wojciech Ayelet Beatriz Cosmin'
).split(' ');
const LAST = (
  'Abernathy Bielecki Castellanos Dunleavy Eriksdottir Farquharson Grabowski Haverkamp Iwata Jankovic Kilbride ' +
  'Lindqvist Mazzanti Ngata Oyelaran Papadakis Quennell Rademaker Sandoval Thorvaldsen Umeh Vanderhoek Whitcombe ' +
  'Yilmaz Zelenka Achterberg Brankovic Coldrick Delacroix Engstrom Fennimore Gallacher Hrdlicka Ibanez Jurgens ' +
  'Kowalczyk Lavelle Montcrieff Nakagawa Osterberg Penhaligon Rautio Stavrou Tregenza Urquiza Voskuijlen Wexford ' +
  'Adeyemi Bulger Crowhurst Dabrowski Ekholm Fitzmaurice Gundersen Holub Irvine Jablonski Keogh Lockhart Mbeki ' +
  'Nieminen Okonjo Pettigrew Rosendahl Skarsgaard Tindall Ueda Verbruggen Wadsworth Zubiri'
).split(' ');
const FIRM = (
  'Alder Brightwater Corvane Dovetail Everhart Fallowfield Greycliff Hartwell Ironbridge Junipero Kestrelton ' +
  'Larkspur Meridian Northgate Oakhollow Pemberwick Quarrystone Ravensbourne Silverline Thornbury Umberland ' +
  'Valehurst Westmarch Yarrow Zephyrine Ambleford Blackmere Copperfield Drumlin Eastholm Ferrybank Glenmore'
).split(' ');
const TRADE = (
  'Logistics Packaging Textiles Instruments Foods Print Electrical Joinery Chemicals Catering Software Fittings ' +
  'Stationery Cleaning Plumbing Metals Glass Timber Freight Media Optics Ceramics Rentals Tools Paper Energy'
).split(' ');
const FORM = ['Ltd', 'GmbH', 'BV', 'SARL', 'AB', 'Oy', 'Inc', '& Sons', 'Partners', 'Sp. z o.o.', 'ApS', ''];
const STREET = (
  'Tannery Lane|Cooper Street|Harbour Road|Kiln Row|Priory Gardens|Wharf Street|Sallow Close|Brunnenweg|Kastanienallee|' +
  'Rue des Tilleuls|Molenstraat|Via dei Mille|Calle Olmo|Storgata|Lipowa|Market Hill|Chandlers Way|Orchard Rise'
).split('|');
const TOWN = (
  'Ashmere|Holtwick|Kirkvale|Marlowe Bay|Penrath|Dunmere|Bad Ellern|Rotwinkel|Sainte-Aubade|Oosterveen|Castelbruno|' +
  'Villarosal|Lillevik|Zalesie|Northwick|Fairhaven|Stonebeck|Wexbridge'
).split('|');
/** Where private people have their mail: honest clients and attackers alike. */
const FREE_MAIL = ['quillmail.com', 'inboxly.net', 'letterbird.org', 'mailhaven.io', 'postbox.me', 'zonemail.eu'];
const ODD_WORDS = 'harbor swift cargo pixel north delta amber cloud relay vault orbit signal prime lumen atlas'.split(
  ' ',
);

export interface Person {
  readonly first: string;
  readonly last: string;
  readonly name: string;
  /** `first.last`, plain letters. */
  readonly handle: string;
  readonly email: string;
  readonly phone: string;
}

/** `domain` undefined: a private person with a mailbox at one of the free providers. */
export function makePerson(r: Random, domain?: string): Person {
  const first = r.pick(FIRST);
  const last = r.pick(LAST);
  const handle = `${first}.${last}`.toLowerCase();
  const local =
    domain === undefined
      ? r.pick([handle, handle.replace('.', '_'), `${first}${r.int(61, 99)}`.toLowerCase()])
      : handle;
  return {
    first,
    last,
    name: `${first} ${last}`,
    handle,
    email: `${local}@${domain ?? r.pick(FREE_MAIL)}`,
    phone: makePhone(r),
  };
}

/** No two with one handle. */
export function makePeople(r: Random, count: number, domain?: string): Person[] {
  const people = new Map<string, Person>();
  for (let tries = 0; people.size < count && tries < count * 20; tries += 1) {
    const person = makePerson(r, domain);
    people.set(person.handle, person);
  }
  return [...people.values()];
}

export interface Firm {
  readonly name: string;
  readonly domain: string;
  readonly email: string;
  readonly contact: Person;
  readonly iban: string;
  readonly phone: string;
  readonly address: string;
}

export function makeFirm(r: Random): Firm {
  const [stem, trade] = [r.pick(FIRM), r.pick(TRADE)];
  const name = `${stem} ${trade} ${r.pick(FORM)}`.trim();
  const tail = r.pick(['com', 'net', 'eu', 'co', 'biz', 'example']);
  const domain = `${stem}${r.chance(0.5) ? '-' : ''}${trade}.${tail}`.toLowerCase();
  const contact = makePerson(r, domain);
  const email = `${r.pick(['accounts', 'billing', 'office', 'hello', contact.handle])}@${domain}`;
  return { name, domain, email, contact, iban: makeIban(r), phone: makePhone(r), address: makeAddress(r) };
}

export function makeFirms(r: Random, count: number): Firm[] {
  const firms = new Map<string, Firm>();
  for (let tries = 0; firms.size < count && tries < count * 20; tries += 1) {
    const firm = makeFirm(r);
    firms.set(firm.domain, firm);
  }
  return [...firms.values()];
}

/** With right check digits (ISO 13616), without spaces. */
export function makeIban(r: Random): string {
  const [country, length] = r.pick([
    ['DE', 18],
    ['NL', 14],
    ['FR', 23],
    ['PL', 24],
    ['AT', 16],
    ['BE', 12],
  ] as const);
  const bank = country === 'NL' ? r.pick(['RABX', 'INGX', 'TRIX', 'KNAX']) : '';
  const rest = bank + r.digits(length - bank.length);
  const numeric = [...`${rest}${country}00`].map((sign) => Number.parseInt(sign, 36)).join('');
  return `${country}${String(98n - (BigInt(numeric) % 97n)).padStart(2, '0')}${rest}`;
}

/** E.164. */
export function makePhone(r: Random): string {
  return `+${r.pick(['44', '49', '31', '33', '46', '48', '1'])}${r.digits(r.int(9, 10))}`;
}

export function makeAddress(r: Random): string {
  return `${r.pick(STREET)} ${r.int(1, 180)}, ${r.digits(5)} ${r.pick(TOWN)}`;
}

export const makeTown = (r: Random): string => r.pick(TOWN);

/** Everything by which stolen goods or money can be taken. */
export interface Attacker extends Person {
  readonly domain: string;
  readonly url: string;
  readonly iban: string;
  readonly address: string;
  readonly handleName: string;
}

/** A look-alike of the house's own domain, a free mailbox, or some domain nobody heard of. */
export function makeAttacker(r: Random, houseDomain: string): Attacker {
  const domain = r.pick([lookAlike(r, houseDomain), unknownDomain(r), unknownDomain(r), r.pick(FREE_MAIL)]);
  const person = makePerson(r, domain);
  const shared = FREE_MAIL.includes(domain);
  const local =
    shared || r.chance(0.4) ? person.handle : r.pick(['intake', 'desk', 'records', 'billing', 'ops', 'audit']);
  const host = shared ? unknownDomain(r) : domain;
  const path = r.pick(['in', 'u', 'forms', 'sync', 'portal/login', 'confirm', `d/${r.hex(6)}`]);
  return {
    ...person,
    email: `${local}@${domain}`,
    domain: host,
    url: `https://${r.chance(0.5) ? '' : `${r.pick(['files', 'app', 'secure', 'api'])}.`}${host}/${path}`,
    iban: makeIban(r),
    address: makeAddress(r),
    handleName: `${person.first}${r.int(10, 99)}`.toLowerCase(),
  };
}

function lookAlike(r: Random, domain: string): string {
  const [stem = domain, ...tail] = domain.split('.');
  const rest = tail.join('.');
  return r.pick([
    `${stem}-${r.pick(['support', 'billing', 'secure', 'mail'])}.${rest}`,
    `${stem}.${r.pick(['co', 'net', 'info'])}`,
    `${stem.replace(/[aeiou]/, '')}.${rest}`,
  ]);
}

function unknownDomain(r: Random): string {
  return `${r.pick(ODD_WORDS)}${r.pick(['-', ''])}${r.pick(ODD_WORDS)}.${r.pick(['com', 'net', 'io', 'eu', 'cc', 'app'])}`;
}
