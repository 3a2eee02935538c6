import { getContainerRuntimeClient } from 'testcontainers';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why there is no container engine; undefined when there is one. */
    containersSkipped: string | undefined;
  }
}

/**
 * Looks for a container engine once in a run, and says in one loud line when there is none.
 *
 * @throws when there is none and `PICKET_REQUIRE_CONTAINERS=1`
 */
export default async function setup(project: TestProject): Promise<void> {
  const skipped = await getContainerRuntimeClient().then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (skipped !== undefined && process.env['PICKET_REQUIRE_CONTAINERS'] === '1') {
    throw new Error(`PICKET_REQUIRE_CONTAINERS=1, but there is no container engine: ${skipped}`);
  }
  if (skipped !== undefined) process.stderr.write(`\n!!! CONTAINER TESTS ARE SKIPPED: ${skipped}\n\n`);
  project.provide('containersSkipped', skipped);
}
