/**
 * Something stored, or a record of the log, is of a later format than this build knows. Whoever meets it must stop: going on without it, or
 * from an older state, would write states beside those of the newer build that have not learned what it has learned.
 */
export class NewerBuild extends Error {
  override readonly name = 'NewerBuild';
  readonly code = 'newer_build';
  readonly format: number;

  constructor(what: string, format: number, known: number) {
    super(
      `${what} is of format ${format}, and this build reads up to ${known}: a newer build has been at work. Use that build, or a later one; ` +
        'nothing was changed.',
    );
    this.format = format;
  }
}
