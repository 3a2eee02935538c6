import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

const POLL_MS = 25;

/** Resolves when the broker that listens at `port` of 127.0.0.1 lists all of `nodeIds` among the live brokers of its cluster. */
export async function answers(port: number, nodeIds: readonly number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if ((await accepts(port)) && (await listsAll(port, nodeIds))) return;
    await sleep(POLL_MS);
  }
}

/** A refused connection is told by the socket at once, where the client would wait and retry. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

async function listsAll(port: number, nodeIds: readonly number[]): Promise<boolean> {
  const brokers = [`127.0.0.1:${port}`];
  const admin = new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    requestTimeout: 2_000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    const live = new Set((await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId));
    return nodeIds.every((nodeId) => live.has(nodeId));
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
