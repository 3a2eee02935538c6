/** Data flows one way; each room may import only what stands before it. */
const room = (name, ...mayNot) => ({
  name: `${name}-direction`,
  severity: 'error',
  from: { path: `^${name}/` },
  to: { path: `^(${mayNot.join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'nobody-imports-cli', severity: 'error', from: { pathNot: '^(cli|test)/' }, to: { path: '^cli/' } },
    { name: 'nobody-imports-test', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    room('store', 'ingest', 'baselines', 'detectors', 'alerts', 'api'),
    room('ingest', 'baselines', 'detectors', 'alerts', 'api'),
    room('baselines', 'detectors', 'alerts', 'api'),
    room('detectors', 'alerts', 'api', 'store'),
    room('alerts', 'api'),
    {
      name: 'only-store-files-touch-the-store',
      comment: "Each room's store file imports the store; the rest of the room stays pure.",
      severity: 'error',
      from: { path: '^(ingest|baselines|detectors|alerts)/', pathNot: '-store\\.ts$' },
      to: { path: '^store/' },
    },
    {
      name: 'simulation-knows-only-the-event',
      severity: 'error',
      from: { path: '^cli/simulate/' },
      to: { path: '^(baselines|detectors|alerts|api|store)/' },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
