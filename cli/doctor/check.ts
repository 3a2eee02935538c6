/** One thing that `picket doctor` looks at, and what it found. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do, when it is not ok. */
  readonly advice?: string;
}

export const lineOf = ({ name, ok, found, advice }: Check): string =>
  `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(26)} ${found}${ok || advice === undefined ? '' : `\n     -> ${advice}`}`;

export interface BoundedCheck {
  readonly name: string;
  readonly timeoutMs: number;
  /** What to do when it takes longer, or fails with an error that `explain` knows nothing of. */
  readonly advice: string;
  /** A sentence that says what is wrong and what to do. */
  readonly explain: (error: unknown) => string | undefined;
}

/** Never rejects, and never takes longer; what it was waiting for may go on. */
export async function bounded(
  { name, timeoutMs, advice, explain }: BoundedCheck,
  run: () => Promise<Check | readonly Check[]>,
): Promise<readonly Check[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Check>((resolve) => {
    const found = `no answer within ${timeoutMs / 1000} s`;
    timer = setTimeout(() => resolve({ name, ok: false, found, advice }), timeoutMs);
  });
  const failed = (error: unknown): Check => ({
    name,
    ok: false,
    found: `failed (${error instanceof Error ? error.name : 'unknown error'})`,
    advice: explain(error) ?? advice,
  });
  try {
    return [await Promise.race([run().catch(failed), tooLong])].flat();
  } finally {
    clearTimeout(timer);
  }
}
