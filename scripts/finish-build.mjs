// What tsc leaves to do: it copies no .sql, and what it writes cannot be run as a command.
import { chmodSync, cpSync } from 'node:fs';

cpSync('store/migrations', 'dist/store/migrations', { recursive: true });
chmodSync('dist/cli/main.js', 0o755);
