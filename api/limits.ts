/** Limits of the API. Behaviour at each limit is a problem with a stable code; nothing is dropped without an answer. */
export interface ApiLimits {
  /** Sustained requests per second and key, for every scope but ingest. Above: 429 with Retry-After. */
  readonly readsPerSecond: number;
  /** Requests a rested key may send at once. */
  readonly readBurst: number;
  /** Keys whose rate is remembered. Above: the key unused for longest starts again with a full burst. */
  readonly keysTracked: number;
  /** Keys of a tenant that work at a time. Above: 409. */
  readonly keysMax: number;
  /** Statements running on the store for readers at once. Above: 503 with Retry-After. */
  readonly queriesInFlightMax: number;
  /** Bytes of event bodies held in memory at once, unpacked. Above: 503 with Retry-After. */
  readonly intakeBytesMax: number;
  /** Rejected records named in one answer; `rejected_count` still counts all. */
  readonly rejectedListedMax: number;
  /** Time in which a request must have arrived. Above: the connection is closed. */
  readonly requestTimeoutMs: number;
  /** Time in which it must be answered. Above: 503. */
  readonly handlerTimeoutMs: number;
  /** Open sockets. Above: new ones are refused. */
  readonly connectionsMax: number;
  /** Bytes of all headers of a request. Above: 431. */
  readonly headerBytesMax: number;
}

export const API_LIMITS: ApiLimits = {
  readsPerSecond: 20,
  readBurst: 60,
  keysTracked: 10_000,
  keysMax: 1000,
  queriesInFlightMax: 32,
  intakeBytesMax: 256 * 1024 * 1024,
  rejectedListedMax: 1000,
  requestTimeoutMs: 30_000,
  handlerTimeoutMs: 30_000,
  connectionsMax: 1024,
  headerBytesMax: 16 * 1024,
};
