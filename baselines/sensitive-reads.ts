import type { SensitiveRead } from './flow.ts';
import { nameBytes, ownText } from './name-table.ts';

/**
 * Reads of confidential and restricted data that a session remembers, in their order: at most `READS_MAX`, and fewer where their names are long. When
 * it is full, a restricted one takes the place of the newest confidential one, for what moves afterwards is judged by the most sensitive; any other is
 * not remembered. So whoever reads much that is confidential does not hide what he reads then.
 */
const READS_MAX = 16;
/** Some fourteen reads with names of usual length. */
const BYTES_MAX = 2 * 1024;

export function noteSensitive(reads: SensitiveRead[], read: SensitiveRead): void {
  const own = { ...read, event: ownText(read.event), resource: ownText(read.resource) };
  let bytes = bytesOf(own);
  for (const one of reads) bytes += bytesOf(one);
  if (reads.length < READS_MAX && (bytes <= BYTES_MAX || reads.length === 0)) {
    reads.push(own);
    return;
  }
  if (read.classification !== 'restricted' || reads.some(({ classification }) => classification === 'restricted'))
    return;
  // All are confidential: the newest leave until there is room.
  do bytes -= bytesOf(reads.pop() ?? own);
  while (reads.length > 0 && bytes > BYTES_MAX);
  reads.push(own);
}

const bytesOf = ({ event, resource }: SensitiveRead): number => nameBytes(event) + nameBytes(resource);
