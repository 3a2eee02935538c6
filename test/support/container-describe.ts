import { describe, inject } from 'vitest';

/** Tests that need a container engine. Skipped, with the reason, without one. */
export function describeWithContainers(name: string, tests: () => void): void {
  const skipped = inject('containersSkipped');
  if (skipped === undefined) describe(name, tests);
  else describe.skip(`${name} (no container engine: ${skipped.split('\n', 1)[0]})`, tests);
}
