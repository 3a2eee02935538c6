// Runs dependency-cruiser and refuses a run that saw nothing: with an unsupported compiler it cruises 0 modules and reports success.
import { execFileSync } from 'node:child_process';

const rooms = ['ingest', 'baselines', 'detectors', 'alerts', 'api', 'store', 'cli'];
const output = execFileSync(
  'npx',
  ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...rooms],
  {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  },
);
const { summary, modules } = JSON.parse(output);
const own = modules.filter((m) => rooms.some((room) => m.source.startsWith(`${room}/`)));
for (const { rule, from, to } of summary.violations) process.stderr.write(`${rule.name}: ${from} -> ${to}\n`);
process.stdout.write(`${own.length} modules, ${summary.violations.length} violations\n`);
if (own.length === 0 || summary.violations.some((v) => v.rule.severity === 'error')) process.exit(1);
