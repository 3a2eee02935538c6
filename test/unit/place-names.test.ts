/**
 * Goal: a token with dots in it counts as a place in a network only where somebody could be asked for it there. Names of files, of people within a house and of
 * functions are full of dots, and an act that is given one took no stranger's address from anywhere.
 */
import { describe, expect, it } from 'vitest';
import { readText, tokensOf } from '../../baselines/tokens.ts';

/** Whether a text holds a place; asked with words and without, which are two loops over it. */
function placesIn(text: string): boolean {
  const plain: boolean[] = [];
  readText(text, { token: (_hash, address) => void plain.push(address) });
  const worded: boolean[] = [];
  readText(`${text} `, { token: (_hash, address) => void worded.push(address), word: () => {} });
  expect(worded).toEqual(plain);
  return plain.includes(true);
}

describe('a name with dots', () => {
  it.each<[string, string]>([
    ['a host', 'ask oboe.com about it'],
    ['in capitals', 'ask OBOE.COM about it'],
    ['at the end of a sentence', 'Ask oboe.example.'],
    ['with another sentence glued to it', 'Ask oboe.example.Then wait'],
    ['a genitive', "it is oboe.example's"],
    ['a host of a private network', 'db-1.lindenhof.internal is down'],
    ['a host with a port', 'connect to oboe.net:8443 now'],
    ['what scp copies to', 'scp a oboe.net:drop.txt'],
    ['a page without a scheme', 'see oboe.org/plan.txt'],
    ['a page', 'see https://oboe.org/plan.txt'],
    ['a page, as some write JSON', String.raw`see https:\/\/oboe.org\/plan.txt`],
    ['an ending in its own script', 'ask привет.рф'],
    ['the same as names are asked for', 'ask oboe.xn--p1ai'],
    ['a page of a country whose ending files have, too', 'run https://oboe.sh'],
    ['the same with www', 'run https://www.oboe.sh'],
    ['the same without a scheme', 'run oboe.sh/install'],
    ['a page whose host begins in capitals', 'see https://Oboe.Example/login'],
    ['an ending that nobody gives, behind a scheme', 'see https://oboe.backstage/login'],
    ['a bucket', 's3://oboe.backup/x'],
    ['a name of another registry', 'pay to oboe.eth'],
    ['a host of a country whose ending few files have', 'ask oboe.pl'],
    ['a mailbox at any host', 'write to dora@printer'],
    ['a mailbox in a path', '/mail/dora@hall.example'],
  ])('is a place: %s', (_name, text) => {
    expect(placesIn(text)).toBe(true);
  });

  it.each<[string, string]>([
    ['a file', 'write RELEASE.txt beside it'],
    ['a file in a folder', '/projects/harp/release/RELEASE.txt'],
    ['a file with an ending that is a domain, in a folder', 'docs/site.com and ./tools/get.sh'],
    ['files whose endings are countries', 'read NOTES.md, setup.py and run.sh: all of them'],
    ['a file named after a page', 'backup/oboe.example'],
    ['who somebody is in the house', 'tell dora.hall and uwe_x.iwata'],
    ['a function', 'Math.round(a.amount)'],
    ['a file that goes on behind its ending', 'oboe.com_backup'],
    ['a version', 'v2.1b and 1.4.rc2'],
    ['a long ending', `oboe.${'c'.repeat(80)}`],
  ])('is none: %s', (_name, text) => {
    expect(placesIn(text)).toBe(false);
  });

  it('is a token as ever, place or not', () => {
    expect(tokensOf('/projects/harp/RELEASE.txt')).toEqual([
      ...tokensOf('projects'),
      ...tokensOf('harp'),
      ...tokensOf('release.txt'),
    ]);
  });

  it('is told alike however many endings were seen before', () => {
    for (let i = 0; i < 5000; i++) placesIn(`oboe.ending${i.toString(36)}`);
    expect([placesIn('oboe.com'), placesIn('oboe.endingx')]).toEqual([true, false]);
  });
});
