/**
 * Where partitions of epochs that are over have ended. What a worker that was forgotten when the log moved has stored behind that end was forwarded
 * to the next epoch and is judged there: it is not of the log, whoever asks.
 */

/** To the engine both are one constant of the query, which takes it some milliseconds. */
const ENDS = '(SELECT (partitions, ends) FROM log_ends)';

/** First position that is not of the log, in terms of a row's `partition`. */
const endOf = (partition: string): string =>
  `transform(${partition}, ${ENDS}.1, ${ENDS}.2, toUInt64(18446744073709551615))`;

/** Condition on rows of tables with `partition` and `position`: they are of the log. */
export const OF_THE_LOG = `position < ${endOf('partition')}`;

const PLACE = `splitByChar(':', source_position)`;

/** The same for dead letters, of which those of the log name their place as `partition:position`. */
export const LETTER_OF_THE_LOG = `(source != 'log' OR toUInt64OrZero(${PLACE}[2]) < ${endOf(`toUInt32OrZero(${PLACE}[1])`)})`;
