/** Filters of a list: fixed SQL text per filter, values only as parameters. Filters that are absent are left out. */
export interface Conditions {
  /** Begins with AND, or is empty. */
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `available` maps a filter to its SQL; the parameter of a filter has the filter's name. */
export function conditions<Name extends string>(
  available: Readonly<Record<Name, string>>,
  given: { readonly [N in Name]?: unknown },
): Conditions {
  const names = (Object.keys(available) as Name[]).filter((name) => given[name] !== undefined);
  return {
    sql: names.map((name) => `AND ${available[name]}`).join('\n  '),
    params: Object.fromEntries(names.map((name) => [name, given[name]])),
  };
}
