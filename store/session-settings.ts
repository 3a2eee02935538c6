/**
 * Settings that hold for everything a store does, the same embedded and on a server. They are given once, when a connection
 * opens: the embedded engine would keep a setting of one query for all later ones.
 */
export const SESSION_SETTINGS = {
  /** Batches are formed here; the server must not hold rows back to form its own. */
  async_insert: 0,
  /** An unknown field would be dropped in silence. */
  input_format_skip_unknown_fields: 0,
  /** A null would turn into the column's default in silence. */
  input_format_null_as_default: 0,
  /** UInt64 as a JSON number: exact up to 2^53-1, and the row check lets nothing larger in. */
  output_format_json_quote_64bit_integers: 0,
  /** `2026-01-01T00:00:00.123Z`: what Date.parse reads alike in every time zone. The default format is read as local time. */
  date_time_output_format: 'iso',
} as const;

export const DEFAULT_DATABASE = 'picket';

/**
 * A database or table name, for the places in a statement where a parameter cannot stand.
 * Throws TypeError for anything but letters, digits and underscores: such a name is a mistake in the program or the configuration.
 */
export function quoteName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
    throw new TypeError(
      `${JSON.stringify(name)} is no name for a table, column or database: use letters, digits and _.`,
    );
  }
  return `\`${name}\``;
}
