import { ClickHouseContainer, type StartedClickHouseContainer } from '@testcontainers/clickhouse';
import { openServer } from '../../store/connection.ts';
import { composeService } from './container-compose.ts';
import type { StoreSubject } from './store-subjects.ts';

/** A ClickHouse server of the image that deploy/compose.yaml names, with a user and a password. */
export function clickHouseContainerSubject(options: { readonly requestTimeoutMs: number }): StoreSubject {
  let container: StartedClickHouseContainer | undefined;
  const running = () => {
    if (container === undefined) throw new Error('The container has not been started.');
    return container;
  };
  return {
    name: 'a server in a container',
    engine: 'server',
    start: async () => {
      container = await new ClickHouseContainer(composeService('clickhouse').image)
        .withUsername('picket')
        .withPassword('made-up-for-this-test')
        .start();
    },
    open: (database) =>
      openServer({
        url: running().getHttpUrl(),
        username: running().getUsername(),
        password: running().getPassword(),
        database,
        ...options,
      }),
    stop: async () => void (await running().stop()),
  };
}
