// The parts of `npm run check`, side by side since each leaves a processor idle. All run to their end, so that one run shows all that is
// wrong, and what each has said stays together.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

// The longest first.
const PARTS = ['types', 'lint', 'structure', 'unused'];
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

const run = promisify(execFile);
const env = process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;

async function check(part) {
  const command = run('npm', ['run', '--silent', part], { env, maxBuffer: OUTPUT_BYTES_MAX });
  const { stdout, stderr, code = 0 } = await command.catch((error) => error);
  process.stdout.write(`== ${part}${code === 0 ? '' : `: FAILED (${code})`}\n${stdout}${stderr}`);
  return code === 0;
}

const passed = await Promise.all(PARTS.map(check));
if (passed.includes(false)) process.exitCode = 1;
