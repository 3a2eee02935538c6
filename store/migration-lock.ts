/**
 * One migrator at a time on a server. Embedded, the lock on the folder is enough.
 *
 * ClickHouse has no locks, but CREATE TABLE is a test-and-set: of two processes that create `migration_lock`, one gets an error.
 * Its comment says who holds it and until when. A holder that died is passed by after its lease: the lock is renamed to a name made
 * from the dead holder's id, which succeeds once, so that of several waiters one takes over and none can remove the lock of another.
 *
 * Limits. The lock holds within one server, or one `Replicated` database: with independent replicas behind a balancer, point the
 * migrator at one of them. A holder that is not dead but stalled for longer than its lease goes on beside its successor.
 * Clocks of the two processes must agree to within the lease.
 */
import { randomUUID } from 'node:crypto';
import { asClickHouseFault } from './classify-fault.ts';
import { MigrationError } from './migration-error.ts';
import type { Store } from './store.ts';

export interface MigrationLockOptions {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly lockWaitMs: number;
}

interface Holder {
  readonly id: string;
  readonly expiresMs: number;
}

const LEASE_MS = 10 * 60_000;
const POLL_MS = 250;

export async function withMigrationLock<T>(
  store: Store,
  options: MigrationLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  if (store.engine === 'embedded') return work();
  const id = await acquire(store, options);
  try {
    return await work();
  } finally {
    await release(store, id);
  }
}

async function acquire(store: Store, options: MigrationLockOptions): Promise<string> {
  const id = randomUUID().replaceAll('-', '');
  const giveUpMs = options.now() + options.lockWaitMs;
  while (!(await tryLock(store, { id, expiresMs: options.now() + LEASE_MS }))) {
    const holder = await readHolder(store);
    if (holder !== undefined && holder.expiresMs < options.now()) await passBy(store, holder);
    else if (options.now() >= giveUpMs) throw locked(store, holder);
    else await options.sleep(POLL_MS);
  }
  return id;
}

/** Only while it is still ours: after a stall longer than the lease it may be another's. */
async function release(store: Store, id: string): Promise<void> {
  const holder = await readHolder(store);
  if (holder?.id === id) await store.command('DROP TABLE IF EXISTS migration_lock');
}

async function tryLock(store: Store, holder: Holder): Promise<boolean> {
  // The comment is hexadecimal and digits: nothing that could leave the quotes.
  const comment = `${holder.id} ${holder.expiresMs}`;
  return succeeds(store, `CREATE TABLE migration_lock (held UInt8) ENGINE = TinyLog COMMENT '${comment}'`);
}

async function readHolder(store: Store): Promise<Holder | undefined> {
  const rows = await store.query<{ comment: string }>(
    "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'migration_lock'",
  );
  const [, id, expires] = /^([0-9a-f]{32}) (\d+)$/.exec(rows[0]?.comment ?? '') ?? [];
  return id === undefined ? undefined : { id, expiresMs: Number(expires) };
}

async function passBy(store: Store, dead: Holder): Promise<void> {
  await succeeds(store, `RENAME TABLE migration_lock TO migration_lock_expired_${dead.id}`);
}

/** False when the object is there already (57) or gone by now (60): somebody else was first. */
async function succeeds(store: Store, sql: string): Promise<boolean> {
  try {
    await store.command(sql);
    return true;
  } catch (error) {
    const code = asClickHouseFault(error)?.code;
    if (code === '57' || code === '60') return false;
    throw error;
  }
}

function locked(store: Store, holder: Holder | undefined): MigrationError {
  const end = holder === undefined ? '' : `its lock ends at ${new Date(holder.expiresMs).toISOString()}; sooner, `;
  return new MigrationError(
    'migration_locked',
    `Another process is migrating the database at ${store.place}. Wait for it. If it is dead, ${end}drop the table migration_lock.`,
  );
}
