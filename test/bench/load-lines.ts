/** Events of a load, to be sent again and again, each time under another id, at another time and in another session. */
export interface LoadLines {
  readonly count: number;
  /** The line at `index`, below `count`; `round` is a part of the name of its session. */
  line(index: number, round: number, id: string, timeMs: number): Buffer;
}

/**
 * They stand as bytes in one block: the sender is a part of the process that is measured, and whoever sends to Picket does not leave his events in its heap, for its
 * collector to look through.
 */
export function loadLines(lines: readonly Buffer[]): LoadLines {
  const parsed = lines.map(separate);
  const block = Buffer.concat(parsed.map(({ rest }) => rest));
  const sessions = parsed.map(({ session }) => session);
  const ends = new Uint32Array(parsed.length);
  let end = 0;
  for (const [index, { rest }] of parsed.entries()) {
    end += rest.length;
    ends[index] = end;
  }
  return {
    count: lines.length,
    line(index, round, id, timeMs) {
      const session = sessions[index];
      const named = session === undefined ? '' : `"session":${JSON.stringify({ id: `${session}-${round}` })},`;
      const head = Buffer.from(`{"id":${JSON.stringify(id)},"time":${timeMs},${named}`);
      return Buffer.concat([head, block.subarray(ends[index - 1] ?? 0, ends[index])]);
    },
  };
}

interface Separated {
  readonly session: string | undefined;
  /** What else the event has, behind the opening brace. */
  readonly rest: Buffer;
}

function separate(line: Buffer): Separated {
  const {
    id: _,
    time: __,
    session,
    ...rest
  } = JSON.parse(line.toString()) as { session?: { readonly id: string } } & Record<string, unknown>;
  return { session: session?.id, rest: Buffer.from(JSON.stringify(rest).slice(1)) };
}
