/** The contract of the store, over a real ClickHouse server with a user and a password. */
import { clickHouseContainerSubject } from '../support/container-clickhouse.ts';
import { describeWithContainers } from '../support/container-describe.ts';
import { describeStore } from '../support/store-contract.ts';

describeWithContainers('ClickHouse', () => describeStore(clickHouseContainerSubject({ requestTimeoutMs: 10_000 })));
