import { connect } from 'node:net';
import type { Admin } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { createTestClient } from './records.ts';

/**
 * An admin that asks this broker, whichever of its cluster the client would choose: brokers learn of a change one after the other, and what one
 * says another may not know yet.
 */
export async function adminOfOne(broker: string): Promise<Admin> {
  const [host = '', port = ''] = broker.split(':');
  const admin = createTestClient([broker], {
    retry: { retries: 10 },
    socketFactory: ({ onConnect }) => connect({ host, port: Number(port) }, onConnect),
  }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  return admin;
}
