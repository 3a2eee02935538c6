/**
 * A bad event is never dropped and never stops a batch: it becomes a dead letter with a stable code, the field and a sentence.
 */

/** Every reason for which an event is refused. Codes are stable: people write rules on them. */
export const DEAD_LETTER_CODES = {
  record_too_large: 'The record is larger than 1 MiB.',
  too_deep: 'The record is nested deeper than 64 levels.',
  invalid_utf8: 'The record is not valid UTF-8.',
  invalid_json: 'The record is not valid JSON.',
  not_an_object: 'The record is not a JSON object.',
  duplicate_key: 'An object names the same key twice.',
  forbidden_key: 'The key __proto__ is not allowed.',
  number_range: 'A number is outside the range that can be kept exactly.',
  lone_surrogate: 'A string holds half of a surrogate pair.',
  unknown_schema: 'The schema version is not known; this build reads picket.event/1.',
  missing_field: 'A required field is missing.',
  invalid_field: 'A field has the wrong type or is outside its limits.',
  time_range: 'The time is before 2000 or more than 24 hours ahead of receipt.',
  id_conflict: 'The id was used before with other content.',
  store_rejected: 'The store refused the row.',
  undecodable_batch:
    'Kafka records that cannot be decoded: their compression is broken, unknown, or too large when unpacked.',
  log_unreadable: 'A record in the log that Picket did not write: nobody else may write to its topic.',
} as const;

export type DeadLetterCode = keyof typeof DEAD_LETTER_CODES;

/** Why one record was refused. `field` is a dotted path, empty when the record as a whole is meant. */
export interface Rejection {
  readonly code: DeadLetterCode;
  readonly field: string;
  /** One sentence for a person: what is wrong and, where known, what to do. Holds no text of the record beyond a key path. */
  readonly message: string;
}

/** A refused record with where it came from. */
export interface DeadLetter extends Rejection {
  readonly tenant: string;
  readonly receivedMs: number;
  /** `http`, `file` or `kafka:<topic>`. */
  readonly source: string;
  /** Position within the source: request id and index, line number, or partition and offset. */
  readonly sourcePosition: string;
  /** The record as it came; the first 64 KiB are kept, encrypted. */
  readonly raw: Uint8Array;
}
