// Runs a program of test/bench as compiled JavaScript: `node scripts/bench.mjs run --pairs 3`. The loader that runs TypeScript as it is
// keeps the name of every function, at a cost that about doubles what an event costs; nobody deploys that.
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...args] = process.argv.slice(2);
const run = (command, commandArgs) => {
  const { status } = spawnSync(command, commandArgs, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.bench.json']);
// What tsc does not copy: SQL, and what Kafka is started with.
for (const folder of ['store/migrations', 'test/support']) {
  cpSync(`${root}${folder}`, `${root}build/${folder}`, { recursive: true, filter: (path) => !path.endsWith('.ts') });
}
cpSync(`${root}package.json`, `${root}build/package.json`);
run(process.execPath, [`build/test/bench/${name}.js`, ...args]);
