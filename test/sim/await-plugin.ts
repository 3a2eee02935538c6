import type { Plugin } from 'vitest/config';
import { SIMULATED_FILES, withReports } from './await-sites.ts';

/** Makes the product files of the simulation report where they wait; see `await-sites.ts`. */
export const reportAwaits = (): Plugin => ({
  name: 'report-awaits',
  enforce: 'pre',
  transform(code, id) {
    const file = SIMULATED_FILES.find((one) => id.split('?')[0]?.endsWith(`/${one}`) && !id.includes('/test/'));
    return file === undefined ? undefined : { code: withReports(file, code), map: null };
  },
});
