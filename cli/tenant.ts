/** The tenant of an installation that has only one, and of whoever runs Picket. */
export const DEFAULT_TENANT = 'default';
