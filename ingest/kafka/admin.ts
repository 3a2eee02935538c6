import kafkajs, { type Admin, type Kafka } from 'kafkajs';

/**
 * kafkajs's own admin, except that a connection lost on the way is that. When the brokers go away between a request and its answer, kafkajs
 * has no answer at all to look into, and stumbles: a TypeError that nobody would try again.
 */
export function createAdmin(client: Kafka): Admin {
  const admin = client.admin();
  return {
    ...admin,
    listTopics: () => reportingLoss(() => admin.listTopics()),
    describeCluster: () => reportingLoss(() => admin.describeCluster()),
    fetchTopicMetadata: (about) => reportingLoss(() => admin.fetchTopicMetadata(about)),
  };
}

async function reportingLoss<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw Object.assign(new kafkajs.KafkaJSConnectionError('The brokers went away before they answered.'), { cause });
  }
}
