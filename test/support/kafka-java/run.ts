import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const TIMEOUT_MS = 60_000;

/**
 * Runs one of the Java files beside this one with Kafka's own client, which is in `jars`; resolves with what it printed.
 *
 * @throws when it fails, with its standard error.
 */
export async function runJava(
  jars: string,
  program: 'Produce' | 'Consume',
  args: readonly string[],
  input = '',
): Promise<string> {
  const file = fileURLToPath(new URL(`./${program}.java`, import.meta.url));
  const child = spawn('java', ['-Xmx1g', '-cp', join(jars, '*'), file, ...args], { timeout: TIMEOUT_MS });
  child.stdin.end(input);
  const [output, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`${program} ended with ${code ?? signal}:\n${errors}`);
  return output;
}
