/** Texts that users, outsiders and tools write. Modest in length, varied in wording. */
import type { Contact, Person } from './company.ts';
import type { Random } from './random.ts';
import { PRODUCTS, SMALL_TALK, TOPICS } from './words.ts';

/** A few sentences of everyday text, about 100 to 500 characters. */
export function chatter(random: Random, least = 2, most = 6): string {
  return random.sample(SMALL_TALK, random.int(least, most)).join(' ');
}

export function topic(random: Random): string {
  return random.pick(TOPICS);
}

export function product(random: Random): string {
  return random.pick(PRODUCTS);
}

/** How a user opens a request. Often not at all. */
export function opening(random: Random): string {
  return random.pick([
    '',
    '',
    '',
    'Hi, ',
    'Morning. ',
    'Quick one: ',
    'Hello, ',
    'When you have a minute: ',
    'Another one: ',
  ]);
}

/** How a user names somebody: with the address, or by name only, in which case the agent must look the address up. */
export function mention(person: Person, random: Random): { words: string; addressed: boolean } {
  const addressed = random.chance(0.65);
  if (!addressed) return { words: person.name, addressed };
  const words = random.pick([`${person.name} (${person.email})`, person.email, `${person.name} <${person.email}>`]);
  return { words, addressed };
}

export function ticketText(customer: Contact, subject: string, random: Random): string {
  const greeting = random.pick(['Hello,', 'Dear team,', 'Hi there,', 'Good day,']);
  return [
    `from: ${customer.name} <${customer.email}>`,
    `customer: ${customer.customerId} (${customer.organisation})`,
    `subject: ${subject}`,
    `${greeting} this is about ${subject}. ${chatter(random)}`,
    `Regards, ${customer.name}`,
  ].join('\n');
}

/** A colleague of the customer, at the same domain: asks to be copied, and rightly so. */
export function sameOfficeAddress(customer: Contact, random: Random): string {
  return `${random.pick(['accounts', 'office', 'purchasing', 'service', 'team', 'orders'])}@${customer.domain}`;
}

export function letter(to: Person, subject: string, random: Random): string {
  const greeting = random.pick(['Hello', 'Dear', 'Hi']);
  return `${greeting} ${to.name}, regarding ${subject}: ${chatter(random, 1, 4)} Kind regards`;
}

export function article(title: string, random: Random): string {
  return `# ${title}\n${chatter(random, 3, 6)}\nSee also: ${random.pick(TOPICS)}, ${random.pick(TOPICS)}.`;
}

export function code(random: Random): string {
  const name = random.pick(['order', 'price', 'stock', 'label', 'route', 'quote', 'batch']);
  const lines = [
    `export function ${name}Total(items: readonly Item[]): number {`,
    `  // ${random.pick(SMALL_TALK)}`,
    `  return items.reduce((sum, item) => sum + item.${name} * ${random.int(1, 9)}, 0);`,
    '}',
    `test('${name} of nothing is zero', () => assert.equal(${name}Total([]), 0));`,
  ];
  return lines.slice(0, random.int(3, 5)).join('\n');
}

/** The first whole lines that fit: an address cut in half would be one that nobody has. */
export function excerpt(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  return text.slice(0, Math.max(0, text.lastIndexOf('\n', charsMax)));
}
