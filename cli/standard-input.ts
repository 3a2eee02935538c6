/**
 * The embedded engine is a whole ClickHouse client: what waits on standard input when it runs an INSERT it takes for further rows of
 * that INSERT. `picket replay -` would then write its file into the first table that is written to, and in a shell loop
 * (`while read ...; do picket ...; done < list`) so would every command.
 */
import { closeSync, createReadStream, createWriteStream, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const STANDARD_INPUT = 0;

/** Puts an empty standard input in place of the one given. Call before the engine is opened; what has not been read is lost. */
export function withholdStandardInput(): void {
  try {
    closeSync(STANDARD_INPUT);
  } catch (error) {
    // The process was started without one.
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
  }
  // POSIX gives the lowest free descriptor: this one becomes standard input.
  openSync('/dev/null', 'r');
}

export interface SpooledInput {
  readonly path: string;
  remove(): void;
}

/**
 * Standard input to its end, in a file in the data folder, so that it can be read while the engine is open. Bounded by the disk.
 * Rejects with an AbortError when told to stop before the end.
 */
export async function spoolStandardInput(folder: string, stop: AbortSignal): Promise<SpooledInput> {
  const path = join(folder, `stdin.${process.pid}.tmp`);
  const remove = () => rmSync(path, { force: true });
  try {
    // Not process.stdin: once read, that closes descriptor 0, and the next file opened anywhere would be standard input.
    const source = createReadStream('', { fd: STANDARD_INPUT, autoClose: false });
    await pipeline(source, createWriteStream(path, { mode: 0o600 }), { signal: stop });
  } catch (error) {
    remove();
    throw error;
  }
  return { path, remove };
}
