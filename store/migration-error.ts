/** Why migrations cannot go on; the message says what to do. */
export const MIGRATION_ERROR_CODES = {
  migration_name: 'A file in the folder of migrations is misnamed.',
  migration_changed: 'A migration that was applied has other contents now.',
  migration_unknown: 'The database has a migration that this build does not know.',
  migration_locked: 'Another process is migrating the same database.',
} as const;

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly code: keyof typeof MIGRATION_ERROR_CODES;

  constructor(code: MigrationError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
