/**
 * Playbooks: which alerts go to which webhook. One YAML file each; `playbooks/example-soar.yaml` explains every field. A file that
 * is wrong disables itself and nothing else.
 */
import type { AlertNotice } from './notice.ts';
import { type Playbook, type PlaybookSource, readPlaybook, type SecretLookup } from './playbook-file.ts';
import type { Fault } from './positioned-yaml.ts';

export type { Playbook, PlaybookSource, SecretLookup } from './playbook-file.ts';

/** Files beyond this number are refused with an error. */
export const PLAYBOOKS_MAX = 256;

export interface PlaybookError extends Fault {
  readonly file: string;
}

/**
 * Playbooks of the files that are right, in the order of the files, and every fault of the others. With `detectors`, a name in
 * `when.detectors` that is not among them is a fault: such a playbook would wait in silence for ever.
 */
export function loadPlaybooks(
  files: readonly PlaybookSource[],
  lookup: SecretLookup,
  detectors?: readonly string[],
): { playbooks: Playbook[]; errors: PlaybookError[] } {
  const playbooks = new Map<string, Playbook>();
  const errors: PlaybookError[] = [];
  for (const [index, file] of files.entries()) {
    const { playbook, faults } = index < PLAYBOOKS_MAX ? readPlaybook(file, lookup, detectors) : tooMany;
    const clash = playbook === null ? undefined : playbooks.get(playbook.name);
    if (playbook !== null && clash === undefined) playbooks.set(playbook.name, playbook);
    const all = clash === undefined ? faults : [...faults, sameName(clash)];
    errors.push(...all.map((fault) => ({ file: file.path, ...fault })));
  }
  return { playbooks: [...playbooks.values()], errors };
}

const tooMany = {
  playbook: null,
  faults: [{ line: 1, column: 1, message: `More than ${PLAYBOOKS_MAX} playbooks; this file is left out.` }],
};

function sameName(first: Playbook): Fault {
  const message = `The name ${first.name} is taken by ${first.file}; this file is left out. Choose another name.`;
  return { line: 1, column: 1, message };
}

/** True when the alert is to be sent to the playbook's webhook. Throttling is not asked here. */
export function matches(playbook: Playbook, alert: AlertNotice): boolean {
  const { severityMin, detectors, agentKinds, tenants, onBackfill } = playbook.when;
  const allows = (list: readonly string[], value: string) => list.length === 0 || list.includes(value);
  return (
    playbook.enabled &&
    alert.severity >= severityMin &&
    (onBackfill || !alert.backfill) &&
    allows(detectors, alert.detector) &&
    allows(agentKinds, alert.agentKind) &&
    allows(tenants, alert.tenant)
  );
}
