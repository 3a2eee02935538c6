export type UndecodableCode =
  /** Larger than the limit when decompressed. */
  | 'batch_too_large'
  | 'too_many_records'
  | 'too_many_headers'
  /** Not what its codec writes, or cut off. */
  | 'invalid_compression'
  | 'unknown_compression'
  | 'invalid_records'
  /** Message format 0 or 1, from before Kafka 0.11. */
  | 'old_record_format';

/** A batch of records that cannot be read, whatever is done to it: trying again gives the same. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
  readonly code: UndecodableCode;
  /** Read by kafkajs: a retry would fetch the same bytes. */
  readonly retriable = false;

  /** Without a cause: kafkajs keeps the innermost cause of an error and drops what stands around it. */
  constructor(code: UndecodableCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What stands in a batch of the consumer in place of records that could not be decoded. */
export interface Undecodable {
  readonly code: UndecodableCode;
  /** For people; holds no text of the records. */
  readonly reason: string;
  /** The offsets lost, both included. */
  readonly firstOffset: string;
  readonly lastOffset: string;
}
