import cliProgress from 'cli-progress';
import type { Terminal } from './context.ts';

export interface Progress {
  update(done: number, note?: string): void;
  end(): void;
}

/** A bar on a terminal, nothing in a pipe. `total` 0: unknown, only counts are shown. */
export function startProgress(terminal: Terminal, title: string, total: number, unit: string): Progress {
  if (!terminal.interactive) return { update: () => {}, end: () => {} };
  const format =
    total > 0 ? `${title} [{bar}] {percentage}% {value}/{total} ${unit} {note}` : `${title} {value} ${unit} {note}`;
  const bar = new cliProgress.SingleBar(
    { format, hideCursor: true, clearOnComplete: false, stream: process.stderr },
    cliProgress.Presets.rect,
  );
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => bar.update(done, { note }),
    end: () => bar.stop(),
  };
}
