import { NO_FAULTS, simulate } from './simulation.ts';

const from = Number(process.argv[2] ?? 1);
const n = Number(process.argv[3] ?? 1);
for (let s = from; s < from + n; s++) {
  const t = performance.now();
  const r = await simulate({
    seed: s,
    keepHistory: n === 1,
    ...(process.argv[4] === 'calm' ? { rates: NO_FAULTS } : {}),
  });
  if (n === 1) process.stdout.write(r.history.join('\n') + '\n');
  process.stdout.write(
    `${s} ${(performance.now() - t).toFixed(0)}ms calls ${r.calls} steps ${r.steps} records ${r.records} alerts ${r.alerts} v ${(r.virtualMs / 3.6e6).toFixed(1)}h ${r.digest.slice(0, 8)} findings ${r.findings.length}\n` +
      r.findings
        .slice(0, 6)
        .map((f) => '   ' + f + '\n')
        .join(''),
  );
}
