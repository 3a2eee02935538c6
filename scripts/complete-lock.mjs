// Run after a change of dependencies, when `npm ci` complains of packages missing from the lock file. A registry that serves only this
// machine's platform makes npm leave the other platforms' optional packages out; their versions are pinned by the packages that
// bring them, so they can be written in. They carry no integrity hash: they were not fetched.
import { readFileSync, writeFileSync } from 'node:fs';

const LOCK = 'package-lock.json';
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32'];

const lock = JSON.parse(readFileSync(LOCK, 'utf8'));
const { packages } = lock;
const isThere = (path, name) => packages[`node_modules/${name}`] ?? packages[`${path}/node_modules/${name}`];
const listed = (key, values) => (values.length === 0 ? {} : { [key]: values });

function entryFor(name, version, dev) {
  const words = name.split('/').at(-1).split(/[-.]/);
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  const cpu = PROCESSORS.filter((one) => words.includes(one));
  const os = SYSTEMS.filter((one) => words.includes(one));
  return {
    version,
    ...listed('cpu', cpu),
    ...(dev && { dev }),
    ...listed('libc', libc),
    optional: true,
    ...listed('os', os),
  };
}

let added = 0;
for (const [path, parent] of Object.entries(packages)) {
  // The project's own optional packages are in the lock file, or npm has said why not.
  if (path === '') continue;
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isThere(path, name)) continue;
    packages[`node_modules/${name}`] = entryFor(name, version, parent.dev);
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
if (added > 0) writeFileSync(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages added to ${LOCK}\n`);
