/**
 * Where partitions of epochs that are over have ended. What a worker that was forgotten when the log moved has stored behind that end was forwarded
 * to the next epoch and is judged there: it is not of the log, whoever asks.
 */

/** First position that is not of the log, in terms of a row's `partition`. One answer a query: the subqueries are constants to the engine. */
const endOf = (partition: string): string =>
  `transform(${partition}, (SELECT partitions FROM log_ends), (SELECT ends FROM log_ends), toUInt64(18446744073709551615))`;

/** Condition on rows of tables with `partition` and `position`: they are of the log. */
export const OF_THE_LOG = `position < ${endOf('partition')}`;

const PLACE = `splitByChar(':', source_position)`;

/** The same for dead letters, of which those of the log name their place as `partition:position`. */
export const LETTER_OF_THE_LOG = `(source != 'log' OR toUInt64OrZero(${PLACE}[2]) < ${endOf(`toUInt32OrZero(${PLACE}[1])`)})`;
