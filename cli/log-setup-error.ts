/** Store and Kafka do not fit together; the message says what to do. */
export class LogSetupError extends Error {
  override readonly name = 'LogSetupError';
  readonly code = 'log_setup';
}
