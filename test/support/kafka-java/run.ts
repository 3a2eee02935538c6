import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const TIMEOUT_MS = 60_000;
/** A run is over in a second: a quick start is worth more than peak speed. */
const JVM = ['-Xmx1g', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/** The Java files beside this one, compiled against Kafka's own client. */
export interface JavaPrograms {
  /** Resolves with what the program printed; rejects, with its standard error, when it fails. */
  run(program: 'Produce' | 'Consume', args: readonly string[], input?: string): Promise<string>;
  /** Removes what was compiled. */
  close(): Promise<void>;
}

/** @param jars folder with Kafka's client */
export async function compileJava(jars: string): Promise<JavaPrograms> {
  const classes = await mkdtemp(join(tmpdir(), 'picket-java-'));
  const sources = ['Produce', 'Consume'].map((name) => fileURLToPath(new URL(`./${name}.java`, import.meta.url)));
  // A runtime without development tools has the compiler as a module, but no `javac`; and the module expands no `*`.
  const classPath = (await readdir(jars)).map((name) => join(jars, name)).join(':');
  await runJava(['-m', 'jdk.compiler/com.sun.tools.javac.Main', '-cp', classPath, '-d', classes, ...sources]);
  return {
    run: (program, args, input) => runJava(['-cp', `${classes}:${classPath}`, program, ...args], input),
    close: () => rm(classes, { recursive: true, force: true }),
  };
}

async function runJava(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('java', [...JVM, ...args], { timeout: TIMEOUT_MS });
  child.stdin.end(input);
  const [output, errors, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(`java ${args.at(-1)} ended with ${code ?? signal}:\n${errors}`);
  return output;
}
