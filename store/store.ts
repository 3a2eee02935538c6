/**
 * The one way to ClickHouse, embedded or a server. Rooms keep their own small store files and speak SQL through this port.
 *
 * Parameters travel apart from the statement (`{name:Type}`), never inside it. Do not pass per-query settings: the embedded
 * engine keeps a SET for the rest of the process.
 */
export interface Store {
  /** Rows of a SELECT as plain objects. UInt64 and DateTime64 arrive as the statement selects them; see `connection.ts`. */
  query<Row>(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]>;
  /** Rows of a SELECT in chunks, for results that need not fit in memory. */
  stream<Row>(sql: string, params?: Readonly<Record<string, unknown>>): AsyncIterable<Row[]>;
  /**
   * Writes rows in one atomic, durable insert. DateTime64(3) columns take epoch milliseconds as integers.
   * Rejects with `StoreRejected` when the rows themselves are at fault, with `StoreUnavailable` otherwise.
   */
  insert(table: string, rows: readonly object[]): Promise<void>;
  /** Statements without a result: migrations, deletes. */
  command(sql: string, params?: Readonly<Record<string, unknown>>): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
  readonly engine: 'embedded' | 'server';
  /** Where it is, for people: a folder or a URL without credentials. */
  readonly place: string;
}

/** The store cannot be reached or is overloaded: the same rows may succeed later. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code = 'store_unavailable';
}

/** The store refused these rows: sending them again cannot succeed. */
export class StoreRejected extends Error {
  override readonly name = 'StoreRejected';
  readonly code = 'store_rejected';
  /** ClickHouse error code, such as 117 (INCORRECT_DATA). */
  readonly clickhouseCode: string;

  constructor(message: string, clickhouseCode: string, options?: ErrorOptions) {
    super(message, options);
    this.clickhouseCode = clickhouseCode;
  }
}

/** The folder of the embedded engine belongs to another process: one folder, one process. */
export class StoreLocked extends Error {
  override readonly name = 'StoreLocked';
  readonly code = 'store_locked';
  readonly path: string;

  constructor(message: string, path: string, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** The store was closed before or while this was asked of it. */
export class StoreClosed extends Error {
  override readonly name = 'StoreClosed';
  readonly code = 'store_closed';
}

/** The embedded engine is an optional dependency, and it is not there. The message says what to do. */
export class EmbeddedEngineMissing extends Error {
  override readonly name = 'EmbeddedEngineMissing';
  readonly code = 'embedded_engine_missing';
}
