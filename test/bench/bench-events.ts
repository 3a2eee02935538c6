/** The events of a simulated fleet, as bytes and as entries of the log: the same work for everything that is compared. */
import { simulateFleet } from '../../cli/simulate/fleet.ts';
import { createIntake, type Intake } from '../../ingest/intake.ts';
import type { EventEntry } from '../../ingest/log.ts';
import { createNormaliser } from '../../ingest/normalise.ts';

export const BENCH_TENANT = 'default';

export const fleetLines = (count: number): Buffer[] =>
  simulateFleet({ seed: 'bench', agents: count > 20_000 ? 150 : 20, days: 21 })
    .events.slice(0, count)
    .map((event) => Buffer.from(JSON.stringify(event)));

export const newIntake = (): Intake =>
  createIntake({ normalise: createNormaliser({ redactionKey: new Uint8Array(32) }) });

export function admitAll(lines: readonly Buffer[], intake: Intake, receivedMs: number): EventEntry[] {
  return lines.flatMap((line, i) => {
    const place = { source: 'bench', sourcePosition: String(i), fallbackId: String(i) };
    const admitted = intake.admit(line, { tenant: BENCH_TENANT, receivedMs, ...place });
    return admitted.ok ? [admitted.entry] : [];
  });
}

export function withoutContent(line: Buffer): Buffer {
  const { content: _, ...rest } = JSON.parse(line.toString()) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(rest));
}

export function parseAll(lines: readonly Buffer[]): void {
  for (const line of lines) JSON.parse(line.toString());
}

/** The same events under ids of their own: a repeat would cost less. */
export function freshIds(lines: readonly Buffer[], round: number): Buffer[] {
  const prefix = `{"id":"r${round}-`;
  return lines.map((line, i) => {
    const { id: _, ...rest } = JSON.parse(line.toString()) as Record<string, unknown>;
    return Buffer.from(`${prefix}${i}",${JSON.stringify(rest).slice(1)}`);
  });
}

export function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
