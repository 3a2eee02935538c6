// tsc copies no .sql; the built package reads its migrations from beside the compiled code.
import { cpSync } from 'node:fs';

cpSync('store/migrations', 'dist/store/migrations', { recursive: true });
