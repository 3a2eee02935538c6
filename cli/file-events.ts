/** Events of a file as the intake would admit them, for scoring without a server. */
import { createIntake } from '../ingest/intake.ts';
import { readLines } from '../ingest/lines.ts';
import type { EventEntry } from '../ingest/log.ts';
import { createNormaliser } from '../ingest/normalise.ts';
import { cleaned } from './cleaned.ts';
import { DEFAULT_TENANT } from './tenant.ts';

export interface FileReader {
  /** Events in the order of the file; what is refused is counted and complained of. Throws the system's error for an unreadable file. */
  read(file: string): AsyncIterable<EventEntry>;
  /** Events read so far, over all files. */
  readonly events: number;
  readonly refused: number;
}

export interface FileReaderDeps {
  /** Epoch ms: events from the future are refused. */
  readonly now: () => number;
  /** Hears of the first ten refused lines. */
  readonly complain: (text: string) => void;
  /** Called for each event. */
  readonly onEvent?: (events: number) => void;
}

/**
 * Redaction needs a key, and nothing is stored here that it could protect. A fixed one makes two runs give the same file.
 */
const SCORING_KEY = new Uint8Array(32);
const COMPLAINTS_MAX = 10;

export function createFileReader({ now, complain, onEvent }: FileReaderDeps): FileReader {
  const intake = createIntake({ normalise: createNormaliser({ redactionKey: SCORING_KEY }) });
  const counts = { events: 0, refused: 0 };

  async function* read(file: string): AsyncGenerator<EventEntry> {
    for await (const { line, number, prefixDigest } of readLines(file)) {
      const place = { source: 'file', sourcePosition: String(number), fallbackId: `file:${prefixDigest}` };
      const admitted = intake.admit(line, { tenant: DEFAULT_TENANT, receivedMs: now(), ...place });
      if (!admitted.ok) {
        counts.refused += 1;
        const { code, field, message } = admitted.letter;
        if (counts.refused <= COMPLAINTS_MAX)
          complain(`${file}:${number}: ${cleaned(`${code}${field === '' ? '' : ` at ${field}`}: ${message}`)}`);
        continue;
      }
      counts.events += 1;
      onEvent?.(counts.events);
      // As if it had arrived when it happened: a file has no receipt times, and scores must not depend on today's date.
      yield { ...admitted.entry, receivedMs: admitted.entry.event.time };
    }
  }

  return {
    read,
    get events() {
      return counts.events;
    },
    get refused() {
      return counts.refused;
    },
  };
}
