/** The contract of the log, over the broker of the run. `test/containers` runs it over the image that deploy/compose.yaml names. */
import { describeWithKafka } from '../support/kafka/describe.ts';
import { logContract } from '../support/log-contract.ts';

describeWithKafka('the log in Kafka', (brokers) => logContract(() => brokers));
