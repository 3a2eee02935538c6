import { defineConfig } from 'vitest/config';
import { reportAwaits } from './test/sim/await-plugin.ts';

const project = (name: string, overrides: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: 30_000, ...overrides },
});

// The embedded engine binds one folder per process: files that use it run in processes of their own.
const ownProcess = {
  pool: 'forks' as const,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: 'test/support/kafka-global-setup.ts',
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      // Modules hold no state: files may share them, and need not load them again.
      project('unit', { isolate: false }),
      project('property', { isolate: false }),
      project('integration', ownProcess),
      project('e2e', ownProcess),
      project('containers', {
        ...ownProcess,
        testTimeout: 600_000,
        fileParallelism: false,
        globalSetup: 'test/support/container-global-setup.ts',
      }),
      {
        plugins: [reportAwaits()],
        ...project('sim', { setupFiles: 'test/sim/await-tracker.ts', testTimeout: 600_000 }),
      },
      // They wait for brokers, and for a store that is away, more than they compute: all at once.
      project('chaos', { ...ownProcess, testTimeout: 600_000, maxWorkers: 4, sequence: { groupOrder: 1 } }),
    ],
  },
});
